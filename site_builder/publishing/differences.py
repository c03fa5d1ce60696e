"""How two values of a plan differ, as lines for people: short values whole, long ones only around what changed."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping

CONTEXT = 30
"""Characters shown on each side of a change within one line."""

WIDTH = 120
"""Values up to this many characters are shown whole."""


def difference(before: str | None, after: str | None) -> Iterator[str]:
    """The fields that differ where both are JSON objects, one level deep; the whole texts otherwise."""
    old, new = _fields(before), _fields(after)
    if old is None or new is None:
        yield f"{before} -> {after}"
        return
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            yield from _of_field(name, old.get(name), new.get(name))


def diff(before: str | None, after: str | None) -> Iterator[str]:
    """The same as a diff has it: lines that begin with ``-`` or ``+``, and with a blank what is there to find them."""
    old, new = _fields(before), _fields(after)
    if old is None or new is None:
        pairs = zip("-+", _shortened(before or "", after or ""), (before, after), strict=True)
        yield from (f"{sign} {text}" for sign, text, value in pairs if value is not None)
        return
    for name in sorted({*old, *new}):
        one, other = old.get(name), new.get(name)
        if one == other:
            continue
        if _is_text(one, other):
            yield f"  {name}:"
            yield from (line[2:] for line in _lines(str(one), str(other)))
            continue
        shown = zip("-+", _shortened(_shown(one), _shown(other)), (one, other), strict=True)
        yield from (f"{sign} {name}: {text}" for sign, text, value in shown if value is not None)


def _is_text(old: object, new: object) -> bool:
    """Whether two values are compared line by line."""
    return isinstance(old, str) and isinstance(new, str) and ("\n" in old or "\n" in new)


def _fields(text: str | None) -> dict[str, object] | None:
    """The members of a JSON object, those of objects in it by ``name.member``."""
    try:
        value = json.loads(text or "")
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    flat: dict[str, object] = {}
    for name, member in value.items():
        inner = member if isinstance(member, Mapping) else None
        flat.update({f"{name}.{key}": one for key, one in inner.items()} if inner else {name: member})
    return flat


def _of_field(name: str, old: object, new: object) -> Iterator[str]:
    if _is_text(old, new):
        yield f"{name}:"
        yield from _lines(str(old), str(new))
        return
    shown = _shortened(_shown(old), _shown(new))
    yield f"{name}: {shown[0]}"
    yield f"{' ' * len(name)}→ {shown[1]}"


def _lines(old: str, new: str) -> Iterator[str]:
    """The lines that differ and one around each, as ``diff -U1`` gives them; a changed line is shortened."""
    before, after = old.splitlines(), new.splitlines()
    for tag, low, high, least, most in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        if low:
            yield f"    {_cut(before[low - 1])}"
        pairs = [_shortened(one, other) for one, other in zip(before[low:high], after[least:most], strict=False)]
        both = len(pairs)
        yield from (
            f"  - {one}" for one in [one for one, _ in pairs] + [_cut(line) for line in before[low + both : high]]
        )
        yield from (
            f"  + {one}" for one in [one for _, one in pairs] + [_cut(line) for line in after[least + both : most]]
        )
        if high < len(before):
            yield f"    {_cut(before[high])}"


def _shortened(old: str, new: str) -> tuple[str, str]:
    """Both lines, without what they have in common further away from the change than CONTEXT."""
    if max(len(old), len(new)) <= WIDTH:
        return old, new
    start = _common(old, new)
    end = min(_common(old[::-1], new[::-1]), len(old) - start, len(new) - start)
    skipped, left = max(0, start - CONTEXT), max(0, end - CONTEXT)

    def around(text: str) -> str:
        return ("…" if skipped else "") + text[skipped : len(text) - left] + ("…" if left else "")

    return _cut(around(old), 4 * WIDTH), _cut(around(new), 4 * WIDTH)


def _common(one: str, other: str) -> int:
    """How many characters the two begin with in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (mine, theirs) in pairs if mine != theirs), min(len(one), len(other)))


def _cut(line: str, most: int = WIDTH) -> str:
    return line if len(line) <= most else line[: most - 1] + "…"


def _shown(value: object) -> str:
    return "(not set)" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)

"""theme.yaml of one theme -> ThemeFile, every fault with its line.

    name: Plain                      # what people call it
    description: A quiet page.       # one line
    inherits: plain                  # optional: another theme, whose files stand in for those it does not have
    shows: [logo, tagline, colors]   # optional: what of a site's own it shows
    contrast:                        # optional: what has to be told apart, as custom properties of its stylesheet
      text: [ink on paper]           # 4.5:1
      lines: [edge on paper]         # 3:1

A theme that inherits and leaves out ``shows`` or ``contrast`` has those of the theme it inherits from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..catalog.plain_style import Item, core_scalar
from ..errors import Fault, InvalidInput, from_os_error

TEXTS = ("name", "description")
FIELDS = (*TEXTS, "inherits", "shows", "contrast")
SHOWS = ("logo", "tagline", "colors")
KINDS: Mapping[str, float] = {"text": 4.5, "lines": 3.0}
"""The least contrast of text, and of lines and shapes that mean something (WCAG 2.2, 1.4.3 and 1.4.11)."""

_LINE = re.compile(r"(  )?([a-z_]+):(?: +(?:\[([a-z, -]*)\]|([A-Za-z0-9][^:#\[\]{}]*)))?(?: +#.*)?")
_ITEM = re.compile(r"    - ([a-z][a-z -]*)(?: +#.*)?")
_PAIR = re.compile(r"([a-z][a-z0-9-]*) on ([a-z][a-z0-9-]*)")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two custom properties that stand on each other, and the contrast they need. ``where`` is the line with it."""

    front: str
    ground: str
    kind: str
    where: str

    @property
    def needs(self) -> float:
        """The least contrast ratio."""
        return KINDS[self.kind]


@dataclass(frozen=True, slots=True)
class ThemeFile:
    """What a theme.yaml says. ``shows`` and ``contrast`` are None where it says nothing. ``lines`` are of its keys."""

    name: str
    description: str
    inherits: str | None
    shows: frozenset[str] | None
    contrast: tuple[Pair, ...] | None
    lines: Mapping[str, int]


def read_theme_file(path: Path, shown: str) -> ThemeFile:
    """Read a theme.yaml, which people know as ``shown``. Raises InvalidInput with every fault, LocalFilesFailed."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput([Fault(shown, "is not UTF-8")]) from None
    except OSError as error:
        raise from_os_error(error, path, "read the theme") from error
    items = _plain(text)
    if items is None:
        from ..catalog.whole_yaml import read_whole_yaml  # takes longer to import than a theme to render a page

        items = read_whole_yaml(text, shown) if text.strip() else {}
    faults = list(_faults(items, shown))
    if faults:
        raise InvalidInput(faults)
    values = {key: item.value for key, item in items.items()}
    contrast = values.get("contrast")
    return ThemeFile(
        name=str(values["name"]).strip(),
        description=str(values["description"]).strip(),
        inherits=str(values["inherits"]) if "inherits" in values else None,
        shows=frozenset(_texts(values["shows"])) if "shows" in values else None,
        contrast=tuple(_pairs(contrast, shown)) if isinstance(contrast, dict) else None,
        lines={key: item.line for key, item in items.items()},
    )


def _plain(text: str) -> dict[str, Item] | None:
    """What a theme.yaml holds that is written as shown above, its lists on one line or as lines with a dash; None where
    another way needs a whole YAML reader.
    """
    items: dict[str, Item] = {}
    inner: dict[str, Item] | None = None
    open_list = ""
    for number, line in enumerate(map(str.rstrip, text.split("\n")), 1):
        if not line or line.startswith("#"):
            continue
        if (part := _ITEM.fullmatch(line)) and inner and open_list:
            before = inner[open_list]
            parts = before.value if isinstance(before.value, tuple) else ()
            inner[open_list] = Item((*parts, part[1].strip()), before.line)
            continue
        found = _LINE.fullmatch(line)
        if not found:
            return None
        indented, key, several, single = found.groups()
        target = inner if indented else items
        if target is None or key in target:
            return None
        value: object = {}
        if several is not None:
            value = tuple(part.strip() for part in several.split(",")) if several.strip() else ()
        elif single is not None:
            value = core_scalar(single.strip())
        elif indented:
            value = None
        target[key] = Item(value, number)
        open_list = key if value is None else ""
        if not indented:
            inner = value if isinstance(value, dict) else None
    return {key: Item(None, item.line) if item.value == {} else item for key, item in items.items()}


def _faults(items: Mapping[str, Item], shown: str) -> Iterator[Fault]:
    for name in TEXTS:
        item = items.get(name)
        if item is None:
            yield Fault(shown, f"{name} is missing; it is a line of text")
        elif not isinstance(item.value, str) or not item.value.strip():
            yield Fault(f"{shown}:{item.line}", f"{name}: must be a line of text")
    for name, item in items.items():
        where = f"{shown}:{item.line}"
        if name not in FIELDS:
            yield Fault(where, f"{name}: unknown key; there are: {', '.join(FIELDS)}")
        elif name == "inherits" and not isinstance(item.value, str):
            yield Fault(where, "inherits: must be the name of a theme")
        elif name == "shows" and (not isinstance(item.value, tuple) or not set(_texts(item.value)) <= set(SHOWS)):
            yield Fault(where, f"shows: must be a list of some of: {', '.join(SHOWS)}")
        elif name == "contrast":
            yield from _contrast_faults(item, shown)


def _contrast_faults(item: Item, shown: str) -> Iterator[Fault]:
    if not isinstance(item.value, dict) or not item.value:
        yield Fault(f"{shown}:{item.line}", "contrast: must have lists under text and lines")
        return
    for kind, pairs in item.value.items():
        where = f"{shown}:{pairs.line}"
        if kind not in KINDS:
            yield Fault(where, f"contrast.{kind}: unknown key; there are: {', '.join(KINDS)}")
        elif not isinstance(pairs.value, tuple):
            yield Fault(where, f"contrast.{kind}: must be a list like [ink on paper]")
        else:
            for pair in _texts(pairs.value):
                if not _PAIR.fullmatch(pair):
                    yield Fault(where, f"contrast.{kind}: '{pair}' is not a pair like ink on paper")


def _pairs(contrast: Mapping[str, Item], shown: str) -> Iterator[Pair]:
    for kind, item in contrast.items():
        for text in _texts(item.value):
            front, _, ground = text.partition(" on ")
            yield Pair(front, ground, kind, f"{shown}:{item.line}")


def _texts(value: object) -> list[str]:
    return [str(part) for part in value] if isinstance(value, tuple) else []

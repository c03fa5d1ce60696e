"""Themes: folders of templates. A project's own ``templates/`` is searched before the one that ships.

A theme is ``templates/NAME/`` with ``theme.yaml`` (name, description), ``page.html.j2``, ``page.md.j2`` and whatever
these include. What a theme does not hold is looked for in ``templates/_shared/``.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import Fault, InvalidInput, from_os_error

SHARED = "_shared"
DESCRIPTION = "theme.yaml"
FIELDS = ("name", "description")


@dataclass(frozen=True, slots=True)
class Theme:
    """One theme: ``key`` is its folder and what errgen.toml says, ``name`` and ``description`` are for people."""

    key: str
    name: str
    description: str


def themes(template_folders: Sequence[Path]) -> tuple[Theme, ...]:
    """Every theme there is, by key. Raises InvalidInput with every fault in their ``theme.yaml`` files."""
    faults: list[Fault] = []
    found = []
    for key in theme_names(template_folders):
        path = next(path for root in template_folders if (path := root / key / DESCRIPTION).is_file())
        theme = _describe(key, path, faults)
        if theme:
            found.append(theme)
    if faults:
        raise InvalidInput(faults, hint='a theme.yaml holds two lines: "name: …" and "description: …"')
    return tuple(found)


def theme_names(template_folders: Sequence[Path]) -> list[str]:
    """The folders with a ``theme.yaml``, sorted."""
    return sorted({path.parent.name for root in template_folders for path in root.glob(f"*/{DESCRIPTION}")})


def search_path(template_folders: Sequence[Path], theme: str, where: str) -> list[Path]:
    """The folders in which templates of ``theme`` are looked for, in order. Raises InvalidInput for an unknown one."""
    known = theme_names(template_folders)
    if theme not in known:
        near = difflib.get_close_matches(theme, known, n=1)
        hint = f"did you mean {near[0]}?" if near else "choose one of them, or make your own with a theme.yaml in it"
        message = f"there is no theme '{theme}'; there are: {', '.join(known) or 'none'}"
        raise InvalidInput([Fault(where, message)], hint=hint)
    return [root / name for name in (theme, SHARED) for root in template_folders]


def shown(path: Path, template_folders: Sequence[Path]) -> str:
    """A template's path as its user knows it: ``templates/plain/page.html.j2``."""
    for root in template_folders:
        if path.is_relative_to(root):
            return (Path(root.name) / path.relative_to(root)).as_posix()
    return path.as_posix()


def _describe(key: str, path: Path, faults: list[Fault]) -> Theme | None:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    where = shown(path, [path.parent.parent])
    try:
        content: Any = YAML(typ="rt", pure=True).load(path.read_text("utf-8"))
    except OSError as error:
        raise from_os_error(error, path, "read the theme") from error
    except UnicodeDecodeError:
        faults.append(Fault(where, "is not UTF-8"))
        return None
    except YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        problem = (error.problem if isinstance(error, MarkedYAMLError) else None) or "is not YAML"
        faults.append(Fault(f"{where}:{mark.line + 1}" if mark else where, problem))
        return None
    before = len(faults)
    values = content if isinstance(content, dict) else {}
    faults += [
        Fault(where, f"{field} is missing; it is a line of text")
        for field in FIELDS
        if not isinstance(values.get(field), str) or not values[field].strip()
    ]
    faults += [
        Fault(f"{where}:{content.lc.key(field)[0] + 1}", f"{field}: unknown key; there are: {', '.join(FIELDS)}")
        for field in values
        if field not in FIELDS
    ]
    return Theme(key, values["name"].strip(), values["description"].strip()) if len(faults) == before else None

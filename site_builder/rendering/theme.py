"""Themes: folders of templates. A project's own ``templates/`` is searched before the one that ships.

A theme is ``templates/NAME/`` with ``theme.yaml`` (see ``theme_file.py``), ``page.html.j2``, ``style.css`` and whatever
these include. What a theme does not hold is looked for in the theme that it inherits from, and so on, and then in
``templates/_shared/``. ``NAME/FILE`` names the file of one theme: ``{% extends "plain/page.html.j2" %}``.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import Fault, InvalidInput
from .theme_file import Pair, ThemeFile, read_theme_file

SHARED = "_shared"
DESCRIPTION = "theme.yaml"
SHIPPED = "<errgen>/"
"""What the name of a file begins with that comes with errgen."""
INSTALLED = Path(__file__).resolve().parent.parent / "shipped"
"""Where such files are in a wheel. In errgen's own repository they are the project's."""
HINT = 'a theme.yaml has at least "name: …" and "description: …"; the README has the rest: "A theme of your own"'


@dataclass(frozen=True, slots=True)
class Theme:
    """One theme: ``key`` is its folder and what errgen.toml says, ``name`` and ``description`` are for people.

    ``inherits`` are the themes whose files stand in for its own, the nearest first. ``shows`` is what of a site's own
    it shows: ``logo``, ``tagline``, ``colors``. ``contrast`` are the pairs of colours that have to be told apart.
    """

    key: str
    name: str
    description: str
    inherits: tuple[str, ...] = ()
    shows: frozenset[str] = frozenset()
    contrast: tuple[Pair, ...] = ()


def themes(template_folders: Sequence[Path]) -> tuple[Theme, ...]:
    """Every theme there is, by key. Raises InvalidInput with every fault in their ``theme.yaml`` files."""
    faults: list[Fault] = []
    found = []
    for key in theme_names(template_folders):
        try:
            found.append(_described(template_folders, key))
        except InvalidInput as invalid:
            faults += invalid.faults
    if faults:
        raise InvalidInput(list(dict.fromkeys(faults)), hint=HINT)
    return tuple(found)


def theme_names(template_folders: Sequence[Path]) -> list[str]:
    """The folders with a ``theme.yaml``, sorted."""
    return sorted({path.parent.name for root in template_folders for path in root.glob(f"*/{DESCRIPTION}")})


def find_theme(template_folders: Sequence[Path], key: str, where: str) -> Theme:
    """The theme ``key``. Raises InvalidInput at ``where`` where it is not there, at its theme.yaml for faults."""
    if not _file(template_folders, key):
        known = theme_names(template_folders)
        near = difflib.get_close_matches(key, known, n=1)
        hint = f"did you mean {near[0]}?" if near else "choose one of them, or make your own with a theme.yaml in it"
        message = f"there is no theme '{key}'; there are: {', '.join(known) or 'none'}"
        raise InvalidInput([Fault(where, message)], hint=hint)
    return _described(template_folders, key)


def search_path(template_folders: Sequence[Path], theme: Theme) -> list[Path]:
    """The folders in which templates of ``theme`` are looked for, in order."""
    return [root / name for name in (theme.key, *theme.inherits, SHARED) for root in template_folders]


def shown(path: Path, template_folders: Sequence[Path]) -> str:
    """A template's path as its user knows it: ``templates/plain/page.html.j2``, and one that ships with errgen and is
    not the project's own ``<errgen>/templates/plain/page.html.j2``.
    """
    for root in template_folders:
        if path.is_relative_to(root):
            ships = root.parent == INSTALLED or root != template_folders[0]
            return (SHIPPED if ships else "") + (Path(root.name) / path.relative_to(root)).as_posix()
    return path.as_posix()


def _described(template_folders: Sequence[Path], key: str) -> Theme:
    """The theme ``key`` with what it has from those it inherits from."""
    files: dict[str, ThemeFile] = {}
    heir, where = key, ""
    while True:
        path = _file(template_folders, heir)
        if path is None:
            known = [name for name in theme_names(template_folders) if name not in files]
            near = difflib.get_close_matches(heir, known, n=1)
            message = f"inherits: there is no theme '{heir}'; " + (
                f"did you mean {near[0]}?" if near else f"there are: {', '.join(known) or 'no others'}"
            )
            raise InvalidInput([Fault(where, message)], hint="name a folder of templates/ that has a theme.yaml")
        name = shown(path, template_folders)
        read = read_theme_file(path, name)
        files[heir] = read
        if read.inherits is None:
            break
        heir, where = read.inherits, f"{name}:{read.lines['inherits']}"
        if heir in files:
            message = f"inherits: goes round in a circle: {' → '.join((*files, heir))}"
            raise InvalidInput([Fault(where, message)], hint="leave inherits out of one of them")
    own = files[key]
    shows = next((file.shows for file in files.values() if file.shows is not None), frozenset[str]())
    contrast = next((file.contrast for file in files.values() if file.contrast is not None), ())
    return Theme(key, own.name, own.description, tuple(files)[1:], shows, contrast)


def _file(template_folders: Sequence[Path], key: str) -> Path | None:
    return next((path for root in template_folders if (path := root / key / DESCRIPTION).is_file()), None)

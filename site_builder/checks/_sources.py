"""The lines of the files that a site is made from, to say where a word or a tag was written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from ..model import Source
from ..rendering import HTML_TEMPLATE
from ..rendering.theme import Theme, search_path, shown

_SHIPPED = "<errgen>/"


class CatalogLines:
    """The files of the catalog. ``folders`` are what ships first and the ``project``'s own last, where it has one."""

    def __init__(self, folders: Sequence[Path], project: Path) -> None:
        self._folders = folders
        self._own = project.resolve() / "catalog"

    def place_of(self, source: Source, name: str, needle: str = "") -> str:
        """The ``file:line`` of field ``name`` of what is named at ``source``; of ``needle`` in it where it is found.

        ``needle`` may also be broken over two lines or not be there as it is said: then it is the field's line.
        """
        lines = self._lines(source.file)
        field = None
        for number in range(source.line, len(lines)):
            line = lines[number]
            if line and not line.startswith((" ", "#")):
                break
            if line.startswith("  ") and not line.startswith("   "):
                if field is not None:
                    break
                if line.strip().startswith(f"{name}:"):
                    field = number + 1
            if field is not None and needle and needle in line:
                return f"{source.file}:{number + 1}"
        return f"{source.file}:{field or source.line}"

    def place_of_string(self, tag: str, key: str) -> str:
        """The ``file:line`` of a string of the interface: the project's own where it has one."""
        for folder in reversed(self._folders):
            path = folder / "languages" / f"{tag}.yaml"
            lines = _read(path)
            number = next((number for number, line in enumerate(lines, 1) if line.startswith(f"  {key}:")), None)
            if number:
                prefix = "" if folder.resolve() == self._own else _SHIPPED
                return f"{prefix}{folder.resolve().name}/languages/{tag}.yaml:{number}"
        return f"catalog/languages/{tag}.yaml: interface.{key}"

    @lru_cache(maxsize=64)  # noqa: B019 - lives as long as one check of one site
    def _lines(self, file: str) -> list[str]:
        folder = self._folders[0] if file.startswith(_SHIPPED) else self._folders[-1]
        return _read(folder.parent / file.removeprefix(_SHIPPED))


class TemplateLines:
    """The files of a theme in the order in which templates are looked for."""

    def __init__(self, template_folders: Sequence[Path], theme: Theme) -> None:
        self._folders = tuple(template_folders)
        self._search_path = tuple(search_path(self._folders, theme))

    @property
    def page_template(self) -> str | None:
        """The file that a page begins with, to which something is to be added; None where the theme has none."""
        found = (path for folder in self._search_path if (path := folder / HTML_TEMPLATE).is_file())
        return next((shown(path, self._folders) for path in found), None)

    @lru_cache(maxsize=1024)  # noqa: B019 - lives as long as one check of one site
    def place_of(self, needle: str) -> str | None:
        """The ``templates/THEME/FILE:LINE`` that wrote ``needle``, None where it cannot be told.

        Where nothing in the files is like it, because a part of it was filled in, and it is a tag whose name stands in
        one line only, it is that line.
        """
        if place := next((place for place, line in self._lines() if needle in line), None):
            return place
        if tag := re.match(r"<[A-Za-z][A-Za-z0-9-]*", needle):
            opening = re.compile(re.escape(tag[0]) + r"(?![A-Za-z0-9-])")
            found = [place for place, line in self._lines() if opening.search(line)]
            return found[0] if len(found) == 1 else None
        return None

    @lru_cache(maxsize=1)  # noqa: B019 - lives as long as one check of one site
    def _lines(self) -> tuple[tuple[str, str], ...]:
        return tuple(
            (f"{shown(path, self._folders)}:{number}", line)
            for folder in self._search_path
            for path in sorted(folder.glob("*"))
            if path.suffix in (".j2", ".css", ".js")
            for number, line in enumerate(_read(path), 1)
        )


def _read(path: Path) -> list[str]:
    """The lines of a file; none where it is not there: it may be saved anew since it was built from."""
    try:
        return path.read_text("utf-8-sig", "replace").split("\n")
    except OSError:
        return []

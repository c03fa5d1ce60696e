"""A manifest's parsed JSON -> Manifest, every value checked by hand, so that reading one imports no validator."""

from __future__ import annotations

import re
from typing import Any, TypeVar, cast

from .model import EXTENSIONS, Codes, File, Format, Manifest, Origin, Rule, Scope

T = TypeVar("T")
_RANGE = re.compile(r"([0-9]{1,4})\.\.([0-9]{1,4})")
_FILE_KEYS = {"path", "sha256", "bytes", "media_type", "format", "language", "profile"}
_RULE_KEYS = {"codes", "origin", "format", "language", "page", "weight"}
_RULE_EXTRAS = {"status", "retry_after", "maintenance"}
_KEYS = {"schema_version", "release", "site", "theme", "languages", "files", "rules"}


class WrongShapeError(Exception):
    """A value is missing or of the wrong kind; ``path`` is its place in the JSON, ``files[3].bytes``."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


class Reader:
    """Reads one JSON object, ``path`` being where it stands in the document. Methods raise WrongShapeError."""

    def __init__(self, raw: object, path: str = "") -> None:
        if not isinstance(raw, dict):
            raise WrongShapeError(path, "is not an object")
        self._raw: dict[str, Any] = raw
        self._path = path

    def manifest(self) -> Manifest:
        """The whole document; the caller has checked its version."""
        self._keys(_KEYS, {"scopes"})
        return Manifest(
            site=self._text("site", r"[a-z0-9]+"),
            theme=self._text("theme"),
            languages=self._texts("languages"),
            files=tuple(Reader(raw, place)._file() for raw, place in self._items("files")),
            rules=tuple(Reader(raw, place)._rule() for raw, place in self._items("rules")),
            release=self._text("release", r"[0-9a-f]{64}"),
            scopes=tuple(Reader(raw, place)._scope() for raw, place in self._items("scopes"))
            if "scopes" in self._raw
            else (),
        )

    def _file(self) -> File:
        self._keys(_FILE_KEYS, {"code", "family", "csp"})
        if ("code" in self._raw) == ("family" in self._raw):
            raise WrongShapeError(self._path, "has to have either a code or a family")
        code = self._number("code", 100, 9999) if "code" in self._raw else None
        return File(
            # A path leads nowhere but into pages/: whoever reads a manifest opens what it names.
            path=self._text("path", r"pages(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+"),
            sha256=self._text("sha256", r"[0-9a-f]{64}"),
            bytes=self._number("bytes", 0),
            media_type=self._text("media_type"),
            format=self._format(),
            language=self._text("language"),
            profile=self._text("profile"),
            key=self._text("family") if code is None else str(code),
            code=code,
            csp=self._csp() if "csp" in self._raw else {},
        )

    def _rule(self) -> Rule:
        self._keys(_RULE_KEYS, _RULE_EXTRAS)
        weight = self._raw["weight"]
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not weight > 0:
            raise WrongShapeError(f"{self._path}.weight", "is not a number above 0")
        origin = self._text("origin", "edge|origin|any")
        return Rule(
            codes=self._codes(),
            origin=cast("Origin", origin),
            format=self._format(),
            language=self._text("language"),
            page=self._text("page", r"[A-Za-z0-9-]+/[A-Za-z0-9_-][A-Za-z0-9._-]*"),
            weight=weight,
            status=self._number("status", 100, 999) if "status" in self._raw else None,
            retry_after=self._number("retry_after", 1) if "retry_after" in self._raw else None,
            maintenance=self._true("maintenance") if "maintenance" in self._raw else False,
        )

    def _scope(self) -> Scope:
        self._keys({"format"}, {"hosts", "paths"})
        if not self._raw.keys() & {"hosts", "paths"}:
            raise WrongShapeError(self._path, "has neither hosts nor paths")
        return Scope(
            hosts=self._texts("hosts") if "hosts" in self._raw else (),
            paths=self._texts("paths") if "paths" in self._raw else (),
            format=self._format(),
        )

    def _csp(self) -> dict[str, tuple[str, ...]]:
        directives = Reader(self._raw["csp"], self._place("csp"))
        return {name: directives._texts(name) for name in directives._raw}

    def _true(self, key: str) -> bool:
        if self._raw[key] is not True:
            raise WrongShapeError(self._place(key), "is not true; where it does not hold it is left out")
        return True

    def _place(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def _keys(self, required: set[str], optional: set[str]) -> None:
        for key in sorted(required - self._raw.keys()):
            raise WrongShapeError(self._place(key), "is missing")
        for key in sorted(self._raw.keys() - required - optional):
            raise WrongShapeError(self._place(key), "is not a key of a manifest")

    def _text(self, key: str, pattern: str = r".+") -> str:
        value = self._raw[key]
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise WrongShapeError(self._place(key), f"is {value!r}, which is not of the form {pattern}")
        return value

    def _number(self, key: str, least: int, most: int | None = None) -> int:
        value = self._raw[key]
        if type(value) is not int or value < least or (most is not None and value > most):
            raise WrongShapeError(self._place(key), f"is {value!r}, which is no whole number in range")
        return value

    def _items(self, key: str) -> list[tuple[object, str]]:
        value = self._raw[key]
        if not isinstance(value, list):
            raise WrongShapeError(self._place(key), "is not a list")
        return [(item, f"{self._place(key)}[{index}]") for index, item in enumerate(value)]

    def _texts(self, key: str) -> tuple[str, ...]:
        items = self._items(key)
        for value, place in items:
            if not isinstance(value, str) or not value:
                raise WrongShapeError(place, "is not a text")
        if not items:
            raise WrongShapeError(self._place(key), "is empty")
        return tuple(cast("str", value) for value, _ in items)

    def _format(self) -> Format:
        return cast("Format", self._text("format", "|".join(EXTENSIONS)))

    def _codes(self) -> Codes:
        codes: list[tuple[int, int]] = []
        for value, place in self._items("codes"):
            match = _RANGE.fullmatch(value) if isinstance(value, str) else None
            if match:
                low, high = int(match[1]), int(match[2])
            elif type(value) is int:
                low = high = value
            else:
                raise WrongShapeError(place, f"is {value!r}, which is neither a code nor a range like '500..599'")
            if low > high or (codes and low <= codes[-1][1]):
                raise WrongShapeError(place, "is not above the codes before it")
            codes.append((low, high))
        if not codes:
            raise WrongShapeError(self._place("codes"), "is empty")
        return tuple(codes)

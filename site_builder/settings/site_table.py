"""``[site.NAME]`` of errgen.toml -> SiteSettings. Imports pydantic, so it is imported late."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

from pydantic import Field

from ..errors import Fault, InvalidInput, from_os_error
from ..model import FORMATS, Format, Logo, Maintenance, Scope, Site
from ..validation import HINT, Table, WebAddress, near_miss, validate
from . import CheckSettings, SiteSettings
from .values import (
    AbsoluteAddress,
    Color,
    HostPattern,
    LanguageTag,
    Link,
    PathPattern,
    Percent,
    Reason,
    Text,
    Texts,
    ThemeName,
    TimeZoneName,
)

TEXTS = ("title", "headline", "detail", "what_you_should_do")
EXTRA_FORMATS: Mapping[str, Format] = {"txt": "text", "xml": "xml"}
LOGO_TYPES: Mapping[str, str] = {".svg": "image/svg+xml", ".png": "image/png"}


class MaintenanceTable(Table):
    """``[site.NAME.maintenance]``. Times without an offset are in ``time_zone``, which is required for them."""

    start: datetime | None = Field(None, alias="from")
    until: datetime | None = None
    time_zone: TimeZoneName | None = Field(None, examples=["Europe/Berlin"])
    retry_after: int | None = Field(None, ge=1, le=21_600)
    still_works: Texts | None = None


class ScopeTable(Table):
    """``[[site.NAME.scope]]``: requests that get one format, whatever they accept."""

    hosts: list[HostPattern] = Field(default_factory=list, examples=[["api.example.com"]])
    paths: list[PathPattern] = Field(default_factory=list, examples=[["/api/*"]])
    format: Literal["html", "json", "problem", "markdown", "txt", "xml"]


class CheckTable(Table):
    """``[site.NAME.check]``."""

    complete: Percent = 100
    reviewed: Percent = 0
    off: dict[str, Reason] = Field(default_factory=dict, examples=[{"logo-too-large": "the logo is worth it"}])
    words: list[Text] = Field(default_factory=list, examples=[["Müllerei"]])
    cloudfront: list[Text] = Field(default_factory=list, examples=[["cloudfront.json"]])


class SiteTable(Table):
    """``[site.NAME]``. ``overrides`` are looked at by ``_overrides``, because languages are keys in it."""

    name: str = Field(min_length=1, max_length=100)
    theme: ThemeName = Field("plain", examples=["plain"])
    languages: list[LanguageTag] = Field(["en"], min_length=1, examples=[["en"]])
    home: Link
    contact: Link | None = None
    status_page: Link | None = None
    sign_in: Link | None = None
    type_base: AbsoluteAddress | None = None
    extra_formats: list[Literal["txt", "xml"]] = Field(default_factory=list, examples=[["txt", "xml"]])
    pages_url: WebAddress | None = None
    script: bool = False
    logo: Text | None = Field(None, examples=["logo.svg"])
    colors: dict[str, Color] = Field(default_factory=dict, examples=[{"accent": "#7a1fa2"}])
    tagline: Texts | None = None
    scope: list[ScopeTable] = Field(default_factory=list, examples=[[{"paths": ["/api/*"], "format": "json"}]])
    maintenance: MaintenanceTable | None = Field(None, examples=[{"retry_after": 1800}])
    check: CheckTable | None = Field(None, examples=[{"complete": 90}])
    overrides: dict[str, dict[str, Any]] = Field(
        default_factory=dict, examples=[{"404": {"headline": "This page has moved"}}]
    )
    host: dict[str, Any] | None = Field(None, examples=[{"kind": "directory", "path": "public"}])
    edge: list[dict[str, Any]] = Field(default_factory=list, examples=[[{"kind": "nginx"}]])


def read_site(name: str, table: object, where: str, project: Path) -> SiteSettings:
    """One site. Reads its logo. Raises InvalidInput with every fault, LocalFilesFailed where the logo is unreadable."""
    if not isinstance(table, dict):
        raise InvalidInput(
            [Fault(where, "is not a site's table; a site begins with its name: [site.default]")], hint=HINT
        )
    try:
        parsed = validate(SiteTable, table, where)
    except InvalidInput as invalid:
        raise InvalidInput([*invalid.faults, *_misspelt_texts(table, where)], hint=HINT) from None
    languages = tuple(parsed.languages)
    faults = []
    if len(set(languages)) != len(languages):
        faults.append(Fault(f"{where}.languages", "names a language twice"))
    overrides: dict[str, dict[str, dict[str, str]]] = {}
    faults += _overrides(parsed.overrides, languages, where, overrides)
    tagline = _by_language(parsed.tagline, languages, f"{where}.tagline", faults)
    maintenance = _maintenance(
        parsed.maintenance or MaintenanceTable.model_validate({}), languages, f"{where}.maintenance", faults
    )
    formats = (*FORMATS, *(EXTRA_FORMATS[one] for one in sorted(set(parsed.extra_formats))))
    scopes = tuple(_scopes(parsed.scope, formats, f"{where}.scope", faults))
    logo = _logo(parsed.logo, project, f"{where}.logo", faults) if parsed.logo else None
    if faults:
        raise InvalidInput(faults, hint=HINT)
    site = Site(
        name=name,
        title=parsed.name,
        theme=parsed.theme,
        languages=languages,
        home=parsed.home,
        contact=parsed.contact,
        status_page=parsed.status_page,
        type_base=parsed.type_base,
        sign_in=parsed.sign_in,
        formats=formats,
        pages_url=parsed.pages_url,
        script=parsed.script,
        logo=logo,
        colors={key: _six_digits(value) for key, value in parsed.colors.items()},
        tagline=tagline,
        maintenance=maintenance,
        scopes=scopes,
    )
    check = parsed.check or CheckTable()
    return SiteSettings(
        site,
        parsed.host,
        tuple(parsed.edge),
        overrides,
        CheckSettings(check.complete, check.reviewed, check.off, tuple(check.words), tuple(check.cloudfront)),
    )


def _misspelt_texts(table: Mapping[str, Any], where: str) -> Iterator[Fault]:
    """What is wrong in ``overrides`` of a table that has other faults, so that all are told at once."""
    for key, texts in table.get("overrides", {}).items() if isinstance(table.get("overrides", {}), dict) else ():
        for name, value in texts.items() if isinstance(texts, dict) else ():
            if not isinstance(value, dict):
                yield from _override({}, "", key, name, value, f"{where}.overrides.{key}.{name}")


def _six_digits(color: str) -> str:
    digits = color[1:].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def _overrides(
    tables: Mapping[str, Mapping[str, Any]],
    languages: tuple[str, ...],
    where: str,
    overrides: dict[str, dict[str, dict[str, str]]],
) -> Iterator[Fault]:
    """Sort ``overrides.KEY.FIELD`` (the default language) and ``overrides.KEY.LANGUAGE.FIELD`` by language."""
    for key, table in tables.items():
        for name, value in table.items():
            place = f"{where}.overrides.{key}.{name}"
            if name in languages and isinstance(value, dict):
                for field, text in value.items():
                    yield from _override(overrides, name, key, field, text, f"{place}.{field}")
            elif isinstance(value, dict):
                yield Fault(place, f"is not a language of the site{near_miss(name, languages)}")
            else:
                yield from _override(overrides, languages[0], key, name, value, place)


def _override(
    overrides: dict[str, dict[str, dict[str, str]]], language: str, key: str, field: str, text: object, place: str
) -> Iterator[Fault]:
    if field not in TEXTS:
        yield Fault(place, f"unknown key{near_miss(field, TEXTS)}")
    elif not isinstance(text, str) or not text.strip():
        yield Fault(place, "must be a text")
    else:
        overrides.setdefault(language, {}).setdefault(key, {})[field] = text


def _by_language(
    value: str | dict[str, str] | None, languages: tuple[str, ...], where: str, faults: list[Fault]
) -> dict[str, str]:
    """A text of the site's own: one, which is in its default language, or one for each language."""
    if value is None or isinstance(value, str):
        return {languages[0]: value} if value else {}
    faults += [
        Fault(f"{where}.{tag}", f"is not a language of the site{near_miss(tag, languages)}")
        for tag in value
        if tag not in languages
    ]
    return dict(value)


def _maintenance(table: MaintenanceTable, languages: tuple[str, ...], where: str, faults: list[Fault]) -> Maintenance:
    local = [key for key, time in (("from", table.start), ("until", table.until)) if time and not time.tzinfo]
    if local and table.time_zone is None:
        message = f"is required: there is no offset in {' and '.join(local)}; write for example"
        faults.append(Fault(f"{where}.time_zone", f'{message} "Europe/Berlin", or 2026-12-02T22:00:00+01:00 as a time'))
    zone = ZoneInfo(table.time_zone or "UTC")
    start = _moment(table.start, zone, f"{where}.from", faults)
    end = _moment(table.until, zone, f"{where}.until", faults)
    if start and end and start >= end:
        faults.append(Fault(f"{where}.until", "is not after from"))
    still_works = _by_language(table.still_works, languages, f"{where}.still_works", faults)
    return Maintenance(start, end, zone.key, table.retry_after, still_works)


def _scopes(
    tables: Sequence[ScopeTable], formats: Sequence[Format], where: str, faults: list[Fault]
) -> Iterator[Scope]:
    for index, table in enumerate(tables):
        wanted = EXTRA_FORMATS.get(table.format, cast("Format", table.format))
        if wanted not in formats:
            message = f'the site makes no {table.format} pages; add extra_formats = ["{table.format}"] to it'
            faults.append(Fault(f"{where}[{index}].format", message))
        if not table.hosts and not table.paths:
            message = 'needs hosts or paths: without both it would be for every request; write paths = ["/api/*"]'
            faults.append(Fault(f"{where}[{index}]", message))
        yield Scope(tuple(table.hosts), tuple(table.paths), wanted)


def _moment(time: datetime | None, zone: ZoneInfo, where: str, faults: list[Fault]) -> datetime | None:
    """``time``, in ``zone`` where it has no offset. A time that clocks in ``zone`` never show is a fault."""
    if time is None or time.tzinfo:
        return time
    moment = time.replace(tzinfo=zone)
    before, after = moment.utcoffset(), moment.replace(fold=1).utcoffset()
    if before is not None and after is not None and before < after:  # PEP 495: a gap
        shown = f"{time.isoformat()} does not exist in {zone.key}, where clocks are put forward over it"
        faults.append(Fault(where, f"{shown}; write for example {(time + after - before).isoformat()}"))
    return moment


def _logo(file: str, project: Path, where: str, faults: list[Fault]) -> Logo | None:
    """The file of a logo, SVG or PNG, which is in the project. What it holds is looked at when it is put into pages."""
    if Path(file).is_absolute() or Path(os.path.normpath(file)).parts[:1] == ("..",):
        fault = f"'{file}' is not in the project; copy the file beside errgen.toml and write \"{Path(file).name}\""
        faults.append(Fault(where, fault))
        return None
    kind = LOGO_TYPES.get(PurePosixPath(file).suffix.lower())
    path = project / file
    if kind is None:
        faults.append(Fault(where, f"'{file}' is neither an .svg nor a .png file"))
        return None
    try:
        return Logo(file, kind, path.read_bytes())
    except FileNotFoundError:
        faults.append(Fault(where, f"there is no file '{file}' in the project; the path begins beside errgen.toml"))
    except OSError as error:
        raise from_os_error(error, path, "read the logo") from error
    return None

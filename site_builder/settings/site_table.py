"""``[site.NAME]`` of errgen.toml -> SiteSettings. Imports pydantic, so it is imported late."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, PlainValidator

from ..errors import Fault, InvalidInput, from_os_error
from ..model import FORMATS, Format, Logo, Maintenance, Site
from ..validation import HINT, Table, WebAddress, near_miss, validate
from . import LINK_SCHEMES, CheckSettings, SiteSettings

TEXTS = ("title", "headline", "detail", "what_you_should_do")
EXTRA_FORMATS: Mapping[str, Format] = {"txt": "text", "xml": "xml"}
LOGO_TYPES: Mapping[str, str] = {".svg": "image/svg+xml", ".png": "image/png"}

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def _link(value: str) -> str:
    if not value.startswith(LINK_SCHEMES) or value in LINK_SCHEMES[:4] or re.search(r"[\s<>\"]", value):
        raise ValueError(f"'{value}' is not a link: it starts with https://, mailto:, tel: or / and has no blanks")
    return value


def _absolute(value: str) -> str:
    if re.search(r"[\s<>\"]", value):
        raise ValueError(f"'{value}' has blanks or quotation marks in it, which an address cannot have")
    if not value.startswith(("https://", "http://")):
        raise ValueError(f"'{value}' is not an absolute address: it starts with https://")
    return value if value.endswith(("/", "#")) else value + "/"


def _tag(value: str) -> str:
    if not _TAG.fullmatch(value):
        raise ValueError(f"'{value}' is not a language tag like en, de or pt-BR")
    return value


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (OSError, ValueError, KeyError):
        raise ValueError(f"there is no time zone '{value}'; it is a name like Europe/Berlin") from None
    return value


def _theme(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", value):
        raise ValueError(
            f"'{value}' is not a theme's name: it has only a-z, digits, _ and -, and begins with a-z or 0-9"
        )
    return value


def _color(value: str) -> str:
    if not re.fullmatch(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", value):
        raise ValueError(f"'{value}' is not a colour like #7a1fa2 or #fff")
    return value


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def _reason(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty: give the reason why you do not want this finding")
    return value


def _texts(value: object) -> object:
    """A text or a table of texts. Asked as a whole, because of a union's members each would have a fault of its own."""
    texts = value.values() if isinstance(value, dict) else (value,)
    if not all(isinstance(text, str) and text.strip() for text in texts):
        raise ValueError('must be a text, or a table with a text for each language: { en = "…", de = "…" }')
    return value


_Link = Annotated[str, AfterValidator(_link)]
_Text = Annotated[str, AfterValidator(_text)]
_Texts = Annotated[str | dict[str, str], PlainValidator(_texts)]
_Percent = Annotated[int, Field(ge=0, le=100)]


class MaintenanceTable(Table):
    """``[site.NAME.maintenance]``. Times without an offset are in ``time_zone``, which is required for them."""

    start: datetime | None = Field(None, alias="from")
    until: datetime | None = None
    time_zone: Annotated[str, AfterValidator(_time_zone)] | None = Field(None, examples=["Europe/Berlin"])
    retry_after: int | None = Field(None, ge=1, le=21_600)
    still_works: _Texts | None = None


class CheckTable(Table):
    """``[site.NAME.check]``."""

    complete: _Percent = 100
    reviewed: _Percent = 0
    off: dict[str, Annotated[str, AfterValidator(_reason)]] = Field(
        default_factory=dict, examples=[{"logo-too-large": "the logo is worth it"}]
    )
    words: list[_Text] = Field(default_factory=list, examples=[["Müllerei"]])
    cloudfront: list[_Text] = Field(default_factory=list, examples=[["cloudfront.json"]])


class SiteTable(Table):
    """``[site.NAME]``. ``overrides`` are looked at by ``_overrides``, because languages are keys in it."""

    name: str = Field(min_length=1, max_length=100)
    theme: Annotated[str, AfterValidator(_theme)] = Field("plain", examples=["plain"])
    languages: list[Annotated[str, AfterValidator(_tag)]] = Field(["en"], min_length=1, examples=[["en"]])
    home: _Link
    contact: _Link | None = None
    status_page: _Link | None = None
    sign_in: _Link | None = None
    type_base: Annotated[str, AfterValidator(_absolute)] | None = None
    extra_formats: list[Literal["txt", "xml"]] = Field(default_factory=list, examples=[["txt", "xml"]])
    pages_url: WebAddress | None = None
    script: bool = False
    logo: _Text | None = Field(None, examples=["logo.svg"])
    colors: dict[str, Annotated[str, AfterValidator(_color)]] = Field(
        default_factory=dict, examples=[{"accent": "#7a1fa2"}]
    )
    tagline: _Texts | None = None
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
        formats=(*FORMATS, *(EXTRA_FORMATS[one] for one in sorted(set(parsed.extra_formats)))),
        pages_url=parsed.pages_url,
        script=parsed.script,
        logo=logo,
        colors={key: _six_digits(value) for key, value in parsed.colors.items()},
        tagline=tagline,
        maintenance=maintenance,
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

"""What single values of errgen.toml may be: pydantic types, each with the message for what is none of its kind."""

from __future__ import annotations

import re
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, PlainValidator

from . import LINK_SCHEMES

MOST_ASTERISKS = 10
"""In one path: what Cloudflare's wildcard operator is known to take."""

_HOST = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*")
_PATH = re.compile(r"/[A-Za-z0-9._~/%*-]*")
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


def _host(value: str) -> str:
    if not _HOST.fullmatch(value.lower()):
        raise ValueError(
            f"'{value}' is not a host name like api.example.com or *.example.com, without https:// or port"
        )
    return value.lower()


def _path(value: str) -> str:
    if "**" in value or value.count("*") > MOST_ASTERISKS:
        raise ValueError(f"'{value}' has asterisks in a row, or more than {MOST_ASTERISKS}, which no edge takes")
    if not _PATH.fullmatch(value):
        raise ValueError(
            f"'{value}' is not a path: it starts with / and has only A-Z a-z 0-9 . _ ~ - / % and *, which stands for "
            "any characters, like /api/*"
        )
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


Link = Annotated[str, AfterValidator(_link)]
Text = Annotated[str, AfterValidator(_text)]
Texts = Annotated[str | dict[str, str], PlainValidator(_texts)]
Percent = Annotated[int, Field(ge=0, le=100)]
AbsoluteAddress = Annotated[str, AfterValidator(_absolute)]
LanguageTag = Annotated[str, AfterValidator(_tag)]
TimeZoneName = Annotated[str, AfterValidator(_time_zone)]
ThemeName = Annotated[str, AfterValidator(_theme)]
Color = Annotated[str, AfterValidator(_color)]
Reason = Annotated[str, AfterValidator(_reason)]
HostPattern = Annotated[str, AfterValidator(_host)]
PathPattern = Annotated[str, AfterValidator(_path)]

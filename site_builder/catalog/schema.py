"""What one entry, one family and one translation must look like. Imports pydantic, so it is imported late."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from ..model import Codes, WhoActs
from .codes import parse_codes

CATEGORIES = (
    *("client", "server", "origin", "cloudflare", "ssl"),
    *("access_denied", "rate_limit", "dns", "config", "tls", "legal", "worker", "rewrite", "snippet", "unsupported"),
)
"""Those of Cloudflare's page "Error responses", and ``client`` and ``server`` for the other HTTP codes."""

_Text = Annotated[str, StringConstraints(pattern=r"\S")]
_Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
_Category = Annotated[str, StringConstraints(pattern=f"^({'|'.join(CATEGORIES)})$")]
_HttpStatus = Annotated[int, Field(ge=400, le=599)]
_Seconds = Annotated[int, Field(ge=1, le=21_600)]
_Weight = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_Address = Annotated[str, StringConstraints(pattern=r"^https://[^\s<>\"/]+(/[^\s<>\"]*)?$")]

_EXPECTED = {
    "error_name": "a name like not_found: small letters, digits and _, a letter first",
    "retryable": "true, false or unknown",
    "retry_after": "a whole number of seconds from 1 to 21600",
    "owner_action_required": "true or false",
    "who_acts": "visitor, owner, both or network",
    "documentation": "an address that starts with https://",
    "weight": "a number greater than 0",
    "status": "an HTTP status from 400 to 599",
    "serve_status": "an HTTP status from 400 to 599",
    "shares_title_with": "the code or family that has the same title",
    "catch_all": "true or false",
    "category": f"one of {', '.join(CATEGORIES)}",
}
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "category": CATEGORIES,
    "who_acts": ("visitor", "owner", "both", "network"),
}


class Texts(BaseModel):
    """What a visitor reads, and all that a translation has."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    title: _Text
    headline: _Text
    detail: _Text
    what_you_should_do: _Text


class TranslatedTexts(BaseModel):
    """What a translation has, which may be unfinished."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    title: _Text | None = None
    headline: _Text | None = None
    detail: _Text | None = None
    what_you_should_do: _Text | None = None


class Common(Texts):
    """What entries and families have in common."""

    error_name: _Name
    category: _Category | None = None
    retryable: bool | Literal["unknown"]
    retry_after: _Seconds | None = None
    owner_action_required: bool | None = None
    who_acts: WhoActs
    documentation: _Address | None = None
    weight: _Weight
    serve_status: _HttpStatus | None = None
    shares_title_with: int | str | None = None


class EntryFields(Common):
    """One entry. ``status`` is left out where it is not published."""

    category: _Category
    owner_action_required: bool
    status: _HttpStatus | None = None


class FamilyFields(Common):
    """One family. ``category`` and ``owner_action_required`` are left out where its codes differ in them."""

    codes: Annotated[Codes, BeforeValidator(parse_codes)]
    catch_all: bool = False


Model = TypeVar("Model", bound=BaseModel)


def unknown_key(key: str, known: Iterable[str]) -> str:
    """The message for a key that does not exist, with the nearest one that does."""
    known = sorted(known)
    if near := _nearest(key, known):
        return f"unknown key; did you mean {near}?"
    return f"unknown key; there are: {', '.join(known)}" if len(known) <= 20 else "unknown key"


def _nearest(word: str, known: Iterable[str]) -> str | None:
    return next(iter(difflib.get_close_matches(word, list(known), n=1)), None)


def validated(model: type[Model], values: Mapping[str, object]) -> Model | list[tuple[str, str]]:
    """``values`` as ``model``, or everything wrong with them as pairs of field and message for people."""
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        return list(dict.fromkeys(_problems(model, values, error)))


def _problems(
    model: type[BaseModel], values: Mapping[str, object], error: ValidationError
) -> Iterator[tuple[str, str]]:
    details = error.errors(include_url=False)
    unknown = [str(detail["loc"][0]) for detail in details if detail["type"] == "extra_forbidden"]
    misspelt = {_nearest(key, model.model_fields) for key in unknown}
    for detail in details:
        field = str(detail["loc"][0])
        if field in unknown:
            yield field, unknown_key(field, model.model_fields)
        elif field not in values:
            if field not in misspelt:
                yield field, "is required"
        elif detail["type"] == "value_error":
            yield field, str(detail["ctx"]["error"])
        else:
            yield field, _expectation(field, values[field])


def _expectation(field: str, value: Any) -> str:
    expected = _EXPECTED.get(field, "a text")
    near = _nearest(str(value), _CHOICES.get(field, ()))
    message = f"must be {expected}, not {_shown(value)}"
    if near:
        return f"{message}; did you mean {near}?"
    if expected == "a text" and isinstance(value, bool | int | float):
        return f"{message}; put it in quotes"
    return message


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value[:40]}…'" if len(value) > 40 else f"'{value}'"
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, tuple) else str(value)

"""Tables of errgen.toml against pydantic models: every fault at its key path, in words, never with a secret in it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypeVar, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from .errors import Fault, InvalidInput

HINT = "correct errgen.toml and run the command again"

_SECRET = re.compile(r"secret|password|token|access_?key|api_?key|credential", re.IGNORECASE)


class Table(BaseModel):
    """What every table's model shares: unknown keys are refused and nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


Model = TypeVar("Model", bound=Table)


def validate(model: type[Model], table: Mapping[str, Any], where: str) -> Model:
    """``table`` as a ``model``. Raises InvalidInput with every fault at its key path below ``where``."""
    try:
        return model.model_validate(dict(table))
    except ValidationError as error:
        details = error.errors(include_url=False)
    raise InvalidInput([_fault(detail, model, where) for detail in details], hint=HINT)


def web_address(value: str) -> str:
    """An http(s) address without user, query, fragment or final slash. Raises ValueError that does not repeat it."""
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018  # a port that is no number is only found by asking for it
    except ValueError:
        raise ValueError("is not an address like https://errors.example.com/errors") from None
    if parts.username is not None or parts.password is not None:
        raise ValueError("has a user or password in it; credentials come from the environment only")
    if parts.scheme not in ("https", "http") or not parts.hostname or re.search(r"[\s<>\"\\^`{|}]", value):
        raise ValueError("is not an address like https://errors.example.com/errors")
    if "?" in value or "#" in value:
        raise ValueError("has a query or fragment, which an address that files are found below cannot have")
    return value.rstrip("/")


WebAddress = Annotated[str, AfterValidator(web_address)]


def near_miss(given: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: what may have been meant, or else what there is."""
    choices = sorted(known)
    near = difflib.get_close_matches(given, choices, n=1)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; there are: {', '.join(choices)}" if choices else ""


def unknown_key(key: str, known: Iterable[str]) -> str:
    """What to say of a key that nobody knows; one that looks like a secret is sent where secrets belong."""
    if _SECRET.search(key):
        return "unknown key; secrets do not belong in errgen.toml: they come from the environment or your AWS profile"
    return f"unknown key{near_miss(key, known)}"


def _fault(detail: Mapping[str, Any], model: type[BaseModel], where: str) -> Fault:
    steps: tuple[int | str, ...] = detail["loc"]
    path = where + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    match detail["type"]:
        case "missing":
            return Fault(path, "is required")
        case "extra_forbidden":
            return Fault(path, unknown_key(str(steps[-1]), _table(model, steps[:-1]).model_fields))
        case "literal_error":
            allowed = _allowed(_table(model, steps[:-1]).model_fields[str(steps[-1])].annotation)
            return Fault(path, f"there is no {detail['input']!r}{near_miss(str(detail['input']), allowed)}")
    message = detail["msg"].removeprefix("Value error, ")
    return Fault(path, message[:1].lower() + message[1:])


def _table(model: type[BaseModel], steps: tuple[int | str, ...]) -> type[BaseModel]:
    """The model of the table that ``steps`` lead to; names and positions of its rows are passed over."""
    for step in steps:
        if step in model.model_fields:
            annotation = model.model_fields[str(step)].annotation
            choices = get_args(annotation) or (annotation,)
            model = next(one for one in choices if isinstance(one, type) and issubclass(one, BaseModel))
    return model


def _allowed(annotation: object) -> tuple[str, ...]:
    """The texts that a key may have."""
    choices = get_args(annotation) or (annotation,)
    return tuple(value for one in choices for value in (get_args(one) or (one,)) if isinstance(value, str))

"""A host's table of errgen.toml against its pydantic model: every fault by its key path, never with a value in it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from ..errors import Fault, InvalidInput


class HostOptions(BaseModel):
    """What every host's Options share: unknown keys are refused and nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


Model = TypeVar("Model", bound=HostOptions)
_SECRET = re.compile(r"secret|password|token|access_?key|credential", re.IGNORECASE)


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


def validate(model: type[Model], table: Mapping[str, Any], where: str) -> Model:
    """``table`` as a ``model``. Raises InvalidInput with every fault at its key path below ``where``."""
    try:
        return model.model_validate(dict(table))
    except ValidationError as error:
        known = tuple(model.model_fields)
        faults = [_fault(detail["type"], detail["loc"], detail["msg"], known, where) for detail in error.errors()]
    raise InvalidInput(faults, hint="correct errgen.toml and run the command again")


def _fault(kind: str, steps: tuple[int | str, ...], message: str, known: tuple[str, ...], where: str) -> Fault:
    path = where + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    if kind == "missing":
        return Fault(path, "is required")
    if kind == "extra_forbidden":
        return Fault(path, _unknown(str(steps[-1]), known))
    message = message.removeprefix("Value error, ")
    return Fault(path, message[:1].lower() + message[1:])


def _unknown(key: str, known: tuple[str, ...]) -> str:
    if _SECRET.search(key):
        return "unknown key; secrets do not belong in errgen.toml: they come from the environment or your AWS profile"
    near = difflib.get_close_matches(key, known, n=1)
    return f"unknown key; did you mean {near[0]}?" if near else f"unknown key; there are: {', '.join(sorted(known))}"

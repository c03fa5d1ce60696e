"""An edge's table of errgen.toml against its pydantic model: every fault at its key path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from ..errors import Fault, InvalidInput
from ._edge import near_miss

_SECRET = re.compile(r"secret|password|token|api_?key|credential", re.IGNORECASE)


class EdgeOptions(BaseModel):
    """What every edge's Options share: unknown keys are refused and nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Model = TypeVar("Model", bound=EdgeOptions)


def validate(model: type[Model], table: Mapping[str, Any], where: str) -> Model:
    """``table`` as a ``model``. Raises InvalidInput with every fault at its key path below ``where``."""
    try:
        return model.model_validate(dict(table))
    except ValidationError as error:
        details = error.errors(include_url=False)
    raise InvalidInput(
        [_fault(detail, model, where) for detail in details], hint="correct errgen.toml and run it again"
    )


def _fault(detail: Mapping[str, Any], model: type[BaseModel], where: str) -> Fault:
    steps: tuple[int | str, ...] = detail["loc"]
    path = where + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    match detail["type"]:
        case "missing":
            return Fault(path, "is required")
        case "extra_forbidden":
            return Fault(path, _unknown(str(steps[-1]), _keys(model, steps[:-1])))
        case "literal_error":
            allowed = _allowed(model, steps)
            return Fault(path, f"there is no {detail['input']!r}{near_miss(str(detail['input']), allowed)}")
    message = detail["msg"].removeprefix("Value error, ")
    return Fault(path, message[:1].lower() + message[1:])


def _unknown(key: str, known: tuple[str, ...]) -> str:
    if _SECRET.search(key):
        return "unknown key; secrets do not belong in errgen.toml: they come from the environment"
    return f"unknown key{near_miss(key, known)}"


def _keys(model: type[BaseModel], steps: tuple[int | str, ...]) -> tuple[str, ...]:
    """The keys of the table that ``steps`` lead to."""
    for step in steps:
        inner = _alternatives(model.model_fields[str(step)].annotation)
        model = next(choice for choice in inner if isinstance(choice, type) and issubclass(choice, BaseModel))
    return tuple(model.model_fields)


def _allowed(model: type[BaseModel], steps: tuple[int | str, ...]) -> tuple[str, ...]:
    """The values that a key of the outermost table may have."""
    alternatives = _alternatives(model.model_fields[str(steps[0])].annotation)
    return tuple(
        value for choice in alternatives for value in (get_args(choice) or (choice,)) if isinstance(value, str)
    )


def _alternatives(annotation: object) -> tuple[object, ...]:
    return get_args(annotation) or (annotation,)

"""Tables of errgen.toml against pydantic models: every fault at its key path, in words, never with a secret in it."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from types import UnionType
from typing import Annotated, Any, TypeGuard, TypeVar, Union, get_args, get_origin
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from .errors import Fault, InvalidInput

HINT = "correct errgen.toml and run the command again"

_SECRET = re.compile(r"secret|password|token|access_?key|api_?key|credential", re.IGNORECASE)

# What is wrong, by pydantic's name for it, whose own words are Python's. A name that is missing keeps pydantic's words.
_PROBLEMS: Mapping[str, str] = {
    "string_type": "must be a text in quotation marks",
    "int_type": "must be a whole number, without quotation marks",
    "float_type": "must be a number, without quotation marks",
    "finite_number": "must be a number, neither inf nor nan",
    "bool_type": "must be true or false, without quotation marks",
    "list_type": "must be a list in brackets",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "datetime_type": "must be a date with a time, like 2026-12-02T22:00:00, without quotation marks",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be {le} or less",
    "string_too_short": "must have {min_length} characters or more",
    "string_too_long": "must have {max_length} characters or fewer",
    "too_short": "must have {min_length} entries or more",
    "too_long": "must have {max_length} entries or fewer",
    "string_pattern_mismatch": "must match {pattern}",
}


class Table(BaseModel):
    """What every table's model shares: unknown keys are refused and nothing is converted silently.

    The first of a field's ``examples`` ends the messages about values that cannot be.
    """

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
            table = _annotation(model, steps[:-1])
            return Fault(path, _no_such_key(str(steps[-1]), table if _is_table(table) else model))
        case "literal_error":
            given = detail["input"]
            return Fault(path, f"there is no {given!r}{near_miss(str(given), _texts(_annotation(model, steps)))}")
        case "value_error":
            return Fault(path, detail["msg"].removeprefix("Value error, "))
    return Fault(path, _problem(detail) + _example(model, steps))


def _problem(detail: Mapping[str, Any]) -> str:
    context = detail.get("ctx", {})
    if context.get("min_length") == 1:
        return "must not be empty"
    if detail["type"] in _PROBLEMS:
        return _PROBLEMS[detail["type"]].format_map(context)
    return str(detail["msg"]).replace("Input should be", "must be")


def _example(model: type[BaseModel], steps: tuple[int | str, ...]) -> str:
    """The end of a message about the value of a key: one that would do, where the key's field has an example."""
    table = _annotation(model, steps[:-1])
    field = _fields(table).get(str(steps[-1])) if steps and _is_table(table) else None
    return f"; for example {_toml(field.examples[0])}" if field and field.examples else ""


def _toml(value: object) -> str:
    match value:
        case dict():
            return f"{{ {', '.join(f'{key} = {_toml(one)}' for key, one in value.items())} }}"
        case list():
            return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _no_such_key(key: str, table: type[BaseModel]) -> str:
    """What to say of a key that ``table`` has not. One that errgen calls otherwise than its users is sent to theirs."""
    field = table.model_fields.get(key)
    return f"unknown key; did you mean {field.alias}?" if field else unknown_key(key, _fields(table))


def _annotation(model: type[BaseModel], steps: Iterable[int | str]) -> Any:
    """The type of the value that ``steps`` lead to: keys of tables, names of rows and positions in lists."""
    annotation: Any = model
    for step in steps:
        if _is_table(annotation):
            field = _fields(annotation).get(str(step))
            annotation = field.annotation if field else None
        else:
            annotation = (get_args(annotation) or (None,))[-1]
        while get_origin(annotation) in (Annotated, Union, UnionType):  # a union's other member is None
            annotation = get_args(annotation)[0]
    return annotation


def _fields(table: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a table by the keys that users write."""
    return {field.alias or name: field for name, field in table.model_fields.items()}


def _is_table(annotation: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _texts(annotation: object) -> list[str]:
    """The texts that a value may be."""
    return [one for one in get_args(annotation) if isinstance(one, str)]

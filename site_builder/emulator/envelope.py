"""The envelope of Cloudflare's API: what a call is, how it is answered, and how it is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

JSON = dict[str, Any]

# Numeric codes. These are published, or seen in answers of the real API:
FETCH_FAILED = 1202
MALFORMED_JSON = 6007
NO_ROUTE = 7000
NO_METHOD = 7001
NO_OBJECT = 7003
TOO_MANY = 971
UNAUTHORIZED = 9109
AUTHENTICATION = 10000
EXPRESSION_TOO_LONG = 20127
PARAMETER_NOT_ALLOWED = 20117
# Cloudflare publishes no list of the others; these numbers are the emulator's own and nobody should test for them:
INVALID = 29400
NOT_FOUND = 29404
CONFLICT = 29409
OVER_QUOTA = 29429


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry of ``errors``. ``pointer`` is a JSON pointer into the body that was sent: ``/rules/0/expression``."""

    code: int
    message: str
    pointer: str | None = None

    def as_json(self) -> JSON:
        """The problem as the envelope has it; ``source`` only where there is a pointer."""
        entry: JSON = {"code": self.code, "message": self.message}
        if self.pointer is not None:
            entry["source"] = {"pointer": self.pointer}
        return entry


class ApiError(Exception):
    """A refusal: an HTTP status and at least one problem."""

    def __init__(self, status: int, *problems: Problem) -> None:
        super().__init__(problems[0].message)
        self.status = status
        self.problems = problems

    def response(self) -> Response:
        """The refusal on the wire: ``success`` false, ``result`` null."""
        errors = [problem.as_json() for problem in self.problems]
        return json_response({"result": None, "success": False, "errors": errors, "messages": []}, self.status)


def invalid(message: str, pointer: str | None = None, code: int = INVALID) -> ApiError:
    """A 400 with one problem."""
    return ApiError(400, Problem(code, message, pointer))


def not_found(what: str) -> ApiError:
    """A 404 for an object that does not exist: ``asset "x"``."""
    return ApiError(404, Problem(NOT_FOUND, f"could not find {what}"))


def json_response(body: JSON, status: int = 200) -> Response:
    """``body`` as JSON with Cloudflare's media type."""
    return Response(json.dumps(body, ensure_ascii=False), status, media_type="application/json")


def success(result: Any, result_info: JSON | None = None) -> Response:
    """A 200 with ``result``; lists also carry ``result_info``."""
    body: JSON = {"result": result, "success": True, "errors": [], "messages": []}
    if result_info is not None:
        body["result_info"] = result_info
    return json_response(body)


def no_content() -> Response:
    """A 204: no body, no envelope."""
    return Response(status_code=204)


@dataclass(frozen=True, slots=True)
class Incoming:
    """One HTTP request as the emulator sees it, API call or visit. ``headers`` are in order, names in lower case."""

    method: str
    path: str
    query: str
    parameters: Mapping[str, str]
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)

    def header(self, name: str) -> str:
        """The first value of one header, empty where it is not set."""
        return next((value for key, value in self.headers if key == name), "")

    @property
    def dry_run(self) -> bool:
        """Whether the call asks to be checked and not to be carried out."""
        return self.parameters.get("dry_run") == "true"

    def number(self, name: str, default: int, highest: int) -> int:
        """A query parameter from 1 to ``highest``. Raises ApiError (400) for anything else."""
        text = self.parameters.get(name, str(default))
        if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= highest:
            raise invalid(f"{name} must be an integer from 1 to {highest}")
        return int(text)

    def json_object(self, known: Sequence[str]) -> JSON:
        """The body as a JSON object that has no fields but ``known``. Raises ApiError (400)."""
        try:
            value = json.loads(self.body)
            json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
        except (ValueError, RecursionError):
            raise invalid("Malformed JSON in request body", code=MALFORMED_JSON) from None
        if not isinstance(value, dict):
            raise invalid("Malformed JSON in request body: expected an object", code=MALFORMED_JSON)
        for name in value:
            if name not in known:
                raise invalid(f"invalid JSON: unknown field {name}", f"/{name}")
        return value


def text_field(body: JSON, name: str, *, empty: bool = False) -> str:
    """A required string of ``body``, which may be ``empty`` or not. Raises ApiError (400)."""
    value = body.get(name)
    if not isinstance(value, str) or not (value or empty):
        raise invalid(f"{name} is required and must be a string{'' if empty else ' that is not empty'}", f"/{name}")
    return value

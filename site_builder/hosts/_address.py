"""The public address of a host, as errgen.toml may write it."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator


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

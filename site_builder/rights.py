"""The least rights that a target's credentials need, said by the module of each host and edge that sends the calls."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grant:
    """One permission, as its provider calls it (``s3:PutObject``), on one resource, and what errgen does with it."""

    permission: str
    resource: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rights:
    """What one target needs. ``credential`` is where errgen finds the credentials, ``CLOUDFLARE_API_TOKEN``.

    ``how`` is how one makes credentials with these rights and no others.
    """

    target: str
    credential: str
    grants: tuple[Grant, ...]
    how: str

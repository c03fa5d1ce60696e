"""Canaries: the edges that get a release first, so that all others get it only where it serves as it should."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..edges import Edge
from ..model import Finding

MINUTES = ("cloudfront",)
"""The kinds of edges that take minutes until all of their locations have new answers, so that publishing asks none."""


def is_canary(edge: Edge) -> bool:
    """Whether the edge's table says so."""
    return bool(getattr(edge.options, "canary", False))


def canaries_first(edges: Iterable[Edge]) -> list[Edge]:
    """``edges`` in their order, those that are canaries before the others."""
    return sorted(edges, key=lambda edge: not is_canary(edge))


def unverified(edges: Sequence[Edge]) -> list[Finding]:
    """What to say of canaries whose answers publishing cannot look at before it goes on to the others of ``edges``."""
    found = []
    for edge in edges if any(not is_canary(one) for one in edges) else ():
        if not is_canary(edge):
            continue
        if edge.kind in MINUTES:
            message = "is a canary that publishing does not ask: its new answers need minutes to be everywhere"
            hint = "publish with --canary, run errgen verify after some minutes, and then publish without --canary"
        elif getattr(edge.options, "verify_url", None) is None:
            message = "is a canary whose answers nobody looks at: the others follow as soon as its rules are stored"
            hint = (
                "say where it can be asked: verify_url, or its address among zones; or publish with --canary, and look "
                "before you go on"
            )
        else:
            continue
        found.append(Finding("canary-unverified", "warning", message, where=edge.name, hint=hint))
    return found

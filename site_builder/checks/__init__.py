"""Checks: what a page must not contain, and what it must; each gives findings.

A module here offers ``CHECKS``. One more check is one more function in one of them, or one more module: nothing else is
edited. Files whose names start with ``_`` are shared parts.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache

from ._check import Check
from ._subject import Subject

__all__ = ["Check", "Subject", "all_checks"]


@lru_cache(maxsize=1)
def all_checks() -> tuple[Check, ...]:
    """Every check there is, by id."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    found: list[Check] = []
    for name in names:
        found += importlib.import_module(f"{__name__}.{name}").CHECKS
    return tuple(sorted(found, key=lambda check: check.id))

r"""Scopes as regular expressions over what a client has asked for, for servers that can match but not compute.

An expression is for the text ``HOST TARGET``: the host as the client names it, a blank, and the request's target as it
came, with its query: ``api.example.com /api/x?y=1``. Where a server knows the first line of the request only, it is for
``HOST METHOD TARGET VERSION``. The conventions are those of _accept_patterns.py, but case counts: in a path it does,
in a host it does not, which the expression says itself.
"""

from __future__ import annotations

import re
from typing import Final

from ..model import Scope

DIFFERENCES: Final = ("In scopes, a host with the dot of the root at its end (api.example.com.) is the one without.",)
"""Where a server and Scope.contains differ, in words."""
LONGEST: Final = 4000
"""In characters. nginx reads words of up to 4,096."""

_METHOD: Final = r"\S+\s+"
_ABSOLUTE: Final = r"(?i:https?://[^/?\s]*)?"
"""A client may send the whole address as target (RFC 9112 section 3.2.2), as it does to a proxy."""
_END: Final = r"(?:[?\s]|$)"


def scope_pattern(scope: Scope, *, method: bool = False, atomic: bool = True) -> str:
    """The expression that finds what is in ``scope``.

    ``method`` is for texts with the method before the target. ``atomic`` groups keep PCRE from trying every place for
    every asterisk; RE2 neither has nor needs them.
    """
    host = rf"(?i:{'|'.join(_host(one) for one in scope.hosts)})\.?(?::[0-9]*)?" if scope.hosts else r"\S*"
    before = _METHOD if method else ""
    paths = "|".join(_path(one, atomic=atomic) for one in scope.paths)
    return rf"^{host}\s{before}{_ABSOLUTE}(?:{paths}){_END}" if paths else rf"^{host}\s"


def _host(pattern: str) -> str:
    return "[^/:]*".join(map(_literal, pattern.split("*")))


def _path(pattern: str, *, atomic: bool) -> str:
    """What is between two asterisks is found as early as possible, which leaves most for the rest."""
    first, *others = map(_literal, pattern.split("*"))
    if not others:
        return first
    *between, last = others
    found = (rf"(?>[^?\s]*?{part})" if atomic else rf"[^?\s]*{part}" for part in between)
    return rf"{first}{''.join(found)}[^?\s]*{last}"


def _literal(text: str) -> str:
    return re.escape(text).replace(r"\-", "-").replace(r"\~", "~")

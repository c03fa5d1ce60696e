"""A code as it is asked about: what is meant by it, and what there is near it."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from ..edges._explaining import tier
from ..errors import UsageError
from ..manifest import page_key

if TYPE_CHECKING:
    from ..model import Rule
    from .site import SiteOutput

NEAR = 9
"""How far from a code that there is not another may be that was meant."""


class NotExplained(UsageError):
    """A question that nothing answers. ``field`` is what of it to change: ``code``, or ``origin`` for who fails."""

    def __init__(self, field: str, message: str, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.field = field


def code_of(written: str, output: SiteOutput) -> int:
    """The code that is written. Raises NotExplained where it is no number, with the code of an error of that name."""
    if written.isascii() and written.isdecimal() and len(written) <= 4:
        return int(written)
    names = {entry.error_name: entry.key for entry in output.entries if entry.code is not None}
    found = difflib.get_close_matches(written.lower().replace(" ", "_"), names, n=1)
    meant = f"; did you mean {names[found[0]]} ({found[0]})?" if found else ""
    hint = "errors are asked about by their code: errgen explain 404"
    raise NotExplained("code", f"'{written}' is no code{meant}", hint)


def near(code: int, output: SiteOutput) -> str:
    """The nearest code of the catalog, as a question, where there is one near."""
    known = [entry.code for entry in output.entries if entry.code is not None]
    nearest = min(known, key=lambda one: (abs(one - code), one), default=0)
    return f"; did you mean {nearest}?" if abs(nearest - code) <= NEAR else ""


def code_says(code: int, rule: Rule, output: SiteOutput) -> str:
    """``522 Connection timed out``; of a code that is not in the catalog, who stands for it."""
    known = next((entry for entry in output.entries if entry.code == code), None)
    if known:
        return f"{code} {known.title}"
    family = page_key(rule.page)[1]
    return f"{code} is not in the catalog{near(code, output) or '.'} What stands for it is {tier(rule)}, {family}"

"""Publishing: what would change as a plan, the plan applied in a safe order, and live answers compared.

target = open_target(…)            one site, its host, and its edges that are reached over the network
found = survey(target)             read only; found.plan says what would change
apply(target, found, journal=…)    upload, register, switch, read back, verify, prune
"""

from __future__ import annotations

from .apply import Outcome, apply
from .journal import Journal
from .plan import Plan
from .survey import Survey, survey
from .target import Target, open_target

__all__ = ["Journal", "Outcome", "Plan", "Survey", "Target", "apply", "open_target", "survey"]

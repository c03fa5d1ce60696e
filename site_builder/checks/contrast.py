"""Themes that say nothing of which colours stand on each other. Those that do are looked at whenever they are built."""

from __future__ import annotations

from collections.abc import Iterator

from ._check import Problem, site_check
from ._subject import Subject


@site_check(
    "contrast-undeclared",
    "warning",
    "Whether colours can be told apart is only checked for the pairs that a theme declares in its theme.yaml.",
)
def contrast_undeclared(subject: Subject) -> Iterator[Problem]:
    """Themes that declare no pairs of colours."""
    if not subject.theme.contrast:
        yield Problem(
            f"the theme {subject.theme.key} declares no pairs of colours",
            f"templates/{subject.theme.key}/theme.yaml",
            "declare under contrast: which stand on each other, as the themes that ship do:  text: [ink on paper]",
        )


CHECKS = (contrast_undeclared,)

"""What an edge's table says about asking the live edge: where, and how failures of the origin can be seen there."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from ..validation import Table, WebAddress


def _with_paths(probes: dict[str, int]) -> dict[str, int]:
    for path in probes:
        if not re.fullmatch(r"/[^\s<>\"#\\^`{|}\x00-\x20\x7f-\U0010ffff]*", path):
            raise ValueError(f"'{path}' is not a path like /errgen-probe/503: it starts with / and is percent-encoded")
    return probes


Status = Annotated[int, Field(ge=400, le=599)]
Probes = Annotated[dict[str, Status], AfterValidator(_with_paths)]


class Verifiable(Table):
    """The part of ``[[site.NAME.edge]]`` that says how its live answers are verified.

    ``verify_url`` is an address of a site behind the edge. ``probes`` are paths there that fail with a known status,
    ``{ "/errgen-probe/503" = 503 }``: the website makes them fail, and what clients get is the edge's page for it.
    """

    verify_url: WebAddress | None = None
    probes: Probes = Field(default_factory=dict, examples=[{"/errgen-probe/503": 503}])

    @property
    def is_asked(self) -> bool:
        """Whether the table says where the edge can be asked."""
        return self.verify_url is not None

    @model_validator(mode="after")
    def _asked_somewhere(self) -> Verifiable:
        if self.probes and not self.is_asked:
            raise ValueError('has probes and no verify_url: add verify_url = "https://www.example.com"')
        return self

"""Questions: what an edge of a site can be asked where it is live, and what it should answer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..edges import Edge
    from ..publishing.expected import Answers, Probe
    from ..publishing.reply import PageWith
    from ..publishing.verify import Row
    from .build import Report
    from .site import EdgeOutput, SiteOutput

ANNOUNCING = ("cloudflare", "cloudfront")
"""The kinds of edges that announce planned work."""


def url_of(edge: Edge) -> str:
    """Where an edge is asked; empty where errgen.toml does not say."""
    return getattr(edge.options, "verify_url", None) or ""


def page_with(output: SiteOutput, one: EdgeOutput) -> PageWith:
    """Finds the page of this build that an answer of the edge is."""
    from ..publishing.verify import page_finder

    return page_finder(output.manifest, output.read, one.edge.profile)


def questions(output: SiteOutput, one: EdgeOutput, announced: bool) -> tuple[Answers, Iterable[Probe]]:
    """What the edge should answer, while planned work is ``announced`` or as usual, and all that it can be asked."""
    from ..publishing.bound_pages import BoundPages
    from ..publishing.expected import Expectations
    from ..publishing.live_probes import shown_probes, website_probes

    manifest, edge, url = output.manifest, one.edge, url_of(one.edge)
    compiled: Mapping[str, Any] = json.loads(one.compiled.files["report.json"])
    if edge.kind == "cloudflare":
        further = list(compiled.get("languages", ()))
        answers: Answers = Expectations(manifest, compiled, output.read, edge.profile, announced, website_waits=True)
        shown = list(shown_probes(manifest, url, further))
    else:
        further = compiled.get("languages", ())[1:]
        announced = announced and edge.kind in ANNOUNCING
        answers = BoundPages(edge.kind, edge.profile, manifest, output.read, one.compiled, announced=announced)
        shown = []
    return answers, [*shown, *website_probes(edge.options.probes, url, further)]


def ask(
    output: SiteOutput, one: EdgeOutput, answers: Answers, probes: Iterable[Probe], report: Report
) -> tuple[Row, ...]:
    """Ask the edge all of ``probes`` and compare with ``answers``. Raises RemoteFailed where nobody answers."""
    from ..publishing.verify import verify

    return verify(url_of(one.edge), probes, answers, page_with=page_with(output, one), report=report)

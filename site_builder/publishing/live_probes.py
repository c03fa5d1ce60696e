"""What can be asked of a live edge without harm: failures that Cloudflare shows on request, and those of the website.

Any zone of Cloudflare answers ``/cdn-cgi/error/CODE`` with its own error of that code. A website's failures are at the
paths that ``probes`` of the edge's table names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from ..edges._clients import CLIENTS
from ..model import Codes, Manifest, contains
from .expected import Answers, Probe, codes_of

SHOWN: Codes = ((500, 500), (502, 502), (504, 504), (520, 526), (1000, 1999))
"""The codes that Cloudflare has structured error responses for (developers.cloudflare.com/fundamentals/reference/
error-responses/), and so shows on request."""


def shown_probes(manifest: Manifest, url: str, languages: Iterable[str]) -> Iterator[Probe]:
    """What Cloudflare shows by itself, for every code of a rule, each kind of client and each further language."""
    address = urlsplit(url)
    for code in codes_of(manifest):
        if contains(SHOWN, code):
            probe = Probe(code, "edge", "", (), host=address.hostname or "", path=f"/cdn-cgi/error/{code}")
            yield from _each_client(probe, languages)


def website_probes(paths: Mapping[str, int], url: str, languages: Iterable[str]) -> Iterator[Probe]:
    """The failures that the website makes at ``paths`` below ``url``, each with its status."""
    address = urlsplit(url)
    for path, code in sorted(paths.items()):
        probe = Probe(code, "origin", "", (), host=address.hostname or "", path=address.path + path)
        yield from _each_client(probe, languages)


def _each_client(probe: Probe, languages: Iterable[str]) -> Iterator[Probe]:
    for language in ("", *languages):
        for client, accept in CLIENTS.items():
            yield replace(probe, client=client, accept=accept, language=language)


def one_a_page(probes: Iterable[Probe], expectations: Answers) -> list[Probe]:
    """One code for every page that is served to a kind of client, and all that the website makes fail."""
    chosen: dict[tuple[str | None, ...], Probe] = {}
    for probe in probes:
        own = (probe.path, probe.language) if probe.made_by == "origin" else ()
        chosen.setdefault((expectations.of(probe).path, probe.client, *own), probe)
    return list(chosen.values())


def code_by_code(probes: Iterable[Probe], expectations: Answers) -> list[Probe]:
    """All codes in the default language, and of those in further languages one for every page."""
    every = list(probes)
    default = [probe for probe in every if not probe.language]
    return default + one_a_page((probe for probe in every if probe.language), expectations)

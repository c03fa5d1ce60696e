"""Who is asked for what when rules are proved: the failures, and the clients that meet them.

Asked are all codes that rules are for, as failures of the edge and of the origin; every kind of client; every language
of the site; every host and path that a scope or the edge names, and another. An error of the 1000 class may come with
any HTTP status: two are asked for each, and for the lowest all that have rules. Of 520 to 529 both readings of
``cf.response.1xxx_code`` are asked, because Cloudflare's pages contradict each other there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...model import Codes, Format, Manifest, Scope, contains
from ...negotiation import negotiate_format
from .._clients import ALL_CLIENTS
from .._explaining import MadeBy, Question, Reference

ALONE: Codes = ((520, 526),)
"""Statuses that only the edge fails with."""
COVERED: Codes = ((520, 529),)
CLASS_1XXX_STATUSES = (403, 530)
MOST_PAIRS = 250
"""Up to so many pairs of a language with a host and path all are asked; more would delay every build by seconds."""
OTHER_HOST = "host-without-rules.example"


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks, and what the reference chooses for it. ``values`` are the fields that rules can read of it.

    ``ours``: the edge's rules are for its host. ``cloudflares`` is the format of Cloudflare's own answer to it.
    """

    name: str
    host: str
    format: Format
    language: str
    ours: bool
    cloudflares: Format
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Failing:
    """What failed. ``values`` are the fields that rules can read of it."""

    code: int
    made_by: MadeBy
    values: Mapping[str, Any]


def clients_of(manifest: Manifest, reference: Reference, limited_to: Sequence[str]) -> Iterator[Client]:
    """Every kind of client with every language that it can want, at every host and path.

    ``limited_to`` are the hosts that the edge's rules are for, none being all. Where there are very many hosts and
    paths, all languages are asked at one of them, and at each other one language in turn beside no preference.
    """
    ours = Scope(tuple(limited_to), (), "html")
    hosts = dict.fromkeys([OTHER_HOST, *limited_to, *(host for scope in manifest.scopes for host in scope.hosts)])
    paths = dict.fromkeys(["/", *(path for scope in manifest.scopes for path in scope.paths)])
    places = [(host.replace("*", "x"), path.replace("*", "x")) for host in hosts for path in paths]
    places.sort(key=lambda place: not ours.contains(*place))
    for name, accept in ALL_CLIENTS.items():
        own = negotiate_format(accept)
        for language, host, path in _asked(manifest.languages, places):
            question = Question(0, "edge", accept, language, host, path)
            format_, tag = reference.choose(question)
            yield Client(name, host, format_, tag, ours.contains(host, path), own, _request_values(question))


def _asked(languages: Sequence[str], places: Sequence[tuple[str, str]]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Accept-Language with each host and path; no preference is asked about everywhere."""
    tags = languages if len(languages) > 1 else ()
    for number, place in enumerate(places):
        yield (), *place
        everything = number == 0 or len(places) * len(tags) <= MOST_PAIRS
        for tag in tags if everything else [tags[number % len(tags)]]:
            yield (tag,), *place


def failures_of(manifest: Manifest) -> Iterator[Failing]:
    """Every failure."""
    codes = _codes(manifest)
    statuses = [code for code in codes if code < 1000]
    for status in statuses:
        if not contains(ALONE, status):
            yield Failing(status, "origin", _failure_values(status, 0, ""))
        kind = "5xx" if status >= 500 else ""
        yield Failing(status, "edge", _failure_values(status, 0, kind))
        if contains(COVERED, status):
            yield Failing(status, "edge", _failure_values(status, status, kind))
    for index, code in enumerate(code for code in codes if code >= 1000):
        for status in CLASS_1XXX_STATUSES if index else statuses:
            yield Failing(code, "edge", _failure_values(status, code, "1xxx"))


def _failure_values(status: int, code_1xxx: int, kind: str) -> Mapping[str, Any]:
    return {"http.response.code": status, "cf.response.1xxx_code": code_1xxx, "cf.response.error_type": kind}


def _codes(manifest: Manifest) -> list[int]:
    """Every code with a rule of its own or a family's, and the ends of wide ranges."""
    found: set[int] = set()
    for low, high in {span for rule in manifest.rules if not rule.maintenance for span in rule.codes}:
        found |= {low, high} if high - low >= 99 else set(range(low, high + 1))
    return sorted(found)


def _request_values(question: Question) -> Mapping[str, Any]:
    headers = {"accept": list(question.accept), "accept-language": list(question.accept_language)}
    return {
        "http.host": question.host,
        "http.request.headers": {name: lines for name, lines in headers.items() if lines},
        "http.request.method": "GET",
        "http.request.uri": question.path,
        "http.request.uri.path": question.path,
        "raw.http.request.uri.path": question.path,
        "ssl": True,
    }

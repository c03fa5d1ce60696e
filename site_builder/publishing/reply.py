"""One live answer compared with the one that was expected: the first thing that is wrong with it, and what to do.

An edge may minify HTML and fills in tokens, so HTML is known by its marker, JSON is compared as data and Markdown as
text, with every token standing for whatever text was filled in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..model import MAINTENANCE, PROFILES, Format
from ..rendering.marker import marker_of
from .expected import Expected

_TOKENS = PROFILES["cloudflare"].tokens
_TOKEN = re.compile("|".join(re.escape(token) for token in _TOKENS))
_GZIP = b"\x1f\x8b"
"""What every gzip stream begins with (RFC 1952 section 2.3.1), and no page does."""

_STRUCTURED = {"application/json", "application/problem+json", "text/markdown"}
_ONLY_OWN = {"timestamp", "zone"}
"""Members that Cloudflare's own documents have and ours never."""

PageWith = Callable[[str], str | None]
"""Gives the path of the page that has a mark (see ``mark_of``); None for a mark of no page of this build."""

_PUBLISH = "errgen plan shows what is not as published, and errgen publish puts it right"
_BEFORE = (
    "a rule before errgen's, a Worker or a cache may answer in its place; errgen plan shows rules that were changed"
)
_COMPRESSED = "browsers cannot show it: whoever replaces the body has to remove Content-Encoding, and compress once"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a client got. ``headers`` has the lines of each header by its name in lower case.

    ``body`` is decoded; ``unreadable`` says why it could not be, empty where it could.
    """

    status: int
    media_type: str
    body: bytes = field(repr=False)
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unreadable: str = ""

    def header(self, name: str) -> str:
        """All lines of one header, joined as HTTP allows (RFC 9110 section 5.3); empty where it is not set."""
        return ", ".join(self.headers.get(name, ()))


@dataclass(frozen=True, slots=True)
class Difference:
    """What is wrong with an answer, and what to do next."""

    fact: str
    hint: str

    def __str__(self) -> str:
        return self.fact


def compare(expected: Expected, reply: Reply, page_with: PageWith = lambda _: None) -> Difference | None:
    """What is wrong with ``reply``, None where nothing is."""
    if expected.kind == "passed":
        if not marker_of(reply.body):
            return None
        fact = "one of our pages was served, and this answer is not ours to change"
        return Difference(fact, f"a rule is for more than it should be; {_PUBLISH}")
    found = _unasked(reply)
    if expected.kind == "page":
        found = found or _cloudflares(expected, reply)
    found = found or _other_status(expected, reply) or _other_type(expected, reply)
    return found or (_not_ours(expected, reply, page_with) if expected.kind == "page" else _not_own(expected, reply))


def _unasked(reply: Reply) -> Difference | None:
    """Answers that are about the one who asks, or that nobody can read."""
    if mitigated := reply.header("cf-mitigated"):
        fact = f"Cloudflare met the question with a {mitigated} (cf-mitigated) instead of an answer"
        return Difference(fact, "let it pass: a WAF rule with the action Skip for the address that errgen asks from")
    if reply.unreadable:
        return Difference(reply.unreadable, _COMPRESSED)
    if reply.body.startswith(_GZIP):
        return Difference("the body was compressed twice", _COMPRESSED)
    return None


def _other_status(expected: Expected, reply: Reply) -> Difference | None:
    if expected.status in (None, reply.status):
        return None
    if marker_of(reply.body):
        hint = f"the page is there, and something changes its status; {_PUBLISH}"
    elif not expected.by_website:
        hint = _BEFORE
    else:
        hint = "the website has to fail there with the status that probes names, or probes has to name another"
    return Difference(f"status {reply.status}, expected {expected.status}", hint)


def _other_type(expected: Expected, reply: Reply) -> Difference | None:
    if reply.media_type == expected.media_type:
        return None
    return Difference(f"type {reply.media_type or '(none)'}, expected {expected.media_type}", f"{_BEFORE}; {_PUBLISH}")


def _not_ours(expected: Expected, reply: Reply, page_with: PageWith) -> Difference | None:
    if token := _TOKEN.search(_text(reply.body)):
        fact = f"the token {token.group()} was not filled in"
        return Difference(fact, "the answer did not come from a rule of Cloudflare's, or it took the page as a file")
    return (
        _not_the_page(expected, reply.body, page_with)
        or _not_the_wait(expected, reply.header("retry-after"))
        or _not_varied(expected, reply.header("vary"))
    )


def _not_the_page(expected: Expected, body: bytes, page_with: PageWith) -> Difference | None:
    if expected.format == "html":
        return _other_marker(expected, body, page_with)
    if expected.format == "markdown":
        fits = _fits(_text(expected.content), _text(body))
        return None if fits else Difference(f"the text is not that of {expected.path}", _PUBLISH)
    answer = _json(body)
    fact = "the body is not JSON" if answer is None else _json_difference(json.loads(expected.content), answer[0], "")
    if fact and (page := page_with(mark_of(body, "json"))) and page != expected.path:
        return _other_page(expected, page)
    return Difference(fact, _PUBLISH) if fact else None


def mark_of(body: bytes, format_: Format) -> str:
    """What a page is known by: HTML by its marker, JSON by what it says; empty where there is no such thing."""
    if format_ == "html":
        return marker_of(body) or ""
    answer = _json(body)
    said = answer[0] if answer and isinstance(answer[0], dict) else {}
    return json.dumps([said["title"], said.get("detail")]) if "title" in said else ""


def _other_page(expected: Expected, page: str) -> Difference:
    hint = f"the rule for it is lost, or another stands before it; {_PUBLISH}"
    if page.rpartition("/")[2].startswith(f"{MAINTENANCE}."):
        hint = "planned work is announced: ask with --maintenance, or end it with errgen publish --no-maintenance"
    return Difference(f"{page} was served, expected {expected.path}", hint)


def _other_marker(expected: Expected, body: bytes, page_with: PageWith) -> Difference | None:
    found, wanted = marker_of(body), marker_of(expected.content)
    if found == wanted:
        return None
    if not found:
        return Difference(f"marker (none), expected {wanted} of {expected.path}", _BEFORE)
    page = page_with(found)
    if page is None:
        fact = f"marker {found}, expected {wanted} of {expected.path}"
        return Difference(fact, f"the page is errgen's and of another release; {_PUBLISH}")
    return _other_page(expected, page)


def _not_the_wait(expected: Expected, found: str) -> Difference | None:
    wanted = str(expected.retry_after or "")
    if not wanted or found == wanted or (found and expected.own_wait):
        return None
    return Difference(
        f"Retry-After {found or '(none)'}, expected {wanted}", f"the rule that sets it is lost; {_PUBLISH}"
    )


def _not_varied(expected: Expected, found: str) -> Difference | None:
    """Caches need every header that the choice of a page looks at (RFC 9110 section 12.5.5)."""
    named = {name.strip().lower() for name in found.split(",")}
    missing = [name for name in expected.vary if name.lower() not in named]
    if not missing or "*" in named:
        return None
    hint = "without it caches give one client's page to another: include errgen's files again, and let headers pass"
    return Difference(f"Vary {found or '(none)'}, expected {', '.join(expected.vary)}", hint)


def _cloudflares(expected: Expected, reply: Reply) -> Difference | None:
    """Cloudflare's own structured answer where one of our pages should be."""
    if reply.media_type not in _STRUCTURED or _ONLY_OWN - (_names(reply) or set()):
        return None
    fact = f"Cloudflare's own {reply.media_type} was served, expected {expected.path}"
    return Difference(fact, f"the rule for it is lost; {_PUBLISH}")


def _not_own(expected: Expected, reply: Reply) -> Difference | None:
    """Cloudflare's own answers carry ``timestamp`` and ``zone``, which only it knows; its HTML lacks our marker."""
    if expected.format == "html":
        fact = "one of our pages was served where Cloudflare's own answer should be"
        return Difference(fact, _PUBLISH) if marker_of(reply.body) else None
    names = _names(reply)
    if names is None:
        return Difference("the body is not JSON", _BEFORE)
    missing = sorted(_ONLY_OWN - names)
    fact = f"not Cloudflare's live answer: it has no {' and no '.join(missing)}"
    return Difference(fact, _BEFORE) if missing else None


def _names(reply: Reply) -> set[str] | None:
    """The members of a structured answer; None where the body is no JSON."""
    if reply.media_type == "text/markdown":
        return {line.partition(":")[0] for line in _text(reply.body).splitlines()}
    answer = _json(reply.body)
    if answer is None:
        return None
    return set(answer[0]) if isinstance(answer[0], dict) else set()


def _json(body: bytes) -> tuple[Any] | None:
    """The value, in a tuple because it may be null; None where the body is not JSON."""
    try:
        return (json.loads(body),)
    except ValueError:
        return None


def _json_difference(wanted: Any, found: Any, path: str) -> str | None:
    """Where two JSON values first differ; texts with tokens fit any text filled in for them."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        if list(wanted) != list(found):
            return _other_members(list(wanted), list(found), path or "the document")
        differences = (_json_difference(wanted[key], found[key], f"{path}.{key}".lstrip(".")) for key in wanted)
        return next((one for one in differences if one), None)
    fits = _fits(wanted, found) if isinstance(wanted, str) and isinstance(found, str) else _equal(wanted, found)
    return None if fits else f"{path}: {found!r}, expected {wanted!r}"


def _other_members(wanted: list[str], found: list[str], path: str) -> str:
    missing = [name for name in wanted if name not in found]
    further = [name for name in found if name not in wanted]
    said = [f"lacks {', '.join(missing)}"] if missing else []
    said += [f"has also {', '.join(further)}"] if further else []
    return f"{path} {' and '.join(said) or 'has its members in another order'}"


def _equal(wanted: Any, found: Any) -> bool:
    return type(wanted) is type(found) and bool(wanted == found)


def _fits(wanted: str, found: str) -> bool:
    """Whether ``found`` is ``wanted`` with something filled in for each token."""
    return re.fullmatch(r"[^\n]+?".join(re.escape(part) for part in _TOKEN.split(wanted)), found) is not None


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")

"""Headers that spoil a page though it is the right one: mostly the website's own, which an edge leaves on the answer.

An edge that puts a page in the place of an answer keeps that answer's headers, but for those about the old body
(developers.cloudflare.com/rules/custom-errors/). So a policy for the website's pages may block the page's style, and
what the website says of caching holds for the page, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..edges._codes import union
from ..model import Finding, codes_text
from ..rendering.csp import csp_of
from .expected import Expected, Probe
from .reply import Reply

_INLINE = {"style-src": "style", "script-src": "script"}
_FITS_NOT = {
    "location": "sends programs that follow it away from the page",
    "refresh": "has browsers leave the page",
    "content-disposition": "has browsers store the page instead of showing it",
    "link": "is about the page that was asked for, and has browsers load what the error page does not use",
    "etag": "is of the page that was asked for, so that a cache may take the error for it",
    "last-modified": "is of the page that was asked for, so that a cache may take the error for it",
}
_NEVER_STORED = {"no-store", "no-cache"}


@dataclass(frozen=True, slots=True)
class Spoiler:
    """One thing that spoils an answer. ``sources`` complete the hint: what the policy has to allow."""

    id: str
    fact: str
    hint: str
    sources: tuple[str, ...] = ()


def spoilers(expected: Expected, reply: Reply) -> Iterator[Spoiler]:
    """What spoils a page of ours in ``reply``; nothing of answers that are not ours."""
    if expected.kind != "page":
        return
    if expected.format == "html":
        yield from _blocked(reply)
    yield from _cached(reply)
    yield from _other_wait(expected, reply)
    yield from _other_language(expected, reply)
    if expected.keeps_headers:
        for name, why in _FITS_NOT.items():
            if value := reply.header(name):
                fact = f"{name.title().replace('Etag', 'ETag')}: {value} {why}"
                yield Spoiler("verify-header", fact, "let the website leave it out of its errors")


def _blocked(reply: Reply) -> Iterator[Spoiler]:
    """Inline parts that a Content Security Policy keeps out (CSP Level 3, sections 6.7.3.2 and 6.8.1)."""
    parts = csp_of(reply.body)
    for line in reply.headers.get("content-security-policy", ()):
        for policy in line.split(","):
            directives = _directives(policy)
            for name, hashes in parts.items():
                asked = next((one for one in (f"{name}-elem", name, "default-src") if one in directives), None)
                if asked and (missing := _not_allowed(directives[asked], hashes)):
                    said = " ".join((asked, *directives[asked]))
                    yield Spoiler(
                        "verify-csp",
                        f"the Content-Security-Policy blocks the page's {_INLINE[name]} ({said})",
                        f"let the website's errors go without that policy, or allow the page in {name}:",
                        tuple(f"'{one}'" for one in missing),
                    )


def _directives(policy: str) -> dict[str, list[str]]:
    """The directives of one policy; of two with the same name the first counts (CSP Level 3, section 2.2.1)."""
    found: dict[str, list[str]] = {}
    for directive in policy.split(";"):
        name, *values = directive.split() or [""]
        found.setdefault(name.lower(), values)
    return found


def _not_allowed(sources: Sequence[str], hashes: Iterable[str]) -> list[str]:
    """The hashes that a source list does not allow. 'unsafe-inline' counts only where no hash or nonce is listed."""
    words = [one.lower() for one in sources]
    strict = any(re.match(r"'(nonce-|sha(256|384|512)-|strict-dynamic')", one) for one in words)
    if "'unsafe-inline'" in words and not strict:
        return []
    return [one for one in hashes if f"'{one}'" not in sources]


def _cached(reply: Reply) -> Iterator[Spoiler]:
    """What lets a cache keep a failure that may be over soon (RFC 9111 section 5.2.2)."""
    if reply.status < 500 and reply.status != 429:
        return
    value = reply.header("cache-control")
    directives = [one.strip().lower() for one in value.split(",")]
    if _NEVER_STORED & set(directives):
        return
    if "public" in directives or any(re.fullmatch(r'(s-maxage|max-age)="?0*[1-9]\d*"?', one) for one in directives):
        fact = f"Cache-Control: {value} lets caches keep the failure when it is over"
        yield Spoiler("verify-cache", fact, "let the website send its errors with Cache-Control: no-store")


def _other_wait(expected: Expected, reply: Reply) -> Iterator[Spoiler]:
    """Seconds of the website's header that are not those of the page. A date is left alone.

    Of failures that Cloudflare makes itself the report of the build says which come with other seconds.
    """
    found, page = reply.header("retry-after"), expected.page_wait
    if expected.by_website and found.isdecimal() and page and int(found) != page:
        fact = f"Retry-After: {found} is sent with a page that says {page} seconds"
        yield Spoiler("verify-retry-after", fact, "programs obey the header: let the two say the same")


def _other_language(expected: Expected, reply: Reply) -> Iterator[Spoiler]:
    value = reply.header("content-language")
    tags = [one.strip().lower() for one in value.split(",")]
    if value and expected.language.lower() not in tags:
        fact = f"Content-Language: {value} is sent with a page in {expected.language}"
        yield Spoiler("verify-header", fact, "let the website leave it out of its errors")


def findings(target: str, found: Iterable[tuple[Probe, Spoiler]]) -> tuple[Finding, ...]:
    """Each thing once, with the codes that it was seen with. ``target`` is the edge that was asked."""
    seen: dict[tuple[str, str, str], list[tuple[Probe, Spoiler]]] = {}
    for probe, one in found:
        seen.setdefault((one.id, one.fact, one.hint), []).append((probe, one))
    made = []
    for (name, fact, hint), cases in seen.items():
        codes = codes_text(union(*(((probe.code, probe.code),) for probe, _ in cases)))
        sources = sorted({source for _, one in cases for source in one.sources})
        whole = " ".join((hint, *sources))
        made.append(Finding(name, "warning", f"{fact} (with {codes})", target, whole))
    return tuple(made)

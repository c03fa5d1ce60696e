"""What tells strangers how a website is built: stack traces, private addresses, versions, paths, internal hosts."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from functools import lru_cache

from ._check import Problem, Spot, by_cause, site_check
from ._prose import prose_words
from ._subject import Subject

HINT = "say what happened in words that help a visitor; details belong in your logs"

_ADDRESSES = frozenset(("href", "src", "srcset", "action", "d"))
"""Attributes that hold addresses, which may well have /home/ in them, or the outline of a shape."""
_PRIVATE = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),  # RFC 1918
        *("127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10"),  # loopback, link-local (RFC 3927), shared (RFC 6598)
        *("::1/128", "fe80::/10", "fc00::/7"),  # loopback, link-local, unique local (RFC 4193)
    )
)
_ADDRESS = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\d)|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}(?![\w:]))"
)
_SERVERS = (
    *("apache", "caddy", "django", "envoy", "express", "gunicorn", "haproxy", "iis", "jetty", "laravel", "lighttpd"),
    *("litespeed", "microsoft-iis", "mysql", "nginx", "node", "node.js", "openresty", "openssl", "perl", "php"),
    *("postgresql", "python", "rails", "ruby", "spring", "tengine", "tomcat", "traefik", "uvicorn", "varnish"),
    *("werkzeug", "wordpress"),
)
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "the version of a server",
        re.compile(
            rf"\b(?:{'|'.join(map(re.escape, _SERVERS))})(?:/| +v?(?=\d+\.\d+\.))v?\d+(?:\.\d+)*\w*", re.IGNORECASE
        ),
    ),
    (
        "a path of a server",
        re.compile(
            r"(?<![\w/.:-])/(?:etc|home|opt|proc|root|srv|usr|var)/[\w.-]+(?:/[\w.-]+)*|\b[A-Za-z]:\\+\w[\w\\. -]*"
        ),
    ),
    (
        "an internal host",
        re.compile(
            r"\blocalhost\b(?:\.localdomain)?(?::\d+)?"
            r"|\b(?:[A-Za-z0-9][A-Za-z0-9-]*\.)+(?:corp|home\.arpa|internal|intranet|lan|local|localdomain)\b(?!\.\w)"
        ),
    ),
    (
        "a stack trace",
        re.compile(
            r"Traceback \(most recent call last\)|\bFile \"[^\"]+\", line \d+|\bException in thread\b"
            r"|\bat [\w.$<>]+\([\w.$-]+\.(?:cs|java|kt|scala):\d+\)"
            r"|\bat (?:.{1,60} )?\(?[^\s()]+\.[cm]?[jt]s:\d+:\d+\)?"
            r"|\b(?:[a-z]\w*\.)*[A-Z]\w*[a-z]\w*(?:Exception|Error)\b(?=[:(]|$)|\bgoroutine \d+ \[|\bSQLSTATE\[\w+\]"
            r"|\bORA-\d{5}\b|\bin \S+\.php on line \d+|\b\S+\.(?:php|py|rb):\d+\b",
            re.MULTILINE,
        ),
    ),
)


@lru_cache(maxsize=4096)  # a theme's words are the same on every page
def leaks_in(text: str) -> tuple[tuple[str, str], ...]:
    """What kind of thing leaks in ``text``, and the words that do."""
    return tuple(_leaks(text))


def _leaks(text: str) -> Iterator[tuple[str, str]]:
    for found in _ADDRESS.finditer(text):
        try:
            address = ipaddress.ip_address(found[0])
        except ValueError:  # a time like 10:30:00, or a number like 300.1.1.1
            continue
        if any(address in network for network in _PRIVATE):
            yield "a private address", found[0]
    for kind, pattern in _PATTERNS:
        yield from ((kind, found[0].rstrip(". ")) for found in pattern.finditer(text))


@site_check(
    "leak",
    "error",
    "Stack traces, private addresses, versions, paths and internal hosts help attackers and nobody else (RFC 9457, "
    "section 5).",
)
def leak(subject: Subject) -> Iterator[Problem]:
    """Leaks in texts, at their line, and then what else is in pages: a theme's words, comments and attributes."""
    told: set[str] = set()
    for tag, entry, name, text in subject.all_texts():
        for kind, words in dict.fromkeys(leaks_in(prose_words(text))):
            told.add(words)
            message = f"{entry.key}.{name} has {kind}, {words}"
            yield Problem(message, subject.place_of_text(tag, entry, name, words), HINT)

    spots = (
        (path, Spot(f"shows {kind}, {words}", line, words, HINT))
        for path, line, text in _shown(subject)
        for kind, words in leaks_in(text)
        if words not in told
    )
    yield from by_cause(subject, spots)


def _shown(subject: Subject) -> Iterator[tuple[str, int, str]]:
    """Path, line and text of all that pages show, or hide in comments and attributes."""
    for page in subject.html:
        for line, text in (*page.words, *page.comments):
            yield page.path, line, text
        for element in page.elements:
            for name, value in element.attributes.items():
                if name not in _ADDRESSES and not value.startswith("data:"):
                    yield page.path, element.line, value
    for file in subject.manifest.files:
        if file.format == "markdown" and file.profile == subject.profile:
            for line, text in enumerate(subject.read(file.path).decode("utf-8", "replace").split("\n"), 1):
                yield file.path, line, prose_words(text)


CHECKS = (leak,)

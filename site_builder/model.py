"""The frozen values that flow through errgen. Standard library only; no module here knows a file, a host or an edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Format = Literal["html", "json", "problem", "markdown", "text", "xml"]
WhoActs = Literal["visitor", "owner", "both", "network"]
Origin = Literal["edge", "origin", "any"]
Severity = Literal["error", "warning", "info"]
Codes = tuple[tuple[int, int], ...]
"""A set of codes as sorted, disjoint, inclusive ranges: ``((404, 404), (500, 519))``."""

EXTENSIONS: Mapping[Format, str] = {
    "html": "html",
    "json": "json",
    "problem": "problem.json",
    "markdown": "md",
    "text": "txt",
    "xml": "xml",
}
MEDIA_TYPES: Mapping[Format, str] = {
    "html": "text/html; charset=utf-8",
    "json": "application/json; charset=utf-8",
    "problem": "application/problem+json; charset=utf-8",
    "markdown": "text/markdown; charset=utf-8",
    "text": "text/plain; charset=utf-8",
    "xml": "application/problem+xml; charset=utf-8",
}
FORMATS: tuple[Format, ...] = ("html", "json", "problem", "markdown")
"""What every site has; ``text`` and ``xml`` are made for sites that ask for them."""
MAINTENANCE = "maintenance"
"""The key of the page for planned work, which answers every 5xx of the website while it is switched on."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value was written: a path as the user knows it and a line, counted from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a check, a compiler or a plan has to say."""

    id: str
    severity: Severity
    message: str
    where: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One error of the catalog, or one family of errors, in one language.

    ``key`` names it everywhere: ``"404"``, ``"1015"``, ``"5xx"``, ``"access_denied"``. ``code`` is None for a family.
    ``codes`` is what it stands for; a family with ``catch_all`` stands for whatever no other family names in its range.
    ``status`` is the HTTP status, None where it is unpublished or where a family spans several. ``serve_status``, where
    given, replaces the status of the answer. ``detail`` and ``what_you_should_do`` are inline Markdown. ``retryable``
    is None where nobody can say. ``retry_after`` is in seconds, 1 to 21,600. ``weight`` is a relative share of traffic.
    """

    key: str
    code: int | None
    codes: Codes
    catch_all: bool
    status: int | None
    serve_status: int | None
    error_name: str
    title: str
    headline: str
    category: str | None
    detail: str
    what_you_should_do: str
    retryable: bool | None
    retry_after: int | None
    owner_action_required: bool | None
    who_acts: WhoActs
    documentation: str | None
    weight: float
    source: Source

    @property
    def cloudflare_made(self) -> bool:
        """True where only Cloudflare itself can make this error: the 1xxx codes and 520 to 526."""
        return all(low >= 1000 or (low >= 520 and high <= 526) for low, high in self.codes)

    @property
    def origin(self) -> Origin:
        """Who can make this error: 1xxx codes exist only at the edge, every other may also come from the origin."""
        return "edge" if all(low >= 1000 for low, _ in self.codes) else "any"


@dataclass(frozen=True, slots=True)
class Language:
    """The words of the interface in one language. ``strings`` maps a key of ``interface:`` in languages/TAG.yaml.

    ``tag`` is the language that the words are in. ``asked`` is the one that the site has asked for where they only
    stand in for it: German for ``de-AT``.
    """

    tag: str
    direction: Literal["ltr", "rtl"]
    strings: Mapping[str, str]
    asked: str | None = None

    @property
    def site_tag(self) -> str:
        """The tag that the site knows these pages by: its folder, and the key of texts in errgen.toml."""
        return self.asked or self.tag


@dataclass(frozen=True, slots=True)
class Profile:
    """What an edge can fill in at the moment of failure. A token of None means that it cannot."""

    name: str
    ray_id: str | None = None
    client_ip: str | None = None
    region: str | None = None

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens that this profile's edge replaces."""
        return tuple(token for token in (self.ray_id, self.client_ip, self.region) if token)


PROFILES: Mapping[str, Profile] = {
    "cloudflare": Profile("cloudflare", "::RAY_ID::", "::CLIENT_IP::", "::GEO::"),
    "static": Profile("static"),
}


@dataclass(frozen=True, slots=True)
class Logo:
    """A site's logo: ``file`` is its path in the project, ``media_type`` ``image/svg+xml`` or ``image/png``."""

    file: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Maintenance:
    """What a site says of planned work. Times are aware; ``time_zone`` is the IANA name in which they are shown.

    ``retry_after`` is in seconds. ``still_works`` is inline Markdown by language tag.
    """

    start: datetime | None = None
    end: datetime | None = None
    time_zone: str = "UTC"
    retry_after: int | None = None
    still_works: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scope:
    """Requests that get one format, whatever they accept: those for one of ``hosts`` and one of ``paths``.

    No hosts are all hosts, no paths all paths. A host is ``api.example.com``, or ``*.example.com`` for every name below
    it. A path is compared whole, without the query; an asterisk in it stands for any characters, ``/`` among them.
    """

    hosts: tuple[str, ...]
    paths: tuple[str, ...]
    format: Format

    def __str__(self) -> str:
        parts = (("hosts", self.hosts), ("paths", self.paths))
        return " and ".join(f"{name} {', '.join(values)}" for name, values in parts if values)

    def contains(self, host: str, path: str) -> bool:
        """Whether a request for ``path`` at ``host`` (lower case, no port) is one of these."""
        return (not self.hosts or any(_fits(host, one) for one in self.hosts)) and (
            not self.paths or any(_fits(path, one) for one in self.paths)
        )


@dataclass(frozen=True, slots=True)
class Site:
    """One brand, as far as a page shows it. ``name`` is ``[a-z0-9]+``; ``languages[0]`` is the default.

    ``formats`` are those to make. ``pages_url`` is an address below which ``LANGUAGE/KEY.EXT`` can be fetched for good.
    ``colors`` maps a name of the theme's colours (``accent``, ``accent_dark``) to ``#rrggbb``. ``tagline`` is a line of
    the site's own, by language tag. The first of ``scopes`` that a request is in decides its format.
    """

    name: str
    title: str
    theme: str
    languages: tuple[str, ...]
    home: str
    contact: str | None = None
    status_page: str | None = None
    type_base: str | None = None
    sign_in: str | None = None
    formats: tuple[Format, ...] = FORMATS
    pages_url: str | None = None
    script: bool = False
    logo: Logo | None = None
    colors: Mapping[str, str] = field(default_factory=dict)
    tagline: Mapping[str, str] = field(default_factory=dict)
    maintenance: Maintenance = Maintenance()
    scopes: tuple[Scope, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One entry × format × language × profile, as bytes. ``path`` is below ``pages/``: ``static/en/404.html``.

    ``csp`` maps a directive of a Content Security Policy (``style-src``, ``script-src``) to the hash sources of the
    page's inline parts: ``sha256-…``, in the order in which they stand in it.
    """

    path: str
    entry: Entry
    format: Format
    language: str
    profile: str
    content: bytes = field(repr=False)
    csp: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class File:
    """One page as the manifest lists it. ``path`` is below the site's output: ``pages/static/en/404.html``."""

    path: str
    sha256: str
    bytes: int
    media_type: str
    format: Format
    language: str
    profile: str
    key: str
    code: int | None
    csp: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """A neutral rule: which answer gets which page. In a manifest they are ordered and the first match wins.

    ``page`` is below a profile's folder, ``en/404.html``: an edge puts the profile it can fill before it. One with
    ``maintenance`` counts only while planned work is announced, and then before all others.
    """

    codes: Codes
    origin: Origin
    format: Format
    language: str
    page: str
    weight: float
    status: int | None = None
    retry_after: int | None = None
    maintenance: bool = False


@dataclass(frozen=True, slots=True)
class Manifest:
    """All pages of one site and the neutral rules. ``release`` is the digest of everything else in it.

    The first of ``scopes`` that a request is in decides the format, and Accept does where it is in none.
    """

    site: str
    theme: str
    languages: tuple[str, ...]
    files: tuple[File, ...]
    rules: tuple[Rule, ...]
    release: str
    scopes: tuple[Scope, ...] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """What asking an edge's rules for everything found: ``figures`` for machines, and what there is to say of them."""

    figures: Mapping[str, Any]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Compiled:
    """What an edge needs: files by their path below ``edges/EDGE/``, and what there is to say about them.

    ``proof`` says how exact it is, None for an edge whose answers errgen cannot evaluate.
    """

    files: Mapping[str, bytes]
    findings: tuple[Finding, ...] = ()
    proof: Proof | None = None


def contains(codes: Codes, code: int) -> bool:
    """Whether ``code`` is one of ``codes``."""
    return any(low <= code <= high for low, high in codes)


def _fits(text: str, pattern: str) -> bool:
    """Whether ``text`` is ``pattern``, in which asterisks stand for any characters."""
    first, *others = pattern.split("*")
    if not others:
        return text == pattern
    *between, last = others
    if not text.startswith(first):
        return False
    place = len(first)
    for part in between:  # as early as possible leaves most for the rest
        found = text.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return text.endswith(last) and len(text) - len(last) >= place


def codes_text(codes: Codes) -> str:
    """``codes`` for people and for files: ``404``, ``500..519 527``."""
    return " ".join(str(low) if low == high else f"{low}..{high}" for low, high in codes)

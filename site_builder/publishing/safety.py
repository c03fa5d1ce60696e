"""What a plan would lose that nobody may have meant to: rules, pages, and what another project has put there. Pure.

Such a plan is refused unless somebody insists. What was asked for by name is never in question: the removal of
everything, rules that are switched off, planned work, a smaller number of rules in errgen.toml, and what is stale.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from ..edges._remote import EdgePlan
from ..errors import Fault, UnsafePlan
from ..model import Finding
from .plan import Plan

FEWEST = 10
"""Where there are fewer things than this, only the loss of all of them is in question."""

SHARE = 0.3
"""More than this part of them may not go unasked. octoDNS draws the same line for the records of a zone."""

MOST_NAMES = 3

WITHOUT_LOSS = "look at what was changed last in errgen.toml and the catalog; if it is meant, insist with --force"
WITHOUT_CLASH = (
    "if both are yours, give one of the two sites another name in errgen.toml; if the host has moved, or what is there "
    "may go, insist with --force"
)


@dataclass(frozen=True, slots=True)
class Published:
    """What a host had before: the files of the site's current release, as SHA-256 by path, empty where there is none.

    ``home`` is the address below which its pages are, None where nobody can say. ``is_new``: it never had any of this
    site's pages.
    """

    host: str
    files: Mapping[str, str] = field(default_factory=dict)
    home: str | None = None
    is_new: bool = False


def dangers(
    published: Published, wanted: Iterable[str], edges: Iterable[EdgePlan], maintenance: bool | None = None
) -> tuple[Finding, ...]:
    """What speaks against changing ``edges``, and against serving the files of ``wanted``, by path, from now on.

    ``maintenance``: planned work is to be announced, whose few rules stand for those of many codes, or to be ended.
    """
    found = list(_lost_pages(published, wanted))
    for edge in edges:
        if edge.changes:
            found += [*_clash(published, edge), *(lost_rules(edge) if maintenance is None else ())]
    return tuple(found)


def require_safe(plan: Plan, *, forced: bool) -> None:
    """Raise UnsafePlan, with all that speaks against ``plan``, unless it is ``forced``."""
    if plan.unsafe and not forced:
        faults = [Fault(one.where or plan.site, one.message) for one in plan.unsafe]
        raise UnsafePlan(faults, hint="; ".join(dict.fromkeys(one.hint for one in plan.unsafe if one.hint)))


def lost_rules(edge: EdgePlan) -> Iterable[Finding]:
    """Rules that go though there is room for them, as far as no new ones stand for them."""
    deleted = [one.name for one in edge.changes if (one.kind, one.action) == ("rule", "delete")]
    created = sum((one.kind, one.action) == ("rule", "create") for one in edge.changes)
    could_stay = min(edge.live.rules, edge.live.room)
    stay = edge.live.rules - len(deleted) + created
    if _too_many(could_stay - stay, could_stay):
        message = f"{edge.live.rules - stay} of the {edge.live.rules} rules of ours would be gone: {_some(deleted)}"
        yield Finding("unsafe-rules", "error", message, edge.target, WITHOUT_LOSS)


def _lost_pages(published: Published, wanted: Iterable[str]) -> Iterable[Finding]:
    """Pages that clients can get now and that no page of the same code, format and language stands for."""
    before = sorted({name for path in published.files if (name := _name(path))})
    after = {name for path in wanted if (name := _name(path))}
    lost = [name for name in before if name not in after]
    shares = {language: ([one for one in lost if _language(one) == language],
                         [one for one in before if _language(one) == language])
              for language in dict.fromkeys(map(_language, before))}  # fmt: skip
    whole = [f"all {len(there)} in {language}" for language, (gone, there) in shares.items() if gone == there]
    named = ", ".join(whole) or _some(lost)
    if _too_many(len(lost), len(before)):
        message = f"{len(lost)} of the {len(before)} pages of the current release would be gone: {named}"
        yield Finding("unsafe-pages", "error", message, published.host, WITHOUT_LOSS)
        return
    for language, (gone, there) in shares.items():
        if _too_many(len(gone), len(there)):
            message = f"{len(gone)} of the {len(there)} pages in {language} would be gone: {_some(gone)}"
            yield Finding("unsafe-language", "error", message, published.host, WITHOUT_LOSS)


def _clash(published: Published, edge: EdgePlan) -> Iterable[Finding]:
    """Rules by our names which nothing says that this project made."""
    live = edge.live
    if live.copies:
        digests = {sha256[: len(digest)] for sha256 in published.files.values() for _, digest in live.copies}
        if any(_is_below(url, published.home) or digest in digests for url, digest in live.copies):
            return
        first = live.copies[0][0]
        what = f"none of the {len(live.copies)} pages that it serves under this site's name is of {published.host}, "
        yield Finding("unsafe-clash", "error", f"{what}the first is of {first}", edge.target, WITHOUT_CLASH)
    elif live.rules and published.is_new:
        message = f"has {live.rules} rules under this site's name, and {published.host} never had a page of it"
        yield Finding("unsafe-clash", "error", message, edge.target, WITHOUT_CLASH)


def _too_many(lost: int, there: int) -> bool:
    return 0 < there <= lost or (there >= FEWEST and lost > SHARE * there)


def _is_below(url: str, home: str | None) -> bool:
    return home is not None and unquote(url).startswith(unquote(home))


def _name(path: str) -> str:
    """``en/404.html`` for ``pages/static/en/404.html``: which edge's page it is does not matter. Empty for others."""
    folder, _, below = path.partition("/")
    return below.partition("/")[2] if folder == "pages" else ""


def _language(name: str) -> str:
    return name.partition("/")[0]


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST_NAMES]) + (", …" if len(names) > MOST_NAMES else "")

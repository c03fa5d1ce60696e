"""Which of a site's neutral rules become rules of Cloudflare: in which languages, for whom, and why not the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...manifest import is_own_page
from ...model import Codes, Format, Manifest, Rule
from .._codes import difference, intersection, union
from .allocation import ORDER, Allocation
from .budget import Choice, choose
from .candidates import Candidate, tier_of
from .delivery import Delivery
from .expressions import EVERYBODY, LONGEST, STRUCTURED, Whom
from .languages import language_test
from .options import PLANS, Options
from .rules import SERVED_BY
from .scopes import ScopeTests, hosts_test

MACHINE: tuple[Format, Format] = ("markdown", "json")
NO_ROOM = "the plan has no room for it beside pages that more clients get"
NO_ROOM_AT_ALL = "the plan has no room for it"
DEFAULT_SHARE, OTHER_SHARE = 6, 4
"""How many of ten clients read the default language, and how many the others together, where nobody has counted."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What is served in the site's default language, and in the ``further`` ones, in the order of the site.

    ``languages`` are those that were to be served. A further language without room for any page is in no allocation.
    """

    languages: tuple[str, ...]
    default: Allocation
    further: Mapping[str, Allocation]


def select(manifest: Manifest, delivery: Delivery, options: Options) -> Selection:
    """The best choice within the limits of ``options``. Deterministic."""
    shares = language_shares(manifest.languages, options)
    neutral = [one for one in manifest.rules if one.language in shares and one.format in ORDER and not one.maintenance]
    by_language = {tag: tuple(rule for rule in neutral if rule.language == tag) for tag in shares}
    whom = _whom(manifest, tuple(shares), options)
    left = STRUCTURED if options.machine_clients == "cloudflare" else ()
    refused = delivery.too_large(neutral)
    weights = {rule.codes[0][0]: rule.weight for rule in reversed(neutral) if is_own_page(rule)}
    weights = options.counts.weights(weights) if options.counts else weights
    scoped = whom[manifest.languages[0]].scopes.tests
    candidates = [_candidate(rule, left, delivery, weights, scoped) for rule in neutral]
    while True:
        eligible = [one for one in candidates if one.codes and one.page not in refused]
        choice = choose(eligible, options.quota, weights, shares)
        allocations = {
            tag: Allocation(rules, choice.pages, choice.machine_served.get(tag, ()), left, refused, whom[tag])
            for tag, rules in by_language.items()
        }
        too_long = {page: reason for one in allocations.values() for page, reason in _too_long(one)}
        if not too_long:
            break
        refused = {**refused, **too_long}
    reasons = {**refused, **_without_room(eligible, choice)}
    final = {tag: one.because(reasons) for tag, one in allocations.items()}
    default, *others = shares
    further = {tag: final[tag] for tag in others if any(final[tag].in_order())}
    return Selection(tuple(shares), final[default], further)


def language_shares(languages: Sequence[str], options: Options) -> dict[str, int]:
    """The languages to serve and their shares among the clients, in any unit; the site's default language first.

    Where the table does not say, it is the default language alone as long as a plan has no more room than Pro, and
    otherwise all. Languages that the site has no pages in are passed over.
    """
    default, *others = languages
    counted = options.language_shares
    usual = [] if options.quota.rules <= PLANS["pro"].rules else others
    asked = options.languages if options.languages is not None else counted or usual
    further = [tag for tag in others if tag in asked]
    if counted:
        return {tag: max(1, round(counted.get(tag, 0) * 1000)) for tag in (default, *further)}
    if not further:
        return {default: 1}
    return {default: DEFAULT_SHARE * len(further), **dict.fromkeys(further, OTHER_SHARE)}


def _whom(manifest: Manifest, served: tuple[str, ...], options: Options) -> dict[str, Whom]:
    scopes = ScopeTests.of(manifest.scopes)
    hosts = hosts_test(options.hosts) if options.hosts else None
    default, *others = served
    return {
        default: Whom(None, scopes, hosts) if scopes.tests or hosts else EVERYBODY,
        **{tag: Whom(language_test(tag, served), scopes, hosts) for tag in others},
    }


def _candidate(
    rule: Rule, left: Codes, delivery: Delivery, weights: Mapping[int, float], scoped: Mapping[Format, str]
) -> Candidate:
    accepted = rule.codes if rule.format == "html" else difference(rule.codes, left)
    return Candidate(
        page=rule.page,
        format=rule.format,
        tier=tier_of(rule),
        codes=rule.codes if SERVED_BY[rule.format] in scoped else accepted,
        weight=weights[rule.codes[0][0]] if is_own_page(rule) else rule.weight,
        asset=delivery.by_asset(rule),
        language=rule.language,
        accepted=accepted,
    )


def _too_long(allocation: Allocation) -> Iterable[tuple[str, str]]:
    """The chosen pages whose rules Cloudflare would not take, with the reason."""
    for rule in allocation.in_order():
        length = len(allocation.expression(rule))
        if length > LONGEST:
            yield rule.page, f"its expression would have {length:,} characters, and Cloudflare takes {LONGEST:,}"


def _without_room(candidates: Sequence[Candidate], choice: Choice) -> dict[str, str]:
    """Pages that were not chosen, as far as more room would change that: see ``choose`` on machine formats."""
    wide = {form: [one for one in candidates if one.tier == "catch-all" and one.format == form] for form in MACHINE}
    both = intersection(*(union(*(one.paired for one in wide[form])) for form in MACHINE))
    in_scopes = {form: union(*(difference(one.codes, one.paired) for one in wide[form])) for form in MACHINE}
    possible = {form: union(both, codes) for form, codes in in_scopes.items()}
    reason = NO_ROOM if choice.pages else NO_ROOM_AT_ALL
    return {
        one.page: reason
        for one in candidates
        if one.page not in choice.pages and (one.format == "html" or not difference(one.codes, possible[one.format]))
    }

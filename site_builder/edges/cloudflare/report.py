"""What a compiled ruleset serves for each code and format, why not more, and how much of each limit it uses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...model import MEDIA_TYPES, Codes, Finding, Manifest, Scope, codes_text
from .._codes import union
from .allocation import LEFT, NO_PAGE, Allocation, in_language, served_by
from .budget import usable_assets
from .delivery import INLINE_CONTENT
from .expressions import LONGEST
from .languages import LANGUAGE_DIFFERENCES
from .options import Options
from .preferences import ACCEPT_DIFFERENCES
from .rules import CONTENT_TYPES, MOST_CONTENT, SERVED_BY
from .selection import Selection

NO_SUCH_RULE = "no rule serves plain text or XML"
FREE_HINT = (
    "custom error rules need the Pro plan or above; without them these pages still work at the origin (nginx, Apache, "
    "Caddy, HAProxy) or on Netlify, and Cloudflare keeps its own HTML, JSON and Markdown for what it fails with"
)


def report_of(
    manifest: Manifest, options: Options, selection: Selection, rules: Sequence[Mapping[str, Any]], assets: int
) -> dict[str, Any]:
    """``report.json``: a code stands once in ``served``; a range there means every other code in it.

    ``languages`` has what clients that prefer another language are served in it, ``scopes`` what those of a scope are
    served that is not served otherwise; all else is as in ``served``.
    """
    allocation = selection.default
    served = served_by(allocation)
    languages = {tag: in_language(one) for tag, one in selection.further.items()}
    return {
        "edge": "cloudflare",
        "site": manifest.site,
        "release": manifest.release,
        "plan": options.plan_name,
        "machine_clients": options.machine_clients,
        "delivery": options.delivery,
        **({"traffic": {"file": options.traffic, "codes": len(options.counts.counts)}} if options.counts else {}),
        **({"hosts": list(options.hosts)} if options.hosts else {}),
        "language": manifest.languages[0],
        "languages_left_out": [tag for tag in manifest.languages[1:] if tag not in languages],
        "limits": _limits(options, rules, assets),
        "media_types": [
            {"format": wanted, "made_for": MEDIA_TYPES[wanted], "served_as": CONTENT_TYPES[SERVED_BY[wanted]]}
            for wanted in ("problem", "markdown")
        ],
        "differences": [*ACCEPT_DIFFERENCES, *(LANGUAGE_DIFFERENCES if languages else ())],
        "headers": "An error rule sets no header: all stay as the failing answer has them, except Content-Type and "
        "Content-Length.",
        "served": served,
        **({"languages": languages} if languages else {}),
        **({"scopes": [_in_scope(one, allocation, served) for one in manifest.scopes]} if manifest.scopes else {}),
    }


def _in_scope(scope: Scope, allocation: Allocation, served: Mapping[str, Any]) -> dict[str, Any]:
    """A scope as the manifest has it, and what differs there from what its format is served otherwise."""
    described: dict[str, Any] = {"format": scope.format}
    if scope.hosts:
        described["hosts"] = list(scope.hosts)
    if scope.paths:
        described["paths"] = list(scope.paths)
    if scope.format not in SERVED_BY:
        return {**described, "obstacle": NO_SUCH_RULE}
    answers = {
        codes_text((span,)): allocation.served(code, scope.format, in_scope=True) for span, code in allocation.spans()
    }
    described["served"] = {
        codes: answer for codes, answer in answers.items() if answer != served[codes].get(scope.format)
    }
    return described


def _limits(options: Options, rules: Sequence[Mapping[str, Any]], assets: int) -> dict[str, Any]:
    expressions = [(len(rule["expression"]), rule["ref"]) for rule in rules]
    contents = [
        (len(rule["action_parameters"]["content"].encode()), rule["ref"])
        for rule in rules
        if "content" in rule["action_parameters"]
    ]
    return {
        "rules": {"used": len(rules), "limit": options.quota.rules},
        "assets": {"used": assets, "usable": usable_assets(options.quota), "limit": options.quota.assets},
        "expression_characters": _largest(expressions, LONGEST),
        "content_bytes": _largest(contents, MOST_CONTENT),
        # Cloudflare publishes no limit of a whole ruleset; publishing puts it on a dry run before anything is switched.
        "put_bytes": {"used": len(json.dumps({"rules": list(rules)}, ensure_ascii=False).encode())},
    }


def _largest(sizes: Iterable[tuple[int, str]], limit: int) -> dict[str, Any]:
    size, ref = max(sizes, key=lambda found: found[0], default=(0, None))
    return {"largest": size, **({"rule": ref} if ref else {}), "limit": limit}


def findings_of(
    manifest: Manifest, options: Options, selection: Selection, report: Mapping[str, Any]
) -> tuple[Finding, ...]:
    """What a person has to know before publishing."""
    allocation = selection.default
    unknown = options.counts.findings(allocation.rules) if options.counts else ()
    if options.quota.rules == 0:
        why, hint = "the plan has no custom error rules", FREE_HINT
        if options.limits:
            why, hint = (
                "limits leave errgen no rule",
                "raise rules in limits, or remove limits where nobody else has rules",
            )
        message = f"Cloudflare serves none of the {len(allocation.rules)} pages: {why}"
        return (Finding("cloudflare-no-rules", "warning", message, hint=hint), *unknown)
    findings = [*unknown]
    unserved = _unserved(report["served"])
    for wanted, codes in unserved.items():
        message = f"no {wanted} page of ours is served for {codes}"
        hint = "raise the limits, take a larger plan, or make the pages smaller; report.json has each reason"
        if wanted == "html" and options.delivery == "assets" and not usable_assets(options.quota):
            hint = 'there is no room for assets: raise limits.assets, or write delivery = "inline"'
        findings.append(Finding("cloudflare-unserved", "error", message, hint=hint))
    if options.delivery == "inline" and (large := _larger_than_a_rule(allocation)):
        named = ", ".join(large[:3]) + (", …" if len(large) > 3 else "")
        message = f"{len(large)} HTML pages do not fit into rules, and get none: {named}"
        hint = 'delivery = "auto" makes assets of them; report.json says what is served instead'
        findings.append(Finding("cloudflare-too-large", "warning", message, hint=hint))
    covered = [
        codes
        for codes, formats in report["served"].items()
        if any("page" in answer and "reason" in answer for answer in formats.values())
    ]
    if covered:
        message = f"{len(covered)} codes are answered with a wider page than their own in at least one format"
        hint = "report.json says for each which page and why"
        findings.append(Finding("cloudflare-covered-by-family", "info", message, hint=hint))
    return (*findings, *_languages_of(manifest, options, selection), *_scopes_of(manifest))


def _languages_of(manifest: Manifest, options: Options, selection: Selection) -> Iterator[Finding]:
    """Languages that are asked for and cannot be served, and those that are left out."""
    default = manifest.languages[0]
    named = [*(options.languages or ()), *options.language_shares]
    if unknown := [tag for tag in dict.fromkeys(named) if tag not in manifest.languages]:
        message = f"the site has no pages in {', '.join(unknown)}, which this table names"
        hint = f"the site has {', '.join(manifest.languages)}; add to its languages, or correct this table"
        yield Finding("cloudflare-language", "error", message, hint=hint)
    if full := [tag for tag in selection.languages if tag != default and tag not in selection.further]:
        message = f"no page in {', '.join(full)} is served: there is no room for it beside pages that more clients get"
        hint = "raise the limits, take a larger plan, or say in language_shares how many of the clients read each"
        yield Finding("cloudflare-language-room", "warning", message, hint=hint)
    others = [tag for tag in manifest.languages if tag not in selection.languages]
    if others and options.languages is None:
        left_out = "1 language is left out" if len(others) == 1 else f"{len(others)} languages are left out"
        message = f"Cloudflare's rules answer in {default} only; {left_out}: {', '.join(others)}"
        listed = ", ".join(f'"{tag}"' for tag in others[:2])
        hint = f"languages = [{listed}] in this table has them served, as far as there is room beside {default}"
        yield Finding("cloudflare-one-language", "warning", message, hint=hint)


def _scopes_of(manifest: Manifest) -> Iterator[Finding]:
    """Scopes whose format no rule serves."""
    for scope in manifest.scopes:
        if scope.format not in SERVED_BY:
            places = ", ".join((*scope.hosts, *scope.paths))
            message = f"the scope of {places} does not count here: {NO_SUCH_RULE}"
            hint = "clients there get what they accept; html, json and markdown are served"
            yield Finding("cloudflare-scope", "warning", message, hint=hint)


def _larger_than_a_rule(allocation: Allocation) -> list[str]:
    """The HTML pages that were refused for their size."""
    html = [rule.page for rule in allocation.rules if rule.format == "html" and rule.page in allocation.refused]
    return [page for page in html if INLINE_CONTENT in allocation.refused[page]]


def _unserved(served: Mapping[str, Mapping[str, Mapping[str, str]]]) -> dict[str, str]:
    """By format, the codes that errgen has pages for and Cloudflare does not serve, other than by choice."""
    found: dict[str, Codes] = {}
    for codes, formats in served.items():
        low, _, high = codes.partition("..")
        for wanted, answer in formats.items():
            if "page" not in answer and answer["reason"] not in (LEFT, NO_PAGE):
                found[wanted] = union(found.get(wanted, ()), ((int(low), int(high or low)),))
    return {wanted: codes_text(codes) for wanted, codes in found.items()}

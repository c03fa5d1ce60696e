"""What a distribution does with the pages: what each code gets, what gets nothing, and what to know before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ...manifest import is_own_page, page_key
from ...model import EXTENSIONS, Codes, Finding, Manifest, Rule, codes_text
from .._codes import difference, intersection, union
from .._edge import pages_of
from .access import BUCKET, missing_options, origin_id
from .options import BINDABLE, Options
from .responses import FORMAT, PROFILE, Response, announced_responses
from .terraform import usage

_BINDABLE: Codes = union((code, code) for code in BINDABLE)
_OF_CLOUDFLARE: Codes = ((520, 527), (530, 530), (1000, 1999))
NO_PAGE = "the catalog has no page for it"
NOT_TAKEN = "CloudFront takes no error response for it: the answer of whoever failed passes through"
NOT_THERE = "only Cloudflare fails with it"


def report_of(manifest: Manifest, options: Options, responses: Sequence[Response]) -> dict[str, Any]:
    """``report.json``."""
    return {
        "edge": "cloudfront",
        "site": manifest.site,
        "release": manifest.release,
        **({"distribution": options.distribution} if options.distribution else {}),
        "language": manifest.languages[0],
        "format": FORMAT,
        "languages_left_out": list(manifest.languages[1:]),
        "formats_left_out": _other_formats(manifest),
        "codes": {str(one.code): _bound(one) for one in responses},
        "not_bound": [
            {"codes": codes_text(codes), "reason": reason}
            for codes, reason in (
                (without_page(responses), NO_PAGE),
                (not_taken(manifest), NOT_TAKEN),
                (intersection(_own_codes(manifest), _OF_CLOUDFLARE), NOT_THERE),
            )
            if codes
        ],
        "families_not_in_use": _families_not_in_use(manifest, responses),
        "differences": _differences(manifest, options, responses),
        "warnings": _warnings(),
        "merging": _merging(manifest.site, options),
        "terraform": usage(manifest.site),
    }


def _bound(response: Response) -> dict[str, Any]:
    return {
        "page": response.rule.page,
        "via": response.via,
        "path": response.path,
        "status": response.status,
        "caching_seconds": response.caching_seconds,
    }


def without_page(responses: Iterable[Response]) -> Codes:
    """The codes that CloudFront would take a page for, and there is none."""
    return difference(_BINDABLE, union((one.code, one.code) for one in responses))


def not_taken(manifest: Manifest) -> Codes:
    """The codes with a page of their own that an origin may fail with, and that CloudFront has no place for."""
    return difference(_own_codes(manifest), union(_BINDABLE, _OF_CLOUDFLARE))


def _own_codes(manifest: Manifest) -> Codes:
    return union(*(rule.codes for rule in _rules(manifest) if is_own_page(rule)))


def _rules(manifest: Manifest) -> list[Rule]:
    """The rules of the pages that could be served."""
    default = manifest.languages[0]
    return [
        rule for rule in manifest.rules if rule.format == FORMAT and rule.language == default and not rule.maintenance
    ]


def _families_not_in_use(manifest: Manifest, responses: Iterable[Response]) -> dict[str, str]:
    used = {one.rule.page for one in responses}
    families = [rule for rule in _rules(manifest) if not is_own_page(rule) and rule.page not in used]
    return {page_key(rule.page)[1]: codes_text(rule.codes) for rule in families}


def _other_formats(manifest: Manifest) -> list[str]:
    made = {file.format for file in pages_of(manifest, PROFILE).values()}
    return [form for form in EXTENSIONS if form in made and form != FORMAT]


def _differences(manifest: Manifest, options: Options, responses: Sequence[Response]) -> list[str]:
    """How its answers differ from the reference answer."""
    default = manifest.languages[0]
    said = [
        f"Every client gets HTML in {default}: CloudFront looks at the code alone, neither at Accept nor at "
        "Accept-Language. Other formats and languages are built, to be linked to or served by an origin."
    ]
    if waits := [str(one.code) for one in responses if one.rule.retry_after]:
        said.append(
            f"Retry-After is not sent with the page of {', '.join(waits)}: an object in S3 cannot carry it, and an "
            "error response sets no header."
        )
    said += [
        f"{one.code} is answered with {one.status} and not {one.asked_status}, which CloudFront cannot send."
        for one in responses
        if one.status != one.asked_status
    ]
    if announced := [str(one.code) for one in announced_responses(manifest, options) if one.rule.maintenance]:
        said.append(
            f"While planned work is announced (errgen publish --maintenance), {', '.join(announced)} are answered with "
            "its page and 503. Without a distribution in errgen.toml that is for you to do, with "
            "custom_error_responses.maintenance.json."
        )
    return said


def _warnings() -> list[str]:
    """What holds for every distribution."""
    return [
        "Error responses are for the whole distribution: APIs behind it get these pages too. Where they have to "
        "answer JSON, give them a distribution of their own.",
        "A page that is not in the bucket is answered with the bucket's own status, 403 or 404, instead of the "
        "error's: upload the pages first, and delete none that a distribution still names.",
        "Where the website itself is in S3, a missing file is answered with 403, and with the page of 403, unless "
        "CloudFront also has s3:ListBucket on that bucket.",
        "The page of 403 also replaces what AWS WAF answers when it blocks a request, unless a custom response is set "
        "there.",
        "400, 403 and 405 are cached only where the origin's answer allows it by max-age, and 416 never; an answer "
        "with a longer max-age than ErrorCachingMinTTL is cached for that long.",
        "Where CloudFront has an expired copy of what was asked for, it serves that copy, and no page, while the "
        "origin fails with 5xx.",
        "Some failures of CloudFront's own get no page: requests that it refuses to read (413 among them), and 503 "
        "where a limit of CloudFront is exceeded.",
    ]


def _merging(site: str, options: Options) -> list[str]:
    """How to put the files into a distribution that is there."""
    prefix = f"{options.origin_path}{options.pages_path}".strip("/")
    where = f"the prefix {prefix}" if prefix else "no prefix"
    bucket = options.bucket or BUCKET
    identifier = options.distribution or "ID"
    return [
        f"The host that the pages are uploaded to has kind s3, {where}, and the bucket {bucket}.",
        f"The distribution has an origin {origin_id(site, options)}: the bucket's REST endpoint "
        f"({bucket}.s3.REGION.amazonaws.com), the origin path '{options.origin_path}', and Origin Access Control that "
        "signs every request.",
        "Add the statement of bucket_policy.json to the bucket's policy: put-bucket-policy replaces the whole policy.",
        f"aws cloudfront get-distribution-config --id {identifier} gives the configuration and its ETag.",
        "Put cache_behavior.json into CacheBehaviors, before every behavior whose PathPattern takes the same "
        "addresses.",
        "errgen publish does what follows by itself where errgen.toml names the distribution.",
        "Put the items of custom_error_responses.json in place of those with the same ErrorCode in "
        "CustomErrorResponses, keep all others, and set both Quantity values to the number of items.",
        f"aws cloudfront update-distribution --id {identifier} --if-match ETAG takes the whole configuration back. "
        "Pages are named by their content, so that nothing has to be invalidated.",
    ]


def findings_of(manifest: Manifest, options: Options, responses: Sequence[Response]) -> tuple[Finding, ...]:
    """What a person has to know before the files are used."""
    findings = []
    default = manifest.languages[0]
    if absent := without_page(responses):
        message = f"there is no {FORMAT} page in {default} for {codes_text(absent)}, so CloudFront keeps its own"
        hint = "give the catalog a page for each, or for 4xx and 5xx"
        findings.append(Finding("cloudfront-no-page", "warning", message, hint=hint))
    for one in responses:
        if one.status != one.asked_status:
            message = f"CloudFront cannot answer {one.code} with {one.asked_status}; it sends {one.status}"
            hint = f"it can send {', '.join(map(str, BINDABLE))}: change serve_status"
            findings.append(Finding("cloudfront-status", "warning", message, hint=hint))
    if len(manifest.languages) > 1:
        left_out = ", ".join(manifest.languages[1:])
        message = f"CloudFront serves only the default language, {default}; left out: {left_out}"
        hint = "give each language a site and a distribution of its own, or let the origin answer"
        findings.append(Finding("cloudfront-one-language", "warning", message, hint=hint))
    if manifest.scopes:
        message = "CloudFront's error responses cannot tell hosts and paths apart, so that no "
        hint = "give the API a distribution of its own, or let its origin answer with the pages of another edge"
        findings.append(Finding("cloudfront-scopes", "warning", f"{message}scope counts here", hint=hint))
    if codes := not_taken(manifest):
        count = sum(high - low + 1 for low, high in codes)
        message = f"CloudFront takes no page for {count} codes that have one: {codes_text(codes)}"
        hint = "let the origin answer these with the pages of another edge, as of nginx"
        findings.append(Finding("cloudfront-not-bindable", "info", message, hint=hint))
    if missing := missing_options(options):
        message = f"bucket_policy.json has {_listed(missing)} in place of what is not in errgen.toml"
        hint = f"add {_listed(missing.values())} to this table, or complete the policy by hand"
        findings.append(Finding("cloudfront-incomplete-policy", "info", message, hint=hint))
    return tuple(findings)


def _listed(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last

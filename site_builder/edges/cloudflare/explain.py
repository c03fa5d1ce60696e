"""Explains one answer of Cloudflare: the rules in their order, why each did not match, and what is served.

The rules are those a publish would put there, evaluated by the function that the emulator answers visitors with.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ...model import Format, Manifest, Scope
from ...rules_language import parse
from .._edge import Read, pages_of
from .._explain_by_report import holds
from .._explaining import Explanation, Facts, Passed, Question, Reference, Reply, pages_by_digest, scope_of
from .answer import Answer, Deployment, Failure, Request, Visit, answer, edge_failure, first_match
from .compile import CloudflareRules, compile_rules
from .exchange import expression_values
from .options import Options
from .response_headers import transformed
from .subexpressions import failed_parts

VISIT = Visit("0123456789abcdef", "192.0.2.1", "DE", datetime(2026, 1, 1, tzinfo=UTC))
"""Values that stand in for what only the moment decides; the address is for documentation (RFC 5737)."""

BROWSER_HEADERS: Mapping[str, tuple[str, ...]] = {
    "accept-encoding": ("gzip, deflate, br, zstd",),
    "user-agent": ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",),
}
ORIGIN_BODY = b"<!DOCTYPE html>\n<title>Origin</title>\n<p>The origin's own answer.</p>\n"
HEADERS_NOTE = "an error rule sets no header: Retry-After is only there where the failing answer has it"
CODES = frozenset({"http.response.code", "cf.response.1xxx_code", "cf.response.error_type"})


class CloudflareExplainer:
    """Explains the rules that ``options`` get for ``manifest``. ``facts`` is what the catalog knows about a code."""

    def __init__(self, manifest: Manifest, read: Read, options: Options, facts: Facts) -> None:
        compiled = compile_rules(manifest, read, options)
        self._rules = compiled.rules
        self._headers = compiled.headers
        self._report: Mapping[str, Any] = compiled.report
        self._scopes = manifest.scopes
        self._hosts = tuple(options.hosts)
        self._reference = Reference(manifest)
        self._facts = facts
        self._deployment = deployment_of(compiled, read, account=options.account is not None)
        self._pages = pages_by_digest(pages_of(manifest, "cloudflare"))

    def answer(self, question: Question) -> Explanation:
        """What is served and by which rule, without those before it."""
        made, values, matched = self._ask(question)
        return self._explanation(question, made, values, matched, ())

    def explain(self, question: Question) -> Explanation:
        """What is served, by which rule, and why not by those before it."""
        made, values, matched = self._ask(question)
        passed = []
        for rule in self._rules:
            if rule is matched:
                break
            passed.append(_passed(rule, failed_parts(parse(rule["expression"]), values)))
        return self._explanation(question, made, values, matched, tuple(passed))

    def _ask(self, question: Question) -> tuple[Answer, Mapping[str, Any], Mapping[str, Any] | None]:
        """The answer, the fields that rules could read, and the rule that made it."""
        request = request_of(question)
        failure = failure_of(question, self._facts)
        made = answer(request, failure, self._deployment, VISIT, self._facts)
        values = expression_values(request, failure, made, self._deployment, VISIT)
        return made, values, first_match(self._rules, values)

    def _with_headers(self, made: Answer, values: Mapping[str, Any]) -> tuple[Answer, str]:
        """The answer as rules for response headers leave it, and a note on that; no two of ours match at once."""
        rule = first_match(self._headers, {**values, "http.response.code": made.status})
        if rule is None:
            return made, HEADERS_NOTE
        note = f"{rule['ref']} sets Retry-After, which the failing answer does not have"
        return transformed(made, [[rule]], lambda _: True), note

    def _explanation(
        self,
        question: Question,
        made: Answer,
        values: Mapping[str, Any],
        matched: Mapping[str, Any] | None,
        passed: tuple[Passed, ...],
    ) -> Explanation:
        reason = self._reason(question)
        if matched is None:
            whose = {"Cloudflare": "Cloudflare's own answer", "origin": "the origin's own answer"}[made.served_by]
            reply = Reply(whose, None, made.status, made.headers, made.body)
            return Explanation(reply, passed=passed, reason=reason or "no rule matches")
        place = [rule["ref"] for rule in self._rules].index(matched["ref"]) + 1
        made, note = self._with_headers(made, values)
        return Explanation(
            Reply("Cloudflare", self._page_of(matched), made.status, made.headers, made.body),
            rule=f"{matched['ref']}, rule {place} of {len(self._rules)}",
            test=str(matched["expression"]),
            passed=passed,
            reason=reason,
            notes=(note,),
        )

    def _reason(self, question: Question) -> str | None:
        """Why the compiler did not give the code its own page for such a client; None where it did."""
        if self._hosts and not Scope(self._hosts, (), "html").contains(question.host.lower(), question.path):
            return f"the rules are only for {', '.join(self._hosts)}"
        wanted, language = self._reference.choose(question)
        if language in self._report["languages_left_out"]:
            return f"no page in {language} is served here"
        usual = _answer(self._report["served"], question.code, wanted)
        further: Mapping[str, Any] = self._report.get("languages", {})
        if language in further:
            answer = _answer(further[language], question.code, wanted)
            if answer or "page" not in usual:
                return (answer or usual).get("reason")
            return f"there is no room for such a page in {language}"
        scope = scope_of(self._scopes, question.host, question.path)
        if scope and "served" in (told := self._report["scopes"][self._scopes.index(scope)]):
            in_scope: Mapping[str, Mapping[str, str]] = told["served"]
            return in_scope.get(_row(in_scope, question.code), usual).get("reason")
        return usual.get("reason")

    def _page_of(self, rule: Mapping[str, Any]) -> str:
        parameters = rule["action_parameters"]
        assets = {**self._deployment.zone_assets, **self._deployment.account_assets}
        content = parameters["content"].encode() if "content" in parameters else assets[parameters["asset_name"]]
        return self._pages[hashlib.sha256(content).hexdigest()]


def _row(table: Mapping[str, Any], code: int) -> str:
    """Where a report speaks of a code: where it stands alone, or else in the range that has it; empty where nowhere."""
    rows = [codes for codes in table if holds(codes, code)]
    return str(code) if str(code) in table else next(iter(rows), "")


def _answer(table: Mapping[str, Any], code: int, wanted: Format) -> Mapping[str, str]:
    """What a report says of a code in one format; empty where it says nothing."""
    answer: Mapping[str, str] = table.get(_row(table, code), {}).get(wanted, {})
    return answer


def deployment_of(compiled: CloudflareRules, read: Read, *, account: bool) -> Deployment:
    """What Cloudflare has stored once ``compiled`` is published."""
    assets = {one.name: read(one.page_path) for one in compiled.assets}
    if account:
        return Deployment(account_rules=compiled.rules, account_assets=assets)
    return Deployment(zone_rules=compiled.rules, zone_assets=assets)


def request_of(question: Question) -> Request:
    """The request, with what browsers send beside."""
    headers = dict(BROWSER_HEADERS)
    if question.accept:
        headers["accept"] = question.accept
    if question.accept_language:
        headers["accept-language"] = question.accept_language
    path, _, query = question.path.partition("?")
    return Request("GET", question.host, path, query, headers)


def failure_of(question: Question, facts: Facts) -> Failure:
    """The failure before any rule."""
    if question.made_by == "edge":
        return edge_failure(question.code, facts)
    headers = (("content-type", "text/html; charset=utf-8"),)
    return Failure(question.code, made_by="origin", headers=headers, body=ORIGIN_BODY)


def _passed(rule: Mapping[str, Any], failed: tuple[str, ...]) -> Passed:
    about_codes = all(any(name in part for name in CODES) for part in failed)
    return Passed(str(rule["ref"]), failed, about_codes)

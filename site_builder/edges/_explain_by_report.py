"""Explains edges that errgen does not evaluate: by what report.json says is bound, in which formats and languages.

A report has ``codes`` (a code or several -> page, and where they differ ``status``, ``retry_after``) and ``not_bound``
(codes and the reason), or ``automatic`` (a code -> page by language) where a service binds by itself. ``formats`` and
``languages`` are those among which clients choose; without them everybody gets HTML in the default language. ``scopes``
are those that count at this edge, as the manifest has them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..model import MEDIA_TYPES, Compiled, Format, Manifest, Scope
from ._edge import Read
from ._explaining import Explanation, Question, Reference, Reply, choose, scope_of

PASSED = "the answer of whoever failed"
ONLY_CLOUDFLARE = "only Cloudflare fails with it"


class ReportExplainer:
    """Explains by the report of a compiled edge of ``kind``, which serves pages of ``profile``."""

    def __init__(self, kind: str, profile: str, manifest: Manifest, read: Read, compiled: Compiled) -> None:
        self._kind = kind
        self._profile = profile
        self._manifest = manifest
        self._read = read
        self._reference = Reference(manifest)
        self._report: Mapping[str, Any] = json.loads(compiled.files["report.json"])
        self._formats: tuple[Format, ...] = tuple(self._report.get("formats", ("html",)))
        self._languages: tuple[str, ...] = tuple(self._report.get("languages", manifest.languages[:1]))
        self._scopes = tuple(
            Scope(tuple(one.get("hosts", ())), tuple(one.get("paths", ())), one["format"])
            for one in self._report.get("scopes", ())
        )

    def explain(self, question: Question) -> Explanation:
        """What the edge answers, as far as its report says."""
        return self.answer(question)

    def answer(self, question: Question) -> Explanation:
        """The same: one code has one binding."""
        found = self._bound(question.code)
        notes = tuple(self._report.get("differences", ()))
        if found is None:
            return Explanation(Reply(PASSED), reason=self._why_not(question.code))
        name, bound = found
        scope = scope_of(self._scopes, question.host, question.path)
        format_, language = choose(question.accept, question.accept_language, self._formats, self._languages)
        wanted = self._reference.page_for(question, scope.format if scope else format_, language)
        page = wanted.page or str(bound.get("page"))
        headers = [("content-type", MEDIA_TYPES[wanted.format])]
        if "retry_after" in bound:
            headers.append(("retry-after", str(bound["retry_after"])))
        if sent := self._report.get("headers"):
            headers += [*sent.items(), ("content-language", wanted.language)]
        status = bound.get("status") or wanted.status(question.code)
        reply = Reply(self._kind, page, status, tuple(headers), self._read(f"pages/{self._profile}/{page}"))
        test = f"the code is one of {name}" + (f", and the request in the scope of {scope}" if scope else "")
        return Explanation(reply, rule=f"the binding of {name}", test=test, notes=notes)

    def _bound(self, code: int) -> tuple[str, Mapping[str, Any]] | None:
        """The codes of the binding that has ``code``, and what the report says of it."""
        tables: Mapping[str, Mapping[str, Any]] = self._report.get("codes") or self._report.get("automatic") or {}
        return next(((codes, bound) for codes, bound in tables.items() if holds(codes, code)), None)

    def _why_not(self, code: int) -> str:
        for row in self._report.get("not_bound", ()):
            if holds(row["codes"], code):
                return str(row["reason"])
        if code >= 1000:
            return ONLY_CLOUDFLARE
        if "headers" in self._report:
            return f"the codes of this edge's table do not name {code}"
        return next(iter(self._report.get("notes", ())), "no page is bound to it")


def holds(codes: str, code: int) -> bool:
    """Whether ``404 500..504`` has ``code``."""
    for span in codes.split():
        low, _, high = span.partition("..")
        if int(low) <= code <= int(high or low):
            return True
    return False

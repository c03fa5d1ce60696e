"""What each client should get at an edge that binds pages to codes, by its report.json: a web server, or CloudFront."""

from __future__ import annotations

import json

from ..edges._explain_by_report import ReportExplainer
from ..edges._explaining import Question
from ..model import Compiled, Manifest, contains
from .expected import Expected, Probe
from .target import Read


class BoundPages:
    """What such an edge of ``kind`` should answer with pages of ``profile``; ``announced`` is planned work."""

    def __init__(
        self, kind: str, profile: str, manifest: Manifest, read: Read, compiled: Compiled, *, announced: bool = False
    ) -> None:
        self._explainer = ReportExplainer(kind, profile, manifest, read, compiled)
        self._read = read
        self._folder = f"pages/{profile}"
        self._formats = {file.path: file.format for file in manifest.files}
        self._rules = {rule.page: rule for rule in manifest.rules}
        report = json.loads(compiled.files["report.json"])
        chosen_by = {"Accept": report.get("formats", ()), "Accept-Language": report.get("languages", ())}
        self._vary = tuple(name for name, choices in chosen_by.items() if len(choices) > 1)
        self._announced = next((rule for rule in manifest.rules if announced and rule.maintenance), None)

    def of(self, probe: Probe) -> Expected:
        """The answer to ``probe``."""
        language = (probe.language,) if probe.language else ()
        question = Question(probe.code, probe.made_by, probe.accept, language, probe.host, probe.path)
        reply = self._explainer.answer(question).reply
        page, status = reply.page, reply.status
        if page is None:
            return Expected("passed", "html", "none")
        if self._announced and contains(self._announced.codes, probe.code):
            page, status = self._announced.page, self._announced.status
        path = f"{self._folder}/{page}"
        wait = next((value for name, value in reply.headers if name == "retry-after"), None)
        return Expected(
            "page",
            self._formats[path],
            "bound",
            status,
            reply.media_type,
            path,
            self._read(path),
            retry_after=int(wait) if wait else None,
            own_wait=True,
            page_wait=self._rules[page].retry_after,
            vary=self._vary,
            by_website=True,
        )

"""Debian's Chromium, driven by Playwright. A page is handed to it as by a server; what else it asks for is noted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

ADDRESS = "https://www.example.com/some/page"
NODE = Path(__file__).parents[2] / ".venv/node/node_modules"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PATIENCE = 120_000
"""Milliseconds after which a browser that does not answer has failed; a machine under load is slow."""
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


@dataclass
class Shown:
    """One page in a tab. ``requests`` are those beside the page itself; ``complaints`` what the console said."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    _answers: list[tuple[bytes, Mapping[str, str]]] = field(default_factory=list)

    def load(self, html: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Answer the address with ``html`` and go there."""
        if not self._answers:
            self.page.route("**/*", self._answer)
        self._answers.append((html, {"content-type": "text/html; charset=utf-8", **(headers or {})}))
        self.page.goto(ADDRESS, wait_until="load")

    def show(self, html: bytes) -> None:
        """The page as ``load`` shows it, in a tenth of the time: for what does not ask how it came there.

        From the second on a page is written into the document of the one before it, in which scripts live on.
        """
        if self._answers:
            self.page.set_content(html.decode(), wait_until="load")
        else:
            self.load(html)

    def _answer(self, route: Route) -> None:
        if route.request.url == ADDRESS:
            html, headers = self._answers[-1]
            route.fulfill(body=html, headers={**headers})
        else:
            self.requests.append(route.request.url)
            route.abort()

    def run(self, script: str, *arguments: Any) -> Any:
        """What a function of JavaScript gives."""
        return self.page.evaluate(script, *arguments)


Open = Callable[..., Any]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of a worker."""
    program = shutil.which("chromium")
    assert program, "there is no chromium; make test installs it, or: sudo apt-get install -y chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS), timeout=PATIENCE)
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium: Browser) -> Open:
    """``with tab(color_scheme="dark", …) as shown``: a tab with these settings of Playwright's ``new_context``."""

    @contextmanager
    def opened(**settings: Any) -> Iterator[Shown]:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}, **settings})
        try:
            context.set_default_timeout(PATIENCE)
            shown = Shown(context.new_page())
            shown.page.on("console", lambda message: shown.complaints.append(message.text))
            shown.page.on("pageerror", lambda error: shown.complaints.append(str(error)))
            yield shown
        finally:
            context.close()

    return opened


TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
AXE_AGAIN = f"""async () => {{
  const found = await axe.run(document, {json.dumps({"runOnly": TAGS, "resultTypes": ["violations", "incomplete"]})});
  return [...found.violations, ...found.incomplete].map(one => one.id + ": " +
    one.nodes.map(node => node.html + " " + node.failureSummary).join(" | "));
}}"""
"""What ``axe`` gives, where it has run before: half of its time goes into the source."""


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, and a function that runs it."""
    source = (NODE / "axe-core/axe.min.js").read_text("utf-8")
    return AXE_AGAIN.replace("{", f"{{ if (!window.axe) {{ {source} }}\n", 1)

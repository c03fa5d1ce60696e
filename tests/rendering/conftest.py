"""An entry, a language and a site to render, each field of which a test can replace."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import html5lib
import pytest
from markupsafe import Markup

from site_builder import catalog, settings
from site_builder.catalog import Catalog
from site_builder.model import PROFILES, Entry, Language, Profile, Site, Source
from site_builder.rendering import Renderer, context
from site_builder.rendering.environment import Templates
from site_builder.rendering.wording import Wording

NOT_FOUND = Entry(
    key="404",
    code=404,
    codes=((404, 404),),
    catch_all=False,
    status=404,
    serve_status=None,
    error_name="not_found",
    title="Not Found",
    headline="We can’t find that page",
    category="client",
    detail="Nothing is kept under this address.",
    what_you_should_do="**Check the address.** Trying again does not help.",
    retryable=False,
    retry_after=None,
    owner_action_required=False,
    who_acts="visitor",
    documentation="https://www.rfc-editor.org/rfc/rfc9110#section-15.5.5",
    weight=40.0,
    source=Source("catalog/http.yaml", 12),
)
TIMED_OUT = dataclasses.replace(
    NOT_FOUND,
    key="522",
    code=522,
    codes=((522, 522),),
    status=522,
    error_name="connection_timeout",
    title="Connection timed out",
    headline="The website is taking too long",
    category="origin",
    retryable=True,
    retry_after=120,
    owner_action_required=True,
    who_acts="owner",
    documentation="https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/error-522/",
)
FAMILY = dataclasses.replace(
    NOT_FOUND,
    key="5xx",
    code=None,
    codes=((500, 519), (527, 599)),
    catch_all=True,
    status=None,
    error_name="server_error",
    title="The website has a problem",
    category=None,
    retryable=None,
    owner_action_required=None,
    who_acts="both",
    documentation=None,
)
SITE = Site(
    name="default",
    title="Example",
    theme="plain",
    languages=("en",),
    home="https://example.com/",
    contact="mailto:support@example.com",
    status_page="https://status.example.com/",
)


@pytest.fixture(scope="session")
def templates() -> Path:
    """The templates that ship."""
    return settings.shipped() / "templates"


@pytest.fixture(scope="session")
def shipped() -> Catalog:
    """The catalog that ships."""
    return catalog.load([settings.shipped() / "catalog"])


@pytest.fixture(scope="session")
def english(shipped: Catalog) -> Language:
    """The English words of the interface."""
    return shipped.languages["en"]


@pytest.fixture(scope="session")
def renderer(templates: Path) -> Renderer:
    """The theme that ships."""
    return Renderer([templates], "plain")


@pytest.fixture(scope="session")
def not_found() -> Entry:
    """An error that a visitor can do something about."""
    return NOT_FOUND


@pytest.fixture(scope="session")
def timed_out() -> Entry:
    """An error that only Cloudflare makes, and that may pass."""
    return TIMED_OUT


@pytest.fixture(scope="session")
def family() -> Entry:
    """A page for several errors, which knows little."""
    return FAMILY


@pytest.fixture(scope="session")
def site() -> Site:
    """A site with every link."""
    return SITE


@pytest.fixture(scope="session")
def cloudflare() -> Profile:
    """An edge that fills in three tokens."""
    return PROFILES["cloudflare"]


@pytest.fixture(scope="session")
def static() -> Profile:
    """An edge that fills in nothing."""
    return PROFILES["static"]


@pytest.fixture(scope="session")
def html_page(templates: Path, english: Language) -> Callable[..., str]:
    """An HTML page alone: texts that look like tokens are refused only where Markdown is made too."""
    loaded = Templates([templates], "plain", "errgen.toml: site.default.theme")

    def page(entry: Entry, site: Site, profile: Profile = PROFILES["cloudflare"]) -> str:
        wording = Wording(english, site)
        seen = context.context(entry, wording, wording.own_strings())
        return loaded.html("page.html.j2", context.with_tokens(seen, profile, wording), Markup(""))

    return page


@pytest.fixture(scope="session")
def parse_html() -> Callable[[str | bytes], Any]:
    """The element tree of a page, by a parser that refuses every parse error."""

    def parse(page: str | bytes) -> Any:
        text = page if isinstance(page, str) else page.decode()
        return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)

    return parse

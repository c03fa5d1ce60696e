"""What the gallery is answered over HTTP, whatever is asked, and while the sources are being saved."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.app.sources import SourcesChangedError
from site_builder.certificates import trusted
from site_builder.preview.server import create_app
from site_builder.serving import running
from tests.app.small import SETTINGS, TEAPOT, Live, small_live

MINE = "catalog/mine.yaml"
TEMPLATE = "templates/plain/page.html.j2"
ARABIC = "catalog/languages/ar.yaml"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with pytest.MonkeyPatch.context() as patch:
        one = small_live(tmp_path_factory.mktemp("requests"), patch)
        one.write(MINE, "404:\n  headline: One\n")
        one.write(TEMPLATE, (one.folder.parent / "shipped" / TEMPLATE).read_text("utf-8"))
        one.write(ARABIC, "404:\n  headline: غير موجود\n")
        one.turn()
        yield one


SEGMENTS = st.one_of(
    st.sampled_from(("default", "_", "page", "pages", "plain", "path", "cloudflare", "static", "en", "de", "ar")),
    st.sampled_from(("404.html", "404", "5xx.json", "gallery.json", "manifest.json", "..", ".", "\0", "x" * 5000)),
    st.text(max_size=8),
)
ROUTES = ("/{}/", "/{}/{}/{}", "/_/{}/gallery.json", "/_/default/page/{}/{}/{}/{}", "/_/default/facts/{}/{}/{}/{}")
VALUES = st.one_of(
    st.none(), st.integers(), st.text(max_size=12), st.sampled_from(("nginx", "cloudflare", "404", "edge"))
)
NAMES = ("edge", "origin", "code", "accept", "accept_language", "host", "path", "method")


def asked(live: Live, method: str, path: str, **sent: Any) -> httpx.Response:
    """What is answered. Raises what the application does not answer."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(live.studio))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, **sent)

    return asyncio.run(ask())


@given(st.sampled_from(ROUTES), st.lists(SEGMENTS, min_size=4, max_size=4))
def test_every_address_has_an_answer(live: Live, route: str, segments: list[str]) -> None:
    path = route.format(*(quote(one.encode("utf-8", "replace"), safe="") for one in segments))
    assert asked(live, "GET", path).status_code in (200, 307, 404)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_every_question_has_an_answer(live: Live, question: dict[str, object]) -> None:
    answer = asked(live, "POST", "/_/default/ask", json=question)
    assert answer.status_code in (200, 400)
    assert "error" in answer.json() or answer.json()["trace"]


def test_what_is_built_is_shown_as_built_while_its_sources_change(live: Live) -> None:
    studio = live.studio
    names = ("default", "plain", "cloudflare", "de", "404")
    facts, page = studio.facts(*names), studio.page(*names[:-1], "404.html")
    texts = {path: (live.folder / path).read_text("utf-8") for path in (MINE, TEMPLATE, "errgen.toml")}
    for path in texts:
        live.write(path, "[broken: {% if")
    assert studio.facts(*names) == facts
    assert studio.page(*names[:-1], "404.html") == page
    for path, text in texts.items():
        live.write(path, text)


def test_what_is_not_built_waits_for_the_build_of_what_is_saved(live: Live) -> None:
    studio = live.studio
    path = live.folder / ARABIC
    arabic = path.read_text("utf-8")
    live.write(MINE, "404:\n  headline: Two\n")
    live.turn()
    live.write(ARABIC, "404:\n  headline: شيء آخر\n")
    with pytest.raises(SourcesChangedError):
        studio.data("default")
    with pytest.raises(SourcesChangedError):
        studio.page("default", "plain", "cloudflare", "ar", "404.html")
    assert asked(live, "GET", "/_/default/gallery.json").headers["retry-after"] == "1"
    document = studio.document("default").decode()
    assert '"version":0,' in document
    assert "غير موجود" not in document
    live.write(ARABIC, arabic)  # and back: then it is what was built
    assert "غير موجود" in studio.document("default").decode()
    assert "غير موجود".encode() in (studio.page("default", "plain", "cloudflare", "ar", "404.html") or b"")


def test_a_theme_that_is_only_looked_at_waits_too(live: Live) -> None:
    live.write("templates/own/theme.yaml", "name: Own\ndescription: Own.\ninherits: plain\n")
    style = live.folder / "templates/own/style.css"
    style.write_text("p { color: red }", "utf-8")
    live.turn()
    style.write_text("p { color: blue }", "utf-8")
    with pytest.raises(SourcesChangedError):
        live.studio.page("default", "own", "static", "en", "404.html")
    style.write_text("p { color: red }", "utf-8")
    assert b"color:red" in (live.studio.page("default", "own", "static", "en", "404.html") or b"")


def test_saves_without_end_and_two_tabs(live: Live) -> None:
    """Every request is answered with what there is or in words that it cannot be now, and never by an accident."""
    page = (live.folder / TEMPLATE).read_text("utf-8")
    saves: list[Callable[[int], object]] = [
        lambda turn: live.write(MINE, f"404:\n  headline: The page is away, {turn}\n"),
        lambda turn: live.write(MINE, f"404:\n  headline: The page is away, {turn}\n{TEAPOT}"),
        lambda _: live.write(MINE, "404:\n  headline: ["),
        lambda turn: live.write(TEMPLATE, f"{page}<!-- {turn} -->"),
        lambda _: live.write(TEMPLATE, page + "{% if"),
        lambda _: live.write(TEMPLATE, page),
        lambda turn: live.write("errgen.toml", SETTINGS.replace("Example", f"Example {turn}")),
        lambda _: live.write("errgen.toml", SETTINGS.replace('"de"', '"ar"')),
        lambda _: live.write("errgen.toml", SETTINGS.replace("default", "other")),
        lambda turn: live.write(ARABIC, f"404:\n  headline: غير موجود {turn}\n"),
        lambda _: (live.folder / ARABIC).unlink(missing_ok=True),
        lambda turn: live.write("templates/path/style.css", f"p {{ order: {turn} }}"),
    ]
    done = threading.Event()
    unexpected: list[tuple[str, int, str]] = []

    def look(base: str, themes: tuple[str, ...]) -> None:
        with httpx.Client(base_url=base, trust_env=False, verify=trusted(), timeout=60) as client:
            for theme, language, key in itertools.cycle(
                itertools.product(themes, ("en", "de", "ar"), ("404", "418", "5xx"))
            ):
                names = f"{theme}/static/{language}/{key}"
                page, file = f"/_/default/page/{names}.html", f"/default/pages/static/{language}/{key}.html"
                for path in ("/", "/default/", "/_/default/gallery.json", f"/_/default/facts/{names}", page, file):
                    answer = client.get(path)
                    if answer.status_code not in (200, 202, 307, 404, 503):
                        unexpected.append((path, answer.status_code, answer.text))
                if done.is_set():
                    return

    with running(create_app(live.studio)) as base:
        tabs = [threading.Thread(target=look, args=(base, themes)) for themes in (("plain",), ("path", "minimal"))]
        for tab in tabs:
            tab.start()
        for turn in range(len(saves)):
            saves[turn * 5 % len(saves)](turn)
            if turn % 3:  # else it is saved again before it is built
                live.turn()
        live.write(MINE, f"404:\n  headline: The last words\n{TEAPOT}")
        live.write(TEMPLATE, page.replace("</main>", "<i>last</i></main>"))
        live.write(ARABIC, "404:\n  headline: الكلمات الأخيرة\n")
        live.write("errgen.toml", SETTINGS.replace("Example", "Last"))
        live.turn()
        done.set()
        for tab in tabs:
            tab.join()
        assert unexpected == []
        with httpx.Client(base_url=base, trust_env=False, verify=trusted(), timeout=60) as client:
            require_newest(live, client)


def require_newest(live: Live, client: httpx.Client) -> None:
    """What was written last is what is shown, of everything."""

    def get(path: str) -> httpx.Response:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.text)
        return answer

    built = live.from_nothing()
    for path, content in built.items():
        if path.startswith("pages/"):
            assert get(f"/default/{path}").content == content
    data = get("/_/default/gallery.json").json()
    assert live.studio.build
    assert (data["version"], data["problem"]) == (live.studio.build.version, None)
    assert f'"version":{data["version"]},' in get("/default/").text
    headlines = {("404", "en"): "The last words", ("404", "ar"): "الكلمات الأخيرة", ("418", "en"): "would rather not"}
    entries = [("418", "en"), *itertools.product(("404", "5xx"), ("en", "de", "ar"))]  # nobody has translated the first
    for theme, (key, language) in itertools.product(("plain", "path", "minimal"), entries):
        names = f"{theme}/static/{language}/{key}"
        text = get(f"/_/default/page/{names}.html").text
        assert headlines.get((key, language), "Last") in text
        assert ("<i>last</i>" in text) == (theme == "plain"), names
        assert get(f"/_/default/facts/{names}").json()["sizes"]

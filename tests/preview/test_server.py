from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from site_builder.certificates import trusted
from site_builder.errors import ErrgenError, UsageError
from site_builder.preview.events import Events
from site_builder.preview.server import MOST_BYTES, create_app
from site_builder.serving import running


class Noting(dict[str, Any]):
    """What is to be written as JSON; ``threads`` are those by which it was made, and then written."""

    def __init__(self, **what: Any) -> None:
        super().__init__(what)
        self.threads = [threading.current_thread()]

    def items(self) -> Any:
        self.threads.append(threading.current_thread())
        return super().items()


class Made:
    """A studio in which everything is made up."""

    def __init__(self, out: Path) -> None:
        self.events = Events()
        self.out = out
        self.names: Sequence[str] = ("shop", "blog")
        self.problem = ""
        self.broken: ErrgenError | None = None
        self.asked: list[object] = []

    def sites(self) -> Sequence[str]:
        return self.names

    def folder(self, site: str) -> Path | None:
        folder = self.out / site
        return folder if folder.is_dir() else None

    def document(self, site: str) -> bytes:
        return f"<p>the gallery of {site}".encode()

    def data(self, site: str) -> Mapping[str, Any]:
        return {"site": site}

    def page(self, site: str, theme: str, profile: str, language: str, name: str) -> bytes | None:
        if self.broken:
            raise self.broken
        return f"{site} {theme} {profile} {language} {name}".encode() if theme == "plain" else None

    def facts(self, site: str, theme: str, profile: str, language: str, key: str) -> Mapping[str, Any] | None:
        return {"of": [site, theme, profile, language, key]} if key == "404" else None

    def ask(self, site: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        if question.get("edge") == "none":
            raise UsageError("there is no edge 'none'", hint="errgen.toml has: nginx")
        return {"site": site, "asked": dict(question)}

    def joined(self, client: str) -> list[tuple[str, Mapping[str, Any]]]:
        self.asked.append(("joined", client))
        return [("hello", {"version": 3})]

    def left(self, client: str) -> None:
        self.asked.append(("left", client))

    def view(self, client: str, site: str, pages: Sequence[str]) -> None:
        self.asked.append((client, site, list(pages)))

    def problem_text(self) -> str:
        return self.problem


@pytest.fixture
def studio(tmp_path: Path) -> Made:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "manifest.json").write_text("{}")
    return Made(tmp_path)


@pytest.fixture
def client(studio: Made) -> Iterator[httpx.Client]:
    with running(create_app(studio)) as url, httpx.Client(base_url=url, trust_env=False, verify=trusted()) as one:
        yield one


def test_the_address_leads_to_the_gallery_of_the_first_site(client: httpx.Client) -> None:
    assert client.get("/").headers["location"] == "/shop/"
    answer = client.get("/blog/")
    assert (answer.text, answer.headers["content-type"]) == ("<p>the gallery of blog", "text/html; charset=utf-8")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-security-policy"] == "frame-ancestors 'self'"
    assert client.get("/_/blog/gallery.json").json() == {"site": "blog"}


def test_the_files_of_the_output_are_there_too(client: httpx.Client) -> None:
    assert client.get("/shop/manifest.json").text == "{}"
    assert client.get("/shop/nothing").status_code == 404


def test_a_page_comes_with_the_type_it_is_served_with(client: httpx.Client) -> None:
    answer = client.get("/_/shop/page/plain/static/de/404.problem.json?v=7")
    assert (answer.status_code, answer.text) == (200, "shop plain static de 404.problem.json")
    assert answer.headers["content-type"] == "application/problem+json; charset=utf-8"


def test_what_there_is_not(client: httpx.Client) -> None:
    paths = ("/none/", "/_/none/gallery.json", "/_/shop/page/x/static/de/404.html", "/_/shop/facts/plain/static/de/1")
    assert [client.get(path).status_code for path in paths] == [404] * 4
    assert client.post("/_/none/ask", json={}).status_code == 404


def test_a_page_that_no_longer_renders_says_why(client: httpx.Client, studio: Made) -> None:
    studio.broken = ErrgenError("unexpected '<'", where="templates/plain/page.html.j2:3", hint="correct the template")
    answer = client.get("/_/shop/page/plain/static/de/404.html")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.text == "templates/plain/page.html.j2:3: unexpected '<'\nhint: correct the template\n"


def test_facts(client: httpx.Client) -> None:
    assert client.get("/_/shop/facts/plain/static/de/404").json() == {"of": ["shop", "plain", "static", "de", "404"]}


def test_asking_as_a_client(client: httpx.Client) -> None:
    assert client.post("/_/shop/ask", json={"code": 404}).json() == {"site": "shop", "asked": {"code": 404}}
    refused = client.post("/_/shop/ask", json={"edge": "none"})
    assert (refused.status_code, refused.json()) == (
        400,
        {"error": "there is no edge 'none'", "hint": "errgen.toml has: nginx"},
    )


@pytest.mark.parametrize("sent", [b"{", b"[]", b"\xff", b'"' + b"x" * MOST_BYTES + b'"'])
def test_what_is_no_question(client: httpx.Client, sent: bytes) -> None:
    answer = client.post("/_/shop/ask", content=sent, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()) == (400, {"error": "a question is one JSON object", "hint": None})


def test_what_is_in_view(client: httpx.Client, studio: Made) -> None:
    answer = client.post("/_/view", json={"client": "a", "site": "shop", "pages": ["static/de/404.html", 7]})
    assert answer.status_code == 204
    assert studio.asked == [("a", "shop", ["static/de/404.html"])]
    assert client.post("/_/view", json={"client": "a"}).status_code == 400


def test_a_client_is_told_what_happens(client: httpx.Client, studio: Made) -> None:
    with client.stream("GET", "/_/events?site=shop&client=a") as answer:
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        lines = answer.iter_lines()
        assert [next(lines) for _ in range(3)] == ["event: hello", 'data: {"version": 3}', ""]
        studio.events.tell("shop", "mended", {})
        assert [next(lines) for _ in range(3)] == ["event: mended", "data: {}", ""]
    assert studio.asked[0] == ("joined", "a")


def test_the_server_ends_while_a_client_listens(studio: Made) -> None:
    with running(create_app(studio)) as url, httpx.Client(base_url=url, trust_env=False, verify=trusted()) as one:
        stream = one.stream("GET", "/_/events?site=shop&client=a")
        answer = stream.__enter__()
        assert next(answer.iter_lines()) == "event: hello"
    assert studio.asked == [("joined", "a"), ("left", "a")]


def test_a_web_page_elsewhere_cannot_ask(client: httpx.Client, studio: Made) -> None:
    assert client.get("/shop/", headers={"Host": "evil.example"}).status_code == 421
    assert client.get("/shop/", headers={"Host": "localhost:8000"}).status_code == 200
    view = {"client": "a", "site": "shop", "pages": []}
    assert client.post("/_/view", json=view, headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.post("/_/view", json=view, headers={"Content-Type": "text/plain"}).status_code == 415
    assert studio.asked == []


def test_before_there_is_a_build(client: httpx.Client, studio: Made) -> None:
    studio.names = ()
    assert client.get("/").status_code == 503
    asked = [client.get("/_/shop/gallery.json"), client.post("/_/shop/ask", json={})]
    assert [(one.status_code, one.text) for one in asked] == [(code, "there is no build yet\n") for code in (202, 503)]
    answer = client.get("/shop/")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert "The first build is being made" in answer.text
    studio.problem = "templates/plain/page.html.j2:3: unexpected '<'"
    assert "<pre>templates/plain/page.html.j2:3: unexpected &#x27;&lt;&#x27;</pre>" in client.get("/").text


def test_who_waits_for_a_build_that_is_there_before_they_listen_comes_again(client: httpx.Client, studio: Made) -> None:
    def first_told(page: str) -> list[str]:
        """The events that the page hears, up to that of another one."""
        found = re.search(r'EventSource\("([^"]+)"\)', page)
        assert found
        names = []
        with client.stream("GET", found[1]) as answer:
            for line in answer.iter_lines():
                if line.startswith("event: "):
                    names.append(line.removeprefix("event: "))
                    if names == ["hello"]:
                        studio.events.tell("", "another", {})
                if names[-1] == "another":
                    break
        return names

    studio.names = ()
    page = client.get("/").text
    assert first_told(page) == ["hello", "another"]
    studio.problem = "errgen.toml:1: not TOML"
    assert first_told(page) == ["hello", "reload", "another"]
    page = client.get("/").text
    assert first_told(page) == ["hello", "another"]
    studio.problem = "errgen.toml:2: not TOML"
    assert first_told(page) == ["hello", "reload", "another"]
    studio.names, studio.problem = ("shop",), ""
    assert first_told(page) == ["hello", "reload", "another"]


def test_what_is_large_is_written_where_it_is_made_and_holds_nobody_up(
    client: httpx.Client, studio: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Noting] = []

    def give(*names: str) -> Noting:
        given.append(Noting(of=list(names)))
        return given[-1]

    monkeypatch.setattr(studio, "data", give)
    monkeypatch.setattr(studio, "facts", give)
    assert client.get("/_/shop/gallery.json").json() == {"of": ["shop"]}
    assert client.get("/_/shop/facts/plain/static/de/404").json() == {"of": ["shop", "plain", "static", "de", "404"]}
    for one in given:
        made, written = one.threads
        assert made is written

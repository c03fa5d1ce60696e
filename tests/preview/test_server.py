from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from site_builder.preview.server import create_app
from site_builder.serving import running


class Preview:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problem = ""
        self.sites = ["default"]

    def folders(self) -> dict[str, Path]:
        return {name: self.folder / name for name in self.sites}


@pytest.fixture
def preview(tmp_path: Path) -> Preview:
    pages = tmp_path / "default" / "pages" / "static" / "en"
    pages.mkdir(parents=True)
    (tmp_path / "default" / "index.html").write_text("<p>index")
    (tmp_path / "secret").write_text("secret")
    for name in ("404.html", "404.json", "404.problem.json", "404.md"):
        (pages / name).write_text(name)
    return Preview(tmp_path)


@pytest.fixture
def client(preview: Preview) -> Iterator[httpx.Client]:
    app = create_app(preview.folders, lambda: preview.problem)
    with running(app) as url, httpx.Client(base_url=url, trust_env=False) as one:
        yield one


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("404.html", "text/html; charset=utf-8"),
        ("404.json", "application/json; charset=utf-8"),
        ("404.problem.json", "application/problem+json; charset=utf-8"),
        ("404.md", "text/markdown; charset=utf-8"),
    ],
)
def test_every_page_has_its_type(client: httpx.Client, name: str, media_type: str) -> None:
    answer = client.get(f"/default/pages/static/en/{name}")
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (200, name, media_type)
    assert answer.headers["cache-control"] == "no-store"


def test_one_site_is_shown_at_once_and_several_are_listed(client: httpx.Client, preview: Preview) -> None:
    assert client.get("/").headers["location"] == "/default/"
    assert client.get("/default/").text == "<p>index"
    preview.sites = ["default", "other"]
    assert '<li><a href="/other/">other</a></li>' in client.get("/").text


@pytest.mark.parametrize("path", ["/default/%2e%2e/secret", "/default//etc/passwd", "/default/nothing", "/nothing/"])
def test_nothing_outside_the_sites_is_shown(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_web_page_elsewhere_cannot_read_it(client: httpx.Client) -> None:
    assert client.get("/default/", headers={"Host": "evil.example"}).status_code == 421
    assert client.get("/default/", headers={"Host": "localhost:8000"}).status_code == 200


def test_shows_what_does_not_build(client: httpx.Client, preview: Preview) -> None:
    preview.problem = "templates/plain/page.html.j2:3: unexpected '<'"
    answer = client.get("/")
    assert answer.status_code == 500
    assert "templates/plain/page.html.j2:3: unexpected &#x27;&lt;&#x27;" in answer.text
    assert '<a href="/default/">' in answer.text

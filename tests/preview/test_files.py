from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from site_builder.preview.files import create_app
from site_builder.serving import running


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    pages = tmp_path / "default" / "pages" / "static" / "en"
    pages.mkdir(parents=True)
    (tmp_path / "default" / "index.html").write_text("<p>index")
    (tmp_path / "secret").write_text("secret")
    for name in ("404.html", "404.json", "404.problem.json", "404.md", "404.xml", "notes"):
        (pages / name).write_text(name)
    app = create_app(lambda: {"default": tmp_path / "default"})
    with running(app) as url, httpx.Client(base_url=url, trust_env=False) as one:
        yield one


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("404.html", "text/html; charset=utf-8"),
        ("404.json", "application/json; charset=utf-8"),
        ("404.problem.json", "application/problem+json; charset=utf-8"),
        ("404.md", "text/markdown; charset=utf-8"),
        ("404.xml", "application/problem+xml; charset=utf-8"),
        ("notes", "text/plain; charset=utf-8"),
    ],
)
def test_every_page_has_its_type(client: httpx.Client, name: str, media_type: str) -> None:
    answer = client.get(f"/default/pages/static/en/{name}")
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (200, name, media_type)
    assert answer.headers["cache-control"] == "no-store"


def test_a_folder_is_its_index(client: httpx.Client) -> None:
    assert client.get("/default/").text == "<p>index"


@pytest.mark.parametrize("path", ["/default/%2e%2e/secret", "/default//etc/passwd", "/default/nothing", "/nothing/"])
def test_nothing_outside_the_sites_is_shown(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404

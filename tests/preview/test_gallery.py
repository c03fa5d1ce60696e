from __future__ import annotations

import hashlib
import json
import re
from base64 import b64decode
from typing import Any

import html5lib
import pytest

from site_builder.preview.gallery import ASSETS, gallery_document
from tests.conftest import Project

SCRIPT = '<script type="module">(.*?)</script>'


def data_of(document: str) -> Any:
    found = re.search(r'<script type="application/json" id="gallery">(.*?)</script>', document, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_is_valid_and_asks_for_nothing(project: Project) -> None:
    project.run("build")
    document = project.read("output/default/index.html")
    html5lib.HTMLParser(strict=True).parse(document)
    assert re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', document.partition("<script")[0]) == []
    assert (
        re.findall(r"https?://(?!www\.w3\.org/2000/svg)", document.partition("<style>")[2].partition("</style>")[0])
        == []
    )


def test_lists_every_page_that_was_built(project: Project) -> None:
    project.write("errgen.toml", project.read("errgen.toml").replace('["en"]', '["en", "de-AT", "ar"]'))
    project.run("build")
    data = data_of(project.read("output/default/index.html"))
    files = project.files("output/default/pages")
    assert data["pages"] == {
        path: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()[:16]}
        for path, content in files.items()
    }
    assert data["languages"] == [
        {"tag": "en", "direction": "ltr", "built": True},
        {"tag": "de-AT", "direction": "ltr", "built": True},
        {"tag": "ar", "direction": "rtl", "built": True},
    ]
    with_texts = {(tag, entry["key"]) for entry in data["entries"] for tag in entry["texts"]}
    assert with_texts == {(parts[1], parts[2].partition(".")[0]) for parts in (path.split("/") for path in files)}
    assert data["profiles"] == ["cloudflare"]
    assert data["edges"] == [{"name": "cloudflare", "kind": "cloudflare", "profile": "cloudflare"}]
    assert [one["key"] for one in data["formats"]] == ["html", "json", "problem", "markdown"]


def test_says_of_an_entry_what_it_is_and_where_its_texts_are(project: Project) -> None:
    project.write("errgen.toml", project.read("errgen.toml").replace('["en"]', '["en", "de"]'))
    project.run("build")
    (entry,) = [one for one in data_of(project.read("output/default/index.html"))["entries"] if one["key"] == "429"]
    texts = entry.pop("texts")
    source = entry.pop("source")
    assert entry == {
        "key": "429",
        "code": 429,
        "codes": "429",
        "catch_all": False,
        "category": "client",
        "who_acts": "visitor",
        "retryable": True,
        "retry_after": 30,
        "status": 429,
    }
    assert {tag: text["state"] for tag, text in texts.items()} == {"en": "original", "de": "draft"}
    assert texts["en"]["sources"] == [source]
    assert re.fullmatch(r"<errgen>/catalog/http\.yaml:\d+", source)
    assert re.fullmatch(r"<errgen>/catalog/languages/de\.yaml:\d+", *texts["de"]["sources"])


def test_the_states_of_translations_are_those_that_the_records_have(project: Project) -> None:
    project.write("errgen.toml", project.read("errgen.toml").replace('["en"]', '["en", "de", "de-AT"]'))
    project.write("catalog/mine.yaml", "404:\n  headline: It is not here\n")
    project.run("translate", "de", "--reviewed-by", "Ada", "429", "410.title")
    project.run("build")
    entries = data_of(project.read("output/default/index.html"))["entries"]
    states = {one["key"]: {tag: text["state"] for tag, text in one["texts"].items()} for one in entries}
    assert states["404"] == {"en": "original", "de": "stale", "de-AT": "stale"}
    assert states["429"] == {"en": "original", "de": "reviewed", "de-AT": "reviewed"}
    assert states["410"] == {"en": "original", "de": "draft", "de-AT": "draft"}


def test_records_that_cannot_be_read_stop_no_build(project: Project) -> None:
    project.write("errgen.toml", project.read("errgen.toml").replace('["en"]', '["en", "de"]'))
    project.write("catalog/languages/states/de.json", "{")
    project.run("build")
    entries = data_of(project.read("output/default/index.html"))["entries"]
    assert {one["texts"]["de"]["state"] for one in entries if "de" in one["texts"]} == {"draft"}


def test_texts_cannot_become_markup(project: Project) -> None:
    name = '</script><script>alert(1)</script> & "Söhne" {{DATA}}'
    project.write("errgen.toml", project.read("errgen.toml").replace('"Example"', f"'{name}'"))
    project.run("build")
    document = project.read("output/default/index.html")
    tree = html5lib.parse(document, namespaceHTMLElements=False)
    assert tree.findtext("head/title") == f"Error pages of {name}"
    assert data_of(document)["title"] == name
    assert [script.get("id") or script.get("type") for script in tree.iter("script")] == ["gallery", "module"]


def test_the_policy_allows_exactly_its_script_and_its_style() -> None:
    document = gallery_document({"title": "Example", "pages": {}}).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', document)
    assert policy
    directives = dict(one.split(" ", 1) for one in policy[1].split("; "))
    assert directives.pop("default-src") == "'none'"
    for directive, pattern in {"style-src": "<style>(.*?)</style>", "script-src": SCRIPT}.items():
        found = re.search(pattern, document, re.DOTALL)
        assert found
        digest = b64decode(directives.pop(directive).removeprefix("'sha256-").removesuffix("'"))
        assert digest == hashlib.sha256(found[1].encode()).digest()
    assert directives == {
        "frame-src": "'self' file:",
        "connect-src": "'self'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_every_module_is_in_the_script_once_and_none_is_left_to_fetch() -> None:
    found = re.search(SCRIPT, gallery_document({"title": "Example", "pages": {}}).decode(), re.DOTALL)
    assert found
    assert not re.search(r"^(import|export) ", found[1], re.MULTILINE)
    names: dict[str, str] = {}
    for module in sorted(ASSETS.glob("*.js")):
        source = module.read_text("utf-8")
        assert len(source.splitlines()) <= 300, module.name
        assert found[1].count(source.splitlines()[0]) == 1, module.name
        for name in re.findall(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", source, re.MULTILINE):
            assert names.setdefault(name, module.name) == module.name, name


@pytest.mark.parametrize("languages", ['["en"]', '["de", "en"]'])
def test_is_the_same_for_the_same_sources(project: Project, languages: str) -> None:
    project.write("errgen.toml", project.read("errgen.toml").replace('["en"]', languages))
    project.run("build")
    first = project.read("output/default/index.html")
    project.run("build", "--out", "again")
    assert project.read("again/default/index.html") == first
    assert str(project.folder) not in first

"""A site of Netlify that is host and edge at once: its publish folder is published, planned and gone back to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from site_builder import manifest as manifests
from site_builder.edges import open_edge
from site_builder.model import Page, Site
from site_builder.publishing import Journal, Outcome, Survey, Target, apply, open_target, survey
from site_builder.serving import running
from tests.netlify_double import TOKEN, NetlifyDouble

from .world import Built, an_entry

WHERE = "errgen.toml: site.default"


def build(version: str) -> Built:
    entries = (an_entry("404"), an_entry("5xx", (500, 599)))
    pages = [
        Page(f"static/en/{entry.key}.html", entry, "html", "en", "static", f"<p>{entry.key} {version}</p>".encode())
        for entry in entries
    ]
    built = manifests.build(pages, Site("default", "Example", "plain", ("en",), "https://example.com/"))
    return Built(built, {f"pages/{page.path}": page.content for page in pages})


@pytest.fixture(scope="module")
def double() -> Iterator[NetlifyDouble]:
    double = NetlifyDouble()
    with running(double.app()) as url:
        double.url = url
        yield double


def target_of(built: Built, double: NetlifyDouble, folder: Path) -> Target:
    return open_target(
        built.manifest,
        manifests.dumps(built.manifest),
        built.read,
        {"kind": "netlify", "site": "example-errors"},
        [open_edge({"kind": "netlify"}, f"{WHERE}.edge[0]"), open_edge({"kind": "nginx"}, f"{WHERE}.edge[1]")],
        {"NETLIFY_AUTH_TOKEN": TOKEN, "NETLIFY_API_URL": f"{double.url}/api/v1"},
        where=WHERE,
        project=folder,
    )


def test_an_edge_that_is_left_out_keeps_its_files_at_its_own_host(double: NetlifyDouble, tmp_path: Path) -> None:
    one = build("one")
    every = target_of(one, double, tmp_path)
    edges = [open_edge({"kind": kind}, WHERE) for kind in ("nginx", "netlify", "caddy")]

    def narrowed(*names: str) -> Target:
        return open_target(
            one.manifest,
            b"",
            one.read,
            {"kind": "netlify", "site": "example-errors"},
            [edge for edge in edges if edge.kind in names],
            {},
            where=WHERE,
            project=tmp_path,
            left_out=[edge for edge in edges if edge.kind not in names],
        )

    assert narrowed("nginx").own == every.own
    assert [narrowed("nginx").partial, narrowed("nginx", "caddy").partial, every.partial] == [True, False, False]


def publish(built: Built, double: NetlifyDouble, folder: Path) -> tuple[Survey, Outcome]:
    with closing(target_of(built, double, folder)) as target:
        found = survey(target)
        journal = Journal(folder / ".errgen", {"USER": "ada"}, lambda: datetime(2026, 11, 21, tzinfo=UTC))
        return found, apply(target, found, journal=journal)


def test_the_whole_publish_folder_is_planned_and_published(
    double: NetlifyDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    one = build("one")
    folder = open_edge({"kind": "netlify"}, WHERE).compile(one.manifest, one.read).files
    found, outcome = publish(one, double, tmp_path)
    assert outcome.switched == ("netlify example-errors",)
    planned = {change.name for change in found.plan.changes if change.kind == "page"}
    assert planned == {f"releases/{one.manifest.release[:12]}/{path}" for path in (*folder, *one.pages)}
    assert double.live() == {
        f"/releases/{one.manifest.release}.json": manifests.dumps(one.manifest),
        **{f"/{path}": content for path, content in {**folder, **one.pages}.items()},
    }
    assert target_of(one, double, tmp_path).notes == (
        "netlify: its files are published with the pages",
        "nginx: nothing to switch over the network; its files are in edges/nginx",
    )
    assert publish(one, double, tmp_path)[0].plan.is_empty

    monkeypatch.setattr("site_builder.edges.netlify.CACHE_CONTROL", "public, max-age=60")
    monkeypatch.setattr("site_builder.edges.netlify.STANDARD_HEADERS", {"Cache-Control": "public, max-age=60"})
    found, _ = publish(one, double, tmp_path)
    assert [(change.action, change.name.partition("/")[2].partition("/")[2]) for change in found.plan.changes] == [
        ("update", "_headers")
    ]
    assert b"max-age=60" in double.live()["/_headers"]
    assert publish(one, double, tmp_path)[0].plan.is_empty

    for version in ("two", "three", "four"):
        publish(build(version), double, tmp_path)
    digests = [target_of(one, double, tmp_path).host.releases()[n].digest for n in range(3)]
    assert digests == [build(version).manifest.release for version in ("two", "three", "four")]

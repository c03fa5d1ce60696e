"""At CloudFront: back to a kept release, and away with our error responses, others' left as they are."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from site_builder import aws_session
from site_builder import manifest as manifests
from site_builder.aws_session import open_session
from site_builder.edges import open_edge
from site_builder.edges.cloudfront.restoring import open_restore
from site_builder.errors import InvalidInput, PlanRefused
from site_builder.model import Manifest
from site_builder.publishing import Journal, Outcome, Target, apply, open_target, survey
from site_builder.publishing.no_host import NoHost
from site_builder.publishing.proof import prover
from site_builder.publishing.releases import KeptPages, choose, digests, kept
from site_builder.publishing.target import NO_RELEASE, Removal, site_host
from tests.cloudfront_double import DOMAIN, ENVIRON, ID
from tests.edges.conftest import Built

from .cloudfront_trials import NEW, OLD, Site, at_distribution

NOTHING = Built(Manifest("default", "plain", ("en",), (), (), NO_RELEASE), {})
WHERE = "errgen.toml: site.default"


@pytest.fixture(autouse=True)
def _credentials_are_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    session = open_session(ENVIRON, profile=None, region=None)
    monkeypatch.setattr(aws_session, "open_session", lambda *_, **__: session)


def applied(site: Site, built: Built, removal: Removal | None = None) -> Outcome:
    edge = {"kind": "cloudfront", "distribution": ID, "path": "/errors"}
    target: Target = open_target(
        built.manifest,
        manifests.dumps(built.manifest),
        built.read,
        {"kind": "directory", "path": str(site.folder / "public"), "public_url": f"https://{DOMAIN}/errors"},
        [open_edge(edge, f"{WHERE}.edge[0]")],
        ENVIRON,
        where=WHERE,
        project=site.folder,
        removal=removal,
        report=site.said.append,
        transport=site.double,
        sleep=site.clock.sleep,
        now=site.clock,
    )
    with closing(target):
        prove = prover(sleep=site.clock.sleep, report=site.said.append, transport=site.double)
        journal = Journal(site.folder / ".errgen", {}, site.clock)
        return apply(target, survey(target), journal=journal, report=site.said.append, prove=prove)


def test_there_and_back_and_away(tmp_path: Path) -> None:
    site = Site(tmp_path)
    around = site.double.around()
    theirs = site.double.paths()
    assert site.publish(OLD) is None
    assert site.publish(NEW) is None
    host = site_host(
        {"kind": "directory", "path": str(tmp_path / "public")}, {}, where=WHERE, project=tmp_path
    )  # fmt: skip
    release = choose(kept(host, "default"), host.current(), None, host.name)
    manifest = release.manifest(host.name)
    assert manifest == OLD.manifest
    applied(site, Built(manifest, KeptPages(host, manifest)))
    assert set(site.double.paths().values()) - set(theirs.values()) == set(at_distribution(OLD))

    plan = applied(site, NOTHING, "release").plan
    assert {(change.action, change.kind) for change in plan.changes} == {("delete", "rule"), ("delete", "release")}
    assert (site.double.paths(), site.double.around()) == (theirs, around)
    assert host.current() is None
    assert len(host.releases()) == 2
    assert applied(site, NOTHING, "pages").plan.counts() == {
        "create": 0,
        "update": 0,
        "delete": len(OLD.manifest.files) + len(NEW.manifest.files) + 2,
    }
    assert {path.name for path in (tmp_path / "public").iterdir()} <= {"records"}
    assert site.publish(NEW) is None
    assert set(at_distribution(NEW)) <= set(site.double.paths().values())


def restored(site: Site, backup: dict[str, Any]) -> Outcome:
    host = site_host({"kind": "directory", "path": str(site.folder / "public")}, {}, where=WHERE, project=site.folder)
    remote = open_restore(
        backup,
        "the file",
        NOTHING.manifest,
        NOTHING.read,
        open_edge({"kind": "cloudfront", "distribution": ID, "path": "/errors"}, f"{WHERE}.edge[0]").options,
        ENVIRON,
        prove=lambda _: None,
        digests=lambda: digests(host, "default"),
        report=site.said.append,
        transport=site.double,
        sleep=site.clock.sleep,
        now=site.clock,
    )
    with closing(Target(NOTHING.manifest, b"", NOTHING.read, NoHost(), (remote,), removal="rules")) as target:
        prove = prover(sleep=site.clock.sleep, report=site.said.append, transport=site.double)
        journal = Journal(site.folder / ".errgen", {}, site.clock)
        return apply(target, survey(target), journal=journal, report=site.said.append, prove=prove)


def test_a_backup_is_put_back(tmp_path: Path) -> None:
    site = Site(tmp_path)
    around = site.double.around()
    assert site.publish(OLD) is None
    old = site.double.paths()
    assert site.publish(NEW) is None
    new = site.double.paths()
    first, second = (json.loads(path.read_bytes()) for path in sorted((tmp_path / ".errgen/backups").iterdir()))
    restored(site, second)
    assert site.double.paths() == old
    assert restored(site, second).plan.is_empty
    restored(site, first)  # from before the first publish: none were ours
    assert not set(site.double.paths().values()) & {*at_distribution(OLD), *at_distribution(NEW)}
    assert site.publish(NEW) is None
    assert (site.double.paths(), site.double.around()) == (new, around)

    with pytest.raises(InvalidInput, match="the file: is not a backup of CloudFront's error responses"):
        restored(site, {"rules": []})
    for release in (tmp_path / "public/releases").glob("*.json"):
        release.unlink()
    with pytest.raises(PlanRefused, match="2 pages of the backup are in no release that the host keeps, the first: "):
        restored(site, second)
    assert site.double.paths() == new

from __future__ import annotations

from pathlib import Path

import pytest

from site_builder import settings
from site_builder.errors import InvalidInput
from site_builder.model import Site


def load(tmp_path: Path, text: str) -> settings.Settings:
    (tmp_path / "errgen.toml").write_text(text, "utf-8")
    return settings.load(tmp_path)


def faults(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(InvalidInput) as failure:
        load(tmp_path, text)
    assert failure.value.exit_code == 3
    return str(failure.value).splitlines()


def test_reads_every_key(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        """
        [site.shop]
        name = "Der Laden"
        theme = "plain"
        languages = ["de", "en"]
        home = "/"
        contact = "mailto:hilfe@example.com"
        status_page = "https://status.example.com/"
        type_base = "https://example.com/errors"
        [site.shop.overrides.404]
        headline = "Nicht hier"
        [site.shop.host]
        kind = "directory"
        path = "public"
        [[site.shop.edge]]
        kind = "netlify"
        """,
    )
    assert loaded.sites == (
        settings.SiteSettings(
            site=Site(
                name="shop",
                title="Der Laden",
                theme="plain",
                languages=("de", "en"),
                home="/",
                contact="mailto:hilfe@example.com",
                status_page="https://status.example.com/",
                type_base="https://example.com/errors/",
            ),
            host={"kind": "directory", "path": "public"},
            edges=({"kind": "netlify"},),
            overrides={"de": {"404": {"headline": "Nicht hier"}}},
        ),
    )
    assert loaded.sites[0].where == "errgen.toml: site.shop"


def test_reports_every_fault_at_once(tmp_path: Path) -> None:
    assert faults(
        tmp_path,
        """
        sites = 1
        [site.a_b]
        name = "x"
        [site.default]
        thema = "plain"
        languages = ["en", "Deutsch!"]
        home = "javascript:alert(1)"
        status_page = "https://a b/"
        [site.default.overrides.404]
        headlin = "x"
        """,
    ) == [
        "errgen.toml: sites: unknown key; did you mean site?",
        "errgen.toml: site.a_b: a site's name has only the letters a-z and digits, 32 at most, because rules are named "
        "after it; try [site.ab]",
        "errgen.toml: site.default.name: is required",
        "errgen.toml: site.default.languages[1]: 'Deutsch!' is not a language tag like en, de or pt-BR",
        "errgen.toml: site.default.home: 'javascript:alert(1)' is not a link: it starts with https://, mailto:, tel: "
        "or / and has no blanks",
        "errgen.toml: site.default.status_page: 'https://a b/' is not a link: it starts with https://, mailto:, tel: "
        "or / and has no blanks",
        "errgen.toml: site.default.thema: unknown key; did you mean theme?",
        "errgen.toml: site.default.overrides.404.headlin: unknown key; did you mean headline?",
    ]


def test_names_the_line_of_broken_toml(tmp_path: Path) -> None:
    assert faults(tmp_path, '[site.default]\nname = "x\n') == [
        "errgen.toml:2: Illegal character '\\n'",
    ]


def test_says_where_a_project_is_missing(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as failure:
        settings.load(tmp_path)
    assert (
        str(failure.value) == f"{tmp_path}/errgen.toml: there is no such file, so this folder is not an errgen project"
    )
    assert failure.value.hint == "make a project with: errgen init mysite  (or name one with -C DIR after the command)"


def test_a_file_without_sites_and_one_that_is_not_utf8(tmp_path: Path) -> None:
    assert faults(tmp_path, "") == ["errgen.toml: has no [site.NAME] table; a project needs at least one site"]
    (tmp_path / "errgen.toml").write_bytes(b"[site.default]\nname = '\xff'")
    with pytest.raises(InvalidInput, match=r"^errgen.toml: is not UTF-8: byte 23 cannot be decoded$"):
        settings.load(tmp_path)


def test_a_language_named_twice(tmp_path: Path) -> None:
    text = '[site.default]\nname = "x"\nhome = "/"\nlanguages = ["en", "en"]\n'
    assert faults(tmp_path, text) == ["errgen.toml: site.default.languages: names a language twice"]


def test_the_projects_folders_win_over_what_ships(tmp_path: Path) -> None:
    loaded = load(tmp_path, '[site.default]\nname = "x"\nhome = "/"\n')
    shipped = settings.shipped()
    assert list(loaded.catalog_folders) == [shipped / "catalog"]
    (tmp_path / "catalog").mkdir()
    (tmp_path / "templates").mkdir()
    assert list(loaded.catalog_folders) == [shipped / "catalog", tmp_path / "catalog"]
    assert loaded.template_folders == (tmp_path / "templates", shipped / "templates")
    assert settings.overlay(shipped, "catalog") == (shipped / "catalog",)


def test_two_sites_cannot_share_one_place(tmp_path: Path) -> None:
    site = '[site.{0}]\nname = "x"\nhome = "/"\n[site.{0}.host]\nkind = "directory"\npath = "{1}"\n'
    assert faults(tmp_path, site.format("a", "public") + site.format("b", "public")) == [
        "errgen.toml: site.b.host: is the host of the site a too; give each site a path or prefix of its own"
    ]
    assert len(load(tmp_path, site.format("a", "public/a") + site.format("b", "public/b")).sites) == 2


SITE = '[site.default]\nname = "x"\nhome = "/"\n'


def site_faults(tmp_path: Path, text: str) -> list[str]:
    """The faults of a site that has ``text`` too, from the site's key path on."""
    return [fault.removeprefix("errgen.toml: site.default.") for fault in faults(tmp_path, SITE + text)]


def test_formats_that_do_not_exist(tmp_path: Path) -> None:
    assert site_faults(tmp_path, 'extra_formats = ["pdf", "json", 3]') == [
        "extra_formats[0]: there is no 'pdf'; there are: txt, xml",
        "extra_formats[1]: there is no 'json'; there are: txt, xml",
        "extra_formats[2]: there is no 3; there are: txt, xml",
    ]


def test_unknown_keys_of_planned_work_are_sent_to_those_that_are_written(tmp_path: Path) -> None:
    assert site_faults(tmp_path, "maintenance.foo = 1\nmaintenance.start = 2026-12-01T22:00:00Z") == [
        "maintenance.foo: unknown key; there are: from, retry_after, still_works, time_zone, until",
        "maintenance.start: unknown key; did you mean from?",
    ]

from __future__ import annotations

from pathlib import Path

import pytest

from site_builder import settings
from site_builder.errors import InvalidInput
from site_builder.model import Logo, Scope, Site


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


def test_scopes_in_their_order(tmp_path: Path) -> None:
    text = """
extra_formats = ["txt"]
[[site.default.scope]]
hosts = ["API.example.com", "*.example.org"]
format = "problem"
[[site.default.scope]]
paths = ["/robots/*", "/x.txt"]
format = "txt"
"""
    assert load(tmp_path, SITE + text).sites[0].site.scopes == (
        Scope(("api.example.com", "*.example.org"), (), "problem"),
        Scope((), ("/robots/*", "/x.txt"), "text"),
    )


def test_unknown_keys_of_planned_work_are_sent_to_those_that_are_written(tmp_path: Path) -> None:
    assert site_faults(tmp_path, "maintenance.foo = 1\nmaintenance.start = 2026-12-01T22:00:00Z") == [
        "maintenance.foo: unknown key; there are: from, retry_after, still_works, time_zone, until",
        "maintenance.start: unknown key; did you mean from?",
    ]


TEXTS = 'must be a text, or a table with a text for each language: { en = "…", de = "…" }'


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("theme = 'Mine!'", "theme: 'Mine!' is not a theme's name: it has only a-z, digits, _ and -, and begins with "
         "a-z or 0-9"),
        ("theme = 3", 'theme: must be a text in quotation marks; for example "plain"'),
        ("languages = []", 'languages: must not be empty; for example ["en"]'),
        ("languages = 'en'", 'languages: must be a list in brackets; for example ["en"]'),
        ("extra_formats = 'txt'", 'extra_formats: must be a list in brackets; for example ["txt", "xml"]'),
        ("logo = ' '", "logo: must not be empty"),
        ("colors = { accent = 'yellow' }", "colors.accent: 'yellow' is not a colour like #7a1fa2 or #fff"),
        ("colors = '#fff'", 'colors: must be a table; for example { accent = "#7a1fa2" }'),
        ("tagline = 3", f"tagline: {TEXTS}"),
        ("tagline = ''", f"tagline: {TEXTS}"),
        ("tagline = { en = 3 }", f"tagline: {TEXTS}"),
        ("maintenance.still_works = 3", f"maintenance.still_works: {TEXTS}"),
        ("maintenance = true", "maintenance: must be a table; for example { retry_after = 1800 }"),
        ("maintenance.retry_after = 30_000", "maintenance.retry_after: must be 21600 or less"),
        ("maintenance.from = 2026-12-02", "maintenance.from: must be a date with a time, like 2026-12-02T22:00:00, "
         "without quotation marks"),
        ("scope = { format = 'json' }", 'scope: must be a list in brackets; for example '
         '[{ paths = ["/api/*"], format = "json" }]'),
        ("scope = [{ paths = ['/api/*'] }]", "scope[0].format: is required"),
        ("scope = [{ paths = ['/a'], format = 'pdf' }]", "scope[0].format: there is no 'pdf'; there are: html, json, "
         "markdown, problem, txt, xml"),
        ("scope = [{ paths = ['/a'], format = 'xml' }]", "scope[0].format: the site makes no xml pages; add "
         'extra_formats = ["xml"] to it'),
        ("scope = [{ format = 'json' }]", "scope[0]: needs hosts or paths: without both it would be for every request; "
         'write paths = ["/api/*"]'),
        ("scope = [{ hosts = ['https://a.example/'], format = 'json' }]", "scope[0].hosts[0]: 'https://a.example/' is "
         "not a host name like api.example.com or *.example.com, without https:// or port"),
        ("scope = [{ paths = ['api/*'], format = 'json' }]", "scope[0].paths[0]: 'api/*' is not a path: it starts with "
         "/ and has only A-Z a-z 0-9 . _ ~ - / % and *, which stands for any characters, like /api/*"),
        ("scope = [{ paths = ['/a/**'], format = 'json' }]", "scope[0].paths[0]: '/a/**' has asterisks in a row, or "
         "more than 10, which no edge takes"),
        ("check = 3", "check: must be a table; for example { complete = 90 }"),
        ("check.complete = 101", "check.complete: must be 100 or less"),
        ("check.off = ['main']", 'check.off: must be a table; for example { logo-too-large = "the logo is worth it" }'),
        ("check.off = { main = '' }", "check.off.main: must not be empty: give the reason why you do not want this "
         "finding"),
        ("check.words = ['']", "check.words[0]: must not be empty"),
        ("overrides.404 = 'Gone'", "overrides.404: must be a table"),
        ("overrides = 3", 'overrides: must be a table; for example { 404 = { headline = "This page has moved" } }'),
        ("host = 'public'", 'host: must be a table; for example { kind = "directory", path = "public" }'),
        ("edge = { kind = 'nginx' }", 'edge: must be a list in brackets; for example [{ kind = "nginx" }]'),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_is_one_fault_with_what_to_write(tmp_path: Path, text: str, fault: str) -> None:
    assert site_faults(tmp_path, text) == [fault]


def test_keys_of_a_site_without_its_name(tmp_path: Path) -> None:
    assert faults(tmp_path, '[site]\nname = "x"\nhome = "/"\n') == [
        "errgen.toml: site.name: is not a site's table; a site begins with its name: [site.default]",
        "errgen.toml: site.home: is not a site's table; a site begins with its name: [site.default]",
    ]


def test_texts_in_one_language_and_in_all(tmp_path: Path) -> None:
    one = load(tmp_path, SITE + 'languages = ["de", "en"]\ntagline = "Seit 1900"').sites[0].site
    assert one.tagline == {"de": "Seit 1900"}
    both = load(tmp_path, SITE + 'languages = ["de", "en"]\ntagline = { de = "a", en = "b" }').sites[0].site
    assert both.tagline == {"de": "a", "en": "b"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from = 2026-12-01T22:00:00", [
            'time_zone: is required: there is no offset in from; write for example "Europe/Berlin", or '
            "2026-12-02T22:00:00+01:00 as a time",
        ]),
        ("from = 2026-12-01T22:00:00\nuntil = 2026-12-01T21:00:00", [
            'time_zone: is required: there is no offset in from and until; write for example "Europe/Berlin", or '
            "2026-12-02T22:00:00+01:00 as a time",
            "until: is not after from",
        ]),
        ("from = 2026-12-01T22:00:00Z\nuntil = 2026-12-01T22:30:00", [
            'time_zone: is required: there is no offset in until; write for example "Europe/Berlin", or '
            "2026-12-02T22:00:00+01:00 as a time",
        ]),
        ("from = 2026-03-29T02:30:00\ntime_zone = 'Europe/Berlin'", [
            "from: 2026-03-29T02:30:00 does not exist in Europe/Berlin, where clocks are put forward over it; write "
            "for example 2026-03-29T03:30:00",
        ]),
        ("until = 2026-10-04T02:15:00\ntime_zone = 'Australia/Lord_Howe'", [
            "until: 2026-10-04T02:15:00 does not exist in Australia/Lord_Howe, where clocks are put forward over it; "
            "write for example 2026-10-04T02:45:00",
        ]),
        ("time_zone = 'Berlin'", ["time_zone: there is no time zone 'Berlin'; it is a name like Europe/Berlin"]),
        ("time_zone = 1", ['time_zone: must be a text in quotation marks; for example "Europe/Berlin"']),
    ],
)  # fmt: skip
def test_times_that_are_not_one_moment(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert site_faults(tmp_path, f"[site.default.maintenance]\n{text}") == [
        f"maintenance.{fault}" for fault in expected
    ]


@pytest.mark.parametrize(
    ("text", "start", "time_zone"),
    [
        ("from = 2026-12-01T22:00:00\ntime_zone = 'Europe/Berlin'", "2026-12-01T22:00:00+01:00", "Europe/Berlin"),
        ("from = 2026-03-29T03:00:00\ntime_zone = 'Europe/Berlin'", "2026-03-29T03:00:00+02:00", "Europe/Berlin"),
        ("from = 2026-03-29T02:30:00+01:00\ntime_zone = 'Europe/Berlin'", "2026-03-29T02:30:00+01:00",
         "Europe/Berlin"),
        ("from = 2026-12-01T22:00:00+05:30", "2026-12-01T22:00:00+05:30", "UTC"),
        ("from = 2026-12-01T22:00:00Z\nuntil = 9999-12-31T23:59:59Z", "2026-12-01T22:00:00+00:00", "UTC"),
    ],
)  # fmt: skip
def test_times_with_an_offset_or_a_time_zone(tmp_path: Path, text: str, start: str, time_zone: str) -> None:
    planned = load(tmp_path, f"{SITE}[site.default.maintenance]\n{text}").sites[0].site.maintenance
    assert planned.start is not None
    assert (planned.start.isoformat(), planned.time_zone) == (start, time_zone)


@pytest.mark.parametrize(
    "file", ["../logo.svg", "brand/../../logo.svg", "{outside}/logo.svg", "{outside}/mine/logo.svg"]
)
def test_a_logo_outside_of_the_project(tmp_path: Path, file: str) -> None:
    project = tmp_path / "mine"
    project.mkdir()
    for folder in (tmp_path, project):
        (folder / "logo.svg").write_text("<svg/>")
    path = file.format(outside=tmp_path)
    assert site_faults(project, f"logo = '{path}'") == [
        f"logo: '{path}' is not in the project; copy the file beside errgen.toml and write \"logo.svg\""
    ]


@pytest.mark.parametrize("file", ["logo.svg", "./brand/../logo.svg", "brand/..logo.svg"])
def test_a_logo_in_the_project(tmp_path: Path, file: str) -> None:
    (tmp_path / "brand").mkdir()
    (tmp_path / file).write_text("<svg/>")
    logo = load(tmp_path, f"{SITE}logo = '{file}'").sites[0].site.logo
    assert logo == Logo(file, "image/svg+xml", b"<svg/>")


def test_logos_that_cannot_be_read(tmp_path: Path) -> None:
    assert site_faults(tmp_path, "logo = 'logo.gif'") == ["logo: 'logo.gif' is neither an .svg nor a .png file"]
    assert site_faults(tmp_path, "logo = 'logo.svg'") == [
        "logo: there is no file 'logo.svg' in the project; the path begins beside errgen.toml"
    ]

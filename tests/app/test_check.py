"""``errgen check`` as a whole: what it prints, what it exits with, what can be switched off."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from site_builder.app.check import BUILD_FINDINGS, check, known_ids
from site_builder.checks import all_checks
from site_builder.settings import shipped
from tests.conftest import SETTINGS, Outcome, Project

ROOT = Path(__file__).parent.parent.parent
LANGUAGES = ("en", "de", "fr", "es", "pt-BR", "it", "nl", "pl", "tr", "ja", "zh-Hans", "ar", "he")
THEMES = sorted(path.parent.name for path in (shipped() / "templates").glob("*/theme.yaml"))
PAGES = 508  # 126 entries and families and the page for planned work, each in four files
COVERED = (
    "errgen.toml:11: site.default.edge[0]: 108 codes are answered with a wider page than their own in at least one "
    "format"
)
EXACTNESS = (
    "errgen.toml:11: site.default.edge[0]: 184 of 3,058 simulated answers (114 codes, 11 kinds of clients) are the "
    "reference answer; 1,551 get a wider page in the right format and language, 1,323 are left to Cloudflare's own "
    "live documents"
)

WAITS = (
    "errgen.toml:11: site.default.edge[0]: the pages for 5 codes say in how many seconds to try again, and Retry-After "
    "stays as the failing answer has it: an error rule sets no header"
)


def test_the_default_site_has_nothing_to_mend(project: Project) -> None:
    assert project.run("check") == Outcome(
        0,
        f"info: {COVERED} [cloudflare-covered-by-family]\n"
        "  hint: report.json says for each which page and why\n"
        f"info: {EXACTNESS} [cloudflare-exactness]\n"
        "  hint: see who gets what: errgen explain --table\n"
        f"info: {WAITS} [cloudflare-retry-after]\n"
        "  hint: retry_after = true in this table has it set where it is missing; the token then needs Transform "
        "Rules: Edit\n"
        f"default: 3 info ({PAGES} pages)\n",
        "",
    )
    assert not (project.folder / "output").exists()


@pytest.mark.parametrize("theme", THEMES)
def test_no_theme_in_any_language_has_an_error(tmp_path: Path, theme: str) -> None:
    tags = ", ".join(f'"{tag}"' for tag in LANGUAGES)
    (tmp_path / "errgen.toml").write_text(
        f'[site.default]\nname = "Example"\ntheme = "{theme}"\nlanguages = [{tags}]\nhome = "https://example.com/"\n'
        'contact = "mailto:support@example.com"\nstatus_page = "https://status.example.com/"\n'
        'sign_in = "https://example.com/sign-in"\nextra_formats = ["txt", "xml"]\n'
        'pages_url = "https://errors.example.com/pages"\n'
        '[[site.default.edge]]\nkind = "cloudflare"\nzone = "023e105f4ecef8ad9ca31a8372d0c353"\nplan = "enterprise"\n',
        "utf-8",
    )
    [checked] = check(tmp_path)
    allowed = ("cloudflare-one-language", "untranslated")
    assert [one for one in checked.findings if one.severity != "info" and one.id not in allowed] == []
    assert [(one.tag, one.percent) for one in checked.languages] == [(tag, 100) for tag in LANGUAGES[1:]]


WRONG = """\
404:
  detail: >-
    This page went fishing with 10.1.2.3, and nobody
    knows recieve it comes back.
"""
FINDINGS = """\
error: catalog/mine.yaml:3: 404.detail has a private address, 10.1.2.3 [leak]
  hint: say what happened in words that help a visitor; details belong in your logs
warning: catalog/mine.yaml:4: 404.detail has 'recieve' [spelling]
  hint: did you mean receive or relieve? If it is right, add it to words in [site.default.check]
"""


def quiet(project: Project, check_table: str = "") -> None:
    """The small site with what its plan has no room for left out, and more of ``[site.default.check]``."""
    project.write("errgen.toml", f"{SETTINGS}\n[site.default.check]\n{check_table}\n")


ROOM = (
    'cloudflare-covered-by-family = "our plan is small", cloudflare-exactness = "and so are its answers", '
    'cloudflare-retry-after = "bodies say it"'
)
ROOM_LEFT_OUT = (
    "default: cloudflare-covered-by-family is switched off, 1 finding: our plan is small\n"
    "default: cloudflare-exactness is switched off, 1 finding: and so are its answers\n"
    "default: cloudflare-retry-after is switched off, 1 finding: bodies say it\n"
)


def test_findings_as_text(project: Project) -> None:
    quiet(project, f"off = {{ {ROOM} }}")
    project.write("catalog/mine.yaml", WRONG)
    assert project.run("check") == Outcome(
        4,
        f"{FINDINGS}{ROOM_LEFT_OUT}default: 1 error, 1 warning ({PAGES} pages)\n",
        "error: 1 error is left\nhint: correct them, or switch one off by its id with a reason in errgen.toml\n",
    )


def test_findings_that_are_switched_off_do_not_fail(project: Project) -> None:
    quiet(project, f'off = {{ {ROOM}, leak = "a private joke", h1 = "for later" }}\nwords = ["recieve"]')
    project.write("catalog/mine.yaml", WRONG)
    assert project.run("check") == Outcome(
        0,
        f"{ROOM_LEFT_OUT}"
        "default: h1 is switched off, 0 findings: for later\n"
        "default: leak is switched off, 1 finding: a private joke\n"
        f"default: nothing to mend ({PAGES} pages)\n",
        "",
    )


def test_an_id_that_there_is_not(project: Project) -> None:
    quiet(project, 'off = { speling = "we are creative", xyz = "no" }')
    outcome = project.run("check")
    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err.startswith(
        "error: errgen.toml:17: site.default.check.off.speling: there is no check of that name; did you mean "
        "spelling?\n"
        "error: errgen.toml:17: site.default.check.off.xyz: there is no check of that name; there are: anchor, "
    )
    assert outcome.err.endswith("hint: errgen check prints the id of each finding in brackets\n")


def test_what_stops_every_site_as_annotations(project: Project) -> None:
    project.write("site/errgen.toml", SETTINGS.replace("home =", "hom =") + "[site.de-de]\n")
    hint = "correct errgen.toml and run the command again"
    faults = [
        (1, "site.default.home: is required"),
        (4, "site.default.hom: unknown key; did you mean home?"),
        (
            15,
            "site.de-de: a site's name has only the letters a-z and digits, 32 at most, because rules are named after "
            "it; try [site.dede]",
        ),
    ]
    assert project.run("check", "-C", "site", "--format", "github") == Outcome(
        3,
        "".join(
            f"::error file=site/errgen.toml,line={line},title=build::{fault}%0Ahint: {hint}\n" for line, fault in faults
        ),
        "".join(f"error: errgen.toml:{line}: {fault}\n" for line, fault in faults) + f"hint: {hint}\n",
    )
    project.write("site/errgen.toml", "[site.default]\nname = \n")
    assert project.run("check", "-C", "site", "--format", "github").out == (
        "::error file=site/errgen.toml,line=2,title=build::Invalid value%0Ahint: correct the TOML on that line\n"
    )


def test_findings_as_json(project: Project) -> None:
    quiet(project, f"off = {{ {ROOM} }}")
    project.write("errgen.toml", project.read("errgen.toml").replace('["en"]', '["en", "de"]'))
    project.write("catalog/mine.yaml", WRONG.replace("10.1.2.3", "us").replace("recieve", "receive"))
    outcome = project.run("check", "--format", "json")
    assert (outcome.code, outcome.err) == (0, "")
    printed = json.loads(outcome.out)
    assert list(printed) == ["findings", "not_built", "switched_off", "languages", "exactness"]
    assert printed["not_built"] == []
    [exactness] = printed["exactness"]
    assert (exactness["site"], exactness["edge"], exactness["plan"]) == ("default", "cloudflare", "pro")
    assert exactness["asked"] == {"codes": 114, "clients": 11, "languages": 2, "hosts": 1}
    differing = sum(one["answers"] for one in exactness["differences"])
    assert exactness["answers"] - exactness["exact"] == exactness["differing"] == differing
    assert printed["switched_off"] == [
        {"site": "default", "id": "cloudflare-covered-by-family", "reason": "our plan is small", "count": 1},
        {"site": "default", "id": "cloudflare-exactness", "reason": "and so are its answers", "count": 1},
        {"site": "default", "id": "cloudflare-retry-after", "reason": "bodies say it", "count": 1},
    ]
    assert printed["findings"][0] == {
        "site": "default",
        "id": "cloudflare-one-language",
        "severity": "warning",
        "message": "Cloudflare's rules answer in en only; 1 language is left out: de",
        "where": "errgen.toml:11: site.default.edge[0]",
        "hint": 'languages = ["de"] in this table has them served, as far as there is room beside en',
    }
    [german] = printed["languages"]
    assert (german["site"], german["tag"], german["percent"], german["missing"]) == ("default", "de", 100, [])


def test_findings_as_annotations(project: Project) -> None:
    quiet(project, f"off = {{ {ROOM} }}")
    project.write("catalog/mine.yaml", WRONG)
    project.write("templates/plain/theme.yaml", "name: Ours: 100%\ndescription: Of our own.\n".replace(": 100", " 100"))
    text = (shipped() / "templates/plain/page.html.j2").read_text("utf-8")
    project.write("templates/plain/page.html.j2", text.replace("<main>", '<main style="margin:0">\n'))
    hint = "give the element a class and style that in the stylesheet"
    line = next(number for number, line in enumerate(text.split("\n"), 1) if "<main>" in line)
    outcome = project.run("check", "--format", "github")
    lines = outcome.out.split("\n")
    assert outcome.code == 4
    assert lines[0] == (
        "::error file=catalog/mine.yaml,line=3,title=leak::404.detail has a private address, 10.1.2.3%0A"
        "hint: say what happened in words that help a visitor; details belong in your logs"
    )
    assert (
        f"::warning file=templates/plain/page.html.j2,line={line},title=inline-code::has a style attribute on <main> "
        f"(on 127 pages, the first: pages/cloudflare/en/1000.html:{line_of(project, '<main style')})%0Ahint: {hint}"
    ) in lines


def line_of(project: Project, tag: str) -> int:
    """The line of a tag in a built page."""
    project.run("build")
    text = project.read("output/default/pages/cloudflare/en/1000.html")
    return text.count("\n", 0, text.index(tag)) + 1


def test_annotations_name_files_as_the_repository_does(project: Project) -> None:
    project.write("site/errgen.toml", SETTINGS)
    project.write("site/catalog/mine.yaml", '404:\n  headline: "One, two: 100 % recieve"\n')
    [line] = [
        line for line in project.run("check", "-C", "site", "--format", "github").out.split("\n") if "spelling" in line
    ]
    assert line == (
        "::warning file=site/catalog/mine.yaml,line=2,title=spelling::404.headline has 'recieve'%0A"
        "hint: did you mean receive or relieve? If it is right, add it to words in [site.default.check]"
    )


def test_annotations_name_the_line_of_a_setting(project: Project) -> None:
    project.write("site/errgen.toml", f'{SETTINGS}[site.default.overrides.404]\nheadline = "Recieve"\n')
    [line] = [
        line for line in project.run("check", "-C", "site", "--format", "github").out.split("\n") if "spelling" in line
    ]
    assert line == (
        "::warning file=site/errgen.toml,line=16,title=spelling::site.default.overrides.404.headline: 404.headline has "
        "'Recieve'%0Ahint: did you mean receive or relieve? If it is right, add it to words in [site.default.check]"
    )


def test_files_that_ship_are_shown_as_such_where_the_project_has_no_catalog(project: Project) -> None:
    project.write("errgen.toml", f'{SETTINGS}[site.default.overrides.404]\nheadline = "Gone!"\n')
    message = "the title of 410 in en is the headline of 404: Gone"
    line = (shipped() / "catalog/http.yaml").read_text("utf-8").splitlines().index("  title: Gone") + 1
    hint = "say of each what is true of it only"
    assert (
        f"warning: <errgen>/catalog/http.yaml:{line}: {message} [title-as-headline]\n  hint: {hint}\n"
    ) in project.run("check").out
    assert (
        f"::warning title=title-as-headline::<errgen>/catalog/http.yaml:{line}: {message}%0Ahint: {hint}\n"
    ) in project.run("check", "--format", "github").out


def test_what_has_special_characters_is_escaped() -> None:
    from site_builder.cli.annotations import _data, _property

    assert _data("100 %\r\nof: a, b") == "100 %25%0D%0Aof: a, b"
    assert _property("100 %\r\nof: a, b") == "100 %25%0D%0Aof%3A a%2C b"


def test_one_site_of_several(project: Project) -> None:
    second = SETTINGS.replace("site.default", "site.shop").replace('path = "public"', 'path = "shop"')
    project.write("errgen.toml", SETTINGS + second + '[site.shop.overrides.404]\nheadline = "Recieve"\n')
    assert "'Recieve'" not in project.run("check", "--site", "default").out
    shop = project.run("check", "--site", "shop").out
    assert "warning: errgen.toml:30: site.shop.overrides.404.headline: 404.headline has 'Recieve' [spelling]\n" in shop
    assert project.run("check", "--site", "none").code == 2


def test_what_is_true_of_several_sites_is_said_once(project: Project) -> None:
    second = SETTINGS.replace("site.default", "site.shop").replace('path = "public"', 'path = "shop"')
    project.write("errgen.toml", SETTINGS + second + '[site.shop.overrides.410]\nheadline = "Recieve"\n')
    project.write("catalog/mine.yaml", "404:\n  headline: At 10.1.2.3\n")
    outcome = project.run("check")
    assert [line for line in outcome.out.split("\n") if line.startswith(("error", "warning"))] == [
        "error: catalog/mine.yaml:2: 404.headline has a private address, 10.1.2.3 (sites default, shop) [leak]",
        "warning: errgen.toml:30: site.shop.overrides.410.headline: 410.headline has 'Recieve' (site shop) [spelling]",
    ]
    assert outcome.err.startswith("error: 1 error is left\n")


def test_a_theme_whose_colours_cannot_be_told_apart(project: Project) -> None:
    project.write(
        "templates/grey/theme.yaml",
        "name: Grey\ndescription: Too quiet.\ninherits: plain\ncontrast:\n  text: [ink on paper]\n",
    )
    project.write("templates/grey/style.css", ":root { --ink: #777; --paper: #fff }\n")
    project.write("errgen.toml", SETTINGS.replace('languages = ["en"]', 'theme = "grey"'))
    outcome = project.run("check")
    assert outcome.code == 4
    assert (
        "templates/grey/style.css:1: --ink on --paper, light: #777 on #fff has a contrast of 4.4:1, and text needs "
        "4.5:1 [contrast]\n  hint: the nearest shade that passes is #767676\n"
    ) in outcome.out


STOPPED = """\
error: errgen.toml:6: site.pale.colors.accent: #eeeeee on #faf9f6 has a contrast of 1.1:1, and text needs 4.5:1; the \
nearest shade that passes is #6d6d6d (site pale) [contrast]
  hint: take the shade that is named, or a colour with more contrast
error: errgen.toml:6: site.pale.colors.accent: #eeeeee on #f1efe9 has a contrast of 1.0:1, and text needs 4.5:1; the \
nearest shade that passes is #6d6d6d (site pale) [contrast]
  hint: take the shade that is named, or a colour with more contrast
error: errgen.toml:6: site.pale.colors.accent: #eeeeee on #faf9f6 has a contrast of 1.1:1, and lines need 3:1; the \
nearest shade that passes is #6d6d6d (site pale) [contrast]
  hint: take the shade that is named, or a colour with more contrast
error: templates/noisy/page.md.j2: ::NOISE:: would stay in pages of the profile static, which cannot fill it in \
(sites noisy, loud) [token]
  hint: use page.ray_id, page.client_ip or page.region, which are None where an edge cannot fill them in
error: templates/bare/page.html.j2: writes <meta name="errgen" content=""> 0 times (site bare) [marker]
  hint: write it once, in <head>: publishing recognises a page of ours by it (document.html.j2 has it)
error: errgen.toml:31: site.rich.edge[0].plan: there is no 'gold'; there are: business, enterprise, free, pro (site \
rich) [build]
  hint: correct errgen.toml and run the command again
warning: errgen.toml:37: site.fine.overrides.404.headline: 404.headline has 'Recieve' (site fine) [spelling]
  hint: did you mean receive or relieve? If it is right, add it to words in [site.fine.check]
pale: 3 errors (the site cannot be built, so its pages were not checked)
noisy: 1 error (the site cannot be built, so its pages were not checked)
loud: 1 error (the site cannot be built, so its pages were not checked)
bare: 1 error (the site cannot be built, so its pages were not checked)
rich: 1 error (the site cannot be built, so its pages were not checked)
fine: 1 warning (508 pages)
"""
BRAND = '[site.{0}]\nname = "Example"\nlanguages = ["en"]\nhome = "https://example.com/"\n{1}\n'


def test_what_stops_the_build_of_one_site_is_a_finding_and_the_others_are_checked(project: Project) -> None:
    sites = {
        "pale": '[site.pale.colors]\naccent = "#eeeeee"',
        "noisy": 'theme = "noisy"',
        "loud": 'theme = "noisy"\n[site.loud.check]\noff = { token = "we like it" }',
        "bare": 'theme = "bare"',
        "rich": '[[site.rich.edge]]\nkind = "cloudflare"\nzone = "no"\nplan = "gold"',
        "fine": '[site.fine.overrides.404]\nheadline = "Recieve"',
    }
    project.write("errgen.toml", "".join(BRAND.format(name, more) for name, more in sites.items()))
    for name in ("noisy", "bare"):
        project.write(f"templates/{name}/theme.yaml", f"name: {name}\ndescription: Ours.\ninherits: plain\n")
    project.write("templates/noisy/page.md.j2", "::NOISE::\n")
    project.write("templates/bare/page.html.j2", "<title>x</title>")
    outcome = project.run("check")
    assert outcome == Outcome(
        4,
        STOPPED,
        "error: 6 errors are left\nhint: correct them; what stops a build cannot be switched off\n",
    )
    not_built = json.loads(project.run("check", "--format", "json").out)["not_built"]
    assert not_built == ["pale", "noisy", "loud", "bare", "rich"]


def test_a_brand_that_the_theme_does_not_show(project: Project) -> None:
    project.write("errgen.toml", SETTINGS.replace('languages = ["en"]', 'theme = "minimal"\ntagline = "Ever so small"'))
    outcome = project.run("check")
    assert outcome.code == 0
    assert "warning: errgen.toml:4: site.default.tagline: the theme minimal does not show it [brand-not-shown]\n" in (
        outcome.out
    )


def test_what_builds_say_is_known_by_its_id() -> None:
    package = ROOT / "site_builder"
    found = set()
    verifying = package / "app/verify.py"  # what it finds is about live answers
    for path in {*package.glob("rendering/*.py"), *package.glob("app/*.py")} - {verifying}:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding":
                given = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "id")]
                parts = (part for value in given for part in ast.walk(value))
                found |= {str(part.value) for part in parts if isinstance(part, ast.Constant)}
    assert set(BUILD_FINDINGS) == found


def test_each_id_is_one_thing() -> None:
    ids = [one.id for one in all_checks()]
    assert sorted({*ids, *BUILD_FINDINGS}) == sorted([*ids, *BUILD_FINDINGS]) == list(known_ids())


def test_the_readme_lists_every_id() -> None:
    rows = [f"| `{name}` | {severity} | {why} |" for name, (severity, why) in known_ids().items()]
    table = "\n".join(["| id | severity | what it is about |", "| --- | --- | --- |", *rows])
    assert table in (ROOT / "README.md").read_text("utf-8")


def test_help_has_an_example(project: Project) -> None:
    text = project.run("check", "--help").out
    assert "Example:  errgen check --format github" in text
    assert 'off = { size-haproxy = "we do not use HAProxy" }' in text

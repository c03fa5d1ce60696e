from __future__ import annotations

import json
import re
import signal
import subprocess
import sys

import pytest

from site_builder import catalog
from site_builder import manifest as manifests
from site_builder.settings import shipped
from tests.conftest import Outcome, Project

PAGES = 508  # 127 entries and families, each in four files, for the one profile of the small site


def stamps(project: Project) -> dict[str, int]:
    root = project.folder / "output"
    return {str(path.relative_to(root)): path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}


def test_says_what_it_wrote(project: Project) -> None:
    outcome = project.run("build")
    assert outcome.code == 0
    assert outcome.err == ""
    assert re.fullmatch(
        rf"default: wrote (\d+) of \1 files in output/default \({PAGES} pages, release [0-9a-f]{{12}}\)\n", outcome.out
    )


def test_the_output_is_what_the_manifest_says(project: Project) -> None:
    project.run("build")
    files = project.files("output/default")
    manifest = manifests.loads(files["manifest.json"])
    assert len(manifest.files) == PAGES
    pages = {path for path in files if path.startswith("pages/")}
    assert pages == {file.path for file in manifest.files}
    assert {path for path in files if path not in pages} == {
        "index.html",
        "manifest.json",
        "edges/cloudflare/assets.json",
        "edges/cloudflare/report.json",
        "edges/cloudflare/ruleset.json",
        "edges/cloudflare/ruleset.maintenance.json",
        "edges/cloudflare/terraform.tf.json",
    }


def test_two_builds_are_byte_identical_and_the_second_touches_nothing(project: Project) -> None:
    first = project.run("build")
    files, times = project.files("output"), stamps(project)
    project.settle()
    second = project.run("build")
    assert (project.files("output"), stamps(project)) == (files, times)
    release = first.out[-14:]
    assert second == Outcome(0, f"default: output/default is up to date ({PAGES} pages, release {release}", "")
    elsewhere = project.run("build", "--out", "elsewhere")
    assert elsewhere.code == 0
    assert project.files("elsewhere") == files


def test_a_save_writes_only_what_depends_on_it(project: Project) -> None:
    project.run("build")
    before = project.files("output")
    project.write("catalog/mine.yaml", "404:\n  headline: This page went fishing\n")
    assert project.run("build").code == 0
    after = project.files("output")
    changed = sorted(path for path in after if after[path] != before[path])
    assert set(changed) == {
        "default/index.html",
        "default/manifest.json",
        "default/pages/cloudflare/en/404.html",
        "default/edges/cloudflare/assets.json",
        "default/edges/cloudflare/report.json",
        "default/edges/cloudflare/ruleset.json",
        "default/edges/cloudflare/ruleset.maintenance.json",
        "default/edges/cloudflare/terraform.tf.json",
    }
    assert b"This page went fishing" in after["default/pages/cloudflare/en/404.html"]


def test_what_is_no_longer_made_is_removed_and_nothing_else(project: Project) -> None:
    project.write(
        "catalog/mine.yaml",
        "499:\n  error_name: client_closed_request\n  title: Client Closed Request\n  headline: You closed the page\n"
        "  category: client\n  detail: Your browser closed the connection early.\n"
        "  what_you_should_do: '**Open the page again.** It works as before.'\n  retryable: false\n"
        "  owner_action_required: false\n  who_acts: visitor\n  weight: 0.1\n",
    )
    assert project.run("build").code == 0
    assert "default/pages/cloudflare/en/499.html" in project.files("output")
    project.write("output/default/pages/cloudflare/en/notes.txt", "mine")
    (project.folder / "catalog" / "mine.yaml").unlink()
    outcome = project.run("build")
    assert "removed 4" in outcome.out
    left = project.files("output")
    assert not [path for path in left if "/499." in path]
    assert left["default/pages/cloudflare/en/notes.txt"] == b"mine"


def test_a_file_changed_by_hand_is_mended(project: Project) -> None:
    project.run("build")
    before = project.files("output")
    project.settle()
    project.run("build")
    project.write("output/default/pages/cloudflare/en/404.html", "edited")
    (project.folder / "output/default/pages/cloudflare/en/500.html").unlink()
    assert "wrote 2 of" in project.run("build").out
    assert project.files("output") == before


def test_check_compares_and_writes_nothing(project: Project) -> None:
    assert project.run("build", "--check").code == 4
    assert not (project.folder / "output").exists()
    project.run("build")
    assert project.run("build", "--check").code == 0
    project.write("output/default/pages/cloudflare/en/404.html", "edited")
    (project.folder / "output/default/pages/cloudflare/en/500.html").unlink()
    before = project.files()
    assert project.run("build", "--check") == Outcome(
        4,
        "",
        "error: output/default: the output is not what a build would make: 1 missing (pages/cloudflare/en/500.html), "
        "1 changed (pages/cloudflare/en/404.html)\nhint: run: errgen build\n",
    )
    assert project.files() == before


def test_json_has_the_same_facts(project: Project) -> None:
    (built,) = json.loads(project.run("build", "--json").out)
    manifest = json.loads(project.read("output/default/manifest.json"))
    assert built["site"] == "default"
    assert built["folder"] == "output/default"
    assert built["release"] == manifest["release"]
    assert built["pages"] == len(manifest["files"])
    assert sorted(built["written"]) == sorted(path.removeprefix("default/") for path in project.files("output"))


def test_an_unwritable_output(project: Project) -> None:
    project.write("output", "a file where the folder should go")
    before = project.files()
    outcome = project.run("build")
    assert outcome.code == 9
    assert outcome.err == (
        "error: output/default: cannot read the output folder: Not a directory\n"
        "hint: a part of the path is a file; move it away or choose another folder\n"
    )
    assert {path: content for path, content in project.files().items() if ".errgen" not in path} == before


def test_refuses_to_fill_a_folder_of_somebody_elses(project: Project) -> None:
    project.write("output/default/thesis.txt", "years of work")
    outcome = project.run("build")
    assert outcome == Outcome(
        9,
        "",
        "error: output/default: holds files that errgen did not write (thesis.txt)\n"
        "hint: choose another folder with --out, or move these files away; errgen overwrites only its own\n",
    )


@pytest.mark.parametrize(
    ("path", "text", "error"),
    [
        ("catalog/mine.yaml", "404:\n  headlin: x\n", "catalog/mine.yaml:2: 404.headlin: "),
        (
            "catalog/mine.yaml",
            "404:\n  retryable: true\n  retry_after: 99999\n",
            "catalog/mine.yaml:3: 404.retry_after: ",
        ),
        ("catalog/mine.yaml", "404:\n  detail: <b>x</b>\n", "catalog/mine.yaml:2: 404.detail: "),
        ("catalog/mine.yaml", "404:\n  detail: '[x](javascript:alert(1))'\n", "catalog/mine.yaml:2: 404.detail: "),
        ("catalog/mine.yaml", "404: {}\n404: {}\n", "catalog/mine.yaml:2: "),
        ("templates/plain/page.html.j2", "<p>\n{{ nope }}\n", "templates/plain/page.html.j2:2: "),
        ("templates/plain/page.html.j2", "<p>\n{% if %}\n", "templates/plain/page.html.j2:2: "),
    ],
)
def test_bad_input_is_named_by_line_and_leaves_the_old_output(
    project: Project, path: str, text: str, error: str
) -> None:
    project.run("build")
    before = project.files("output")
    project.write(path, text)
    outcome = project.run("build")
    assert outcome.code == 3
    assert outcome.out == ""
    assert outcome.err.startswith(f"error: {error}")
    assert project.files("output") == before


def test_bad_overrides_and_languages(project: Project) -> None:
    settings = project.read("errgen.toml")
    project.write("errgen.toml", settings + '[site.default.overrides.5xxx]\nheadline = "x"\n')
    assert project.run("build").err == (
        "error: errgen.toml:15: site.default.overrides.5xxx: no such entry or family; did you mean 5xx?\n"
        "hint: correct errgen.toml and run the command again\n"
    )
    project.write("errgen.toml", settings + '[site.default.overrides.404]\ndetail = "<script>"\n')
    assert project.run("build").err.startswith("error: errgen.toml:16: site.default.overrides.404.detail: has raw HTML")
    project.write("errgen.toml", settings.replace('["en"]', '["en", "tlh"]'))
    assert project.run("build").err.startswith(
        "error: errgen.toml:3: site.default.languages[1]: there is no language 'tlh' in the catalog, nor one that "
        "could stand in for it; there are: ar, de, en, "
    )


def test_a_site_says_it_in_its_own_words(project: Project) -> None:
    settings = project.read("errgen.toml")
    project.write("errgen.toml", settings + '[site.default.overrides.404]\nheadline = "Nobody <lives> here"\n')
    assert project.run("build").code == 0
    assert "Nobody &lt;lives&gt; here" in project.read("output/default/pages/cloudflare/en/404.html")


KILLED = """
import os, signal, sys
from site_builder import cli

left = int(sys.argv.pop())

def counted(action):
    def act(*arguments):
        global left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return action(*arguments)
    return act

os.write = counted(os.write)
os.replace = counted(os.replace)
cli.main()
"""


@pytest.mark.parametrize("step", [1, 2, 12, 25, 26, 38, 46])
def test_killed_at_any_step_it_leaves_whole_files_and_the_next_build_completes(project: Project, step: int) -> None:
    project.run("build")
    old = project.files("output")
    project.write("catalog/mine.yaml", "\n".join(f"{code}:\n  headline: Changed {code}" for code in range(400, 418)))
    project.run("build", "--out", "new")
    new = project.files("new")
    changed = sum(old.get(path) != content for path, content in new.items())
    assert 2 * changed >= 46  # every file is written and renamed: the steps above fall into both halves
    command = [sys.executable, "-c", KILLED, "build", str(step)]
    killed = subprocess.run(command, cwd=project.folder, check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL
    for path, content in project.files("output").items():
        if not path.endswith(".errgen-tmp"):
            assert content in (old.get(path), new.get(path)), path
    assert project.run("build").code == 0
    assert project.files("output") == new


def test_ctrl_c_ends_with_130_and_the_old_output(project: Project) -> None:
    project.run("build")
    old = project.files("output")
    project.write("catalog/mine.yaml", "404:\n  headline: New words\n")
    script = (
        "import os, signal\n"
        "from site_builder import catalog, cli\n"
        "load = catalog.load\n"
        "catalog.load = lambda *given, **named: (os.kill(os.getpid(), signal.SIGINT), load(*given, **named))[1]\n"
        "cli.main()"
    )
    command = [sys.executable, "-c", script, "build"]
    done = subprocess.run(command, cwd=project.folder, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr.lstrip()) == (130, "error: interrupted; nothing was applied\n")
    assert project.files("output") == old


def test_what_nobody_knows_is_not_claimed(project: Project) -> None:
    project.run("build")
    assert "retryable" not in json.loads(project.read("output/default/pages/cloudflare/en/5xx.json"))
    assert "retryable" not in project.read("output/default/pages/cloudflare/en/5xx.md")
    assert json.loads(project.read("output/default/pages/cloudflare/en/503.json"))["retryable"] is True


def test_limits_that_leave_clients_unserved_are_no_success(project: Project) -> None:
    settings = project.read("errgen.toml")
    project.write("errgen.toml", settings.replace('plan = "pro"', "limits = { rules = 5, assets = 5 }"))
    outcome = project.run("build")
    assert outcome.code == 4
    assert "error: errgen.toml:11: site.default.edge[0]: built, but not fit to publish: " in outcome.err
    assert project.run("rehearse").code == 8


def test_a_default_language_needs_its_interface_and_its_families(project: Project) -> None:
    english = interface()
    project.write("catalog/languages/cs.yaml", "interface:\n  home: Domů\n")
    languages(project, "cs", "en")
    lacking = ", ".join(name for name in english if name != "home")
    outcome = project.run("build")
    families = outcome.err.split("no texts for the families ")[1].split(", and every")[0]
    assert outcome == Outcome(
        3,
        "",
        "error: errgen.toml:3: site.default.languages[0]: catalog/languages/cs.yaml lacks 33 strings of the interface, "
        f"without which there are no pages in the default language, cs: {lacking}\n"
        "error: errgen.toml:3: site.default.languages[0]: the default language, cs, has no texts for the families "
        f"{families}, and every error without a page of its own is answered by one\n"
        "hint: translate them in catalog/languages/cs.yaml, or put another language first\n",
    )
    assert {"4xx", "5xx"} <= set(families.split(", "))


def interface() -> dict[str, str]:
    """The English strings of the interface."""
    return dict(catalog.load([shipped() / "catalog"], ["en"]).languages["en"].strings)


def test_texts_of_ones_own_where_the_language_has_none(project: Project) -> None:
    languages(project, "en", "de")
    settings = project.read("errgen.toml")
    some = '[site.default.overrides.1015.de]\nheadline = "Sachte"\ndetail = "Das waren viele Anfragen."\n'
    project.write("errgen.toml", settings + some)
    assert project.run("build") == Outcome(
        3,
        "",
        "error: errgen.toml:15: site.default.overrides.1015.de: there are no texts in de that these could be laid "
        "over; give title, what_you_should_do too\n"
        "hint: correct errgen.toml and run the command again\n",
    )
    rest = 'title = "Zu viele Anfragen"\nwhat_you_should_do = "**Warten Sie.** Dann geht es."\n'
    project.write("errgen.toml", settings + some + rest)
    outcome = project.run("build")
    assert outcome.code == 0
    assert outcome.err.startswith(
        "info: errgen.toml:3: site.default.languages: Cloudflare’s own codes are answered by families: 70 in de\n"
    )
    assert "Sachte" in project.read("output/default/pages/cloudflare/de/1015.html")
    assert "Sachte" not in project.read("output/default/pages/cloudflare/en/1015.html")


def languages(project: Project, *tags: str) -> None:
    """Have the site in these languages."""
    project.write("errgen.toml", project.read("errgen.toml").replace('["en"]', json.dumps(tags)))


def test_a_language_that_another_stands_in_for(project: Project) -> None:
    text = project.read("errgen.toml").replace('kind = "cloudflare"', 'kind = "netlify"')
    text = text.replace('zone = "023e105f4ecef8ad9ca31a8372d0c353"\nplan = "pro"\n', "")
    project.write(
        "errgen.toml",
        text + '[site.default.overrides.404.de-AT]\nheadline = "Nix da"\n'
        '[site.default.tagline]\nen = "Since 1990"\nde-AT = "Seit 1990"\n',
    )
    languages(project, "en", "de-AT", "zh-TW")
    outcome = project.run("build", "--json")
    assert outcome.code == 0
    (built,) = json.loads(outcome.out)
    assert [finding for finding in built["findings"] if finding["id"] == "language-stands-in"] == [
        {
            "id": "language-stands-in",
            "severity": "info",
            "message": "these languages have no texts of their own; their pages are: de-AT in the words of de, "
            "zh-TW in the words of zh-Hans",
            "where": "errgen.toml: site.default.languages",
            "hint": "write what differs in catalog/languages/TAG.yaml",
        }
    ]
    html = project.read("output/default/pages/static/de-AT/404.html")
    assert '<html lang="de"' in html
    assert "Nix da" in html
    assert "60 Sekunden" not in html
    assert "1 Minute" in project.read("output/default/pages/static/de-AT/503.html")
    assert '<html lang="zh-Hans"' in project.read("output/default/pages/static/zh-TW/404.html")
    assert {file.language for file in manifests.loads(project.files("output/default")["manifest.json"]).files} == {
        *("en", "de-AT", "zh-TW")
    }


CZECH = """\
404:
  title: Nenalezeno
  headline: Tuhle stránku nemáme
  detail: Na této adrese nic není.
  what_you_should_do: "**Zkontrolujte adresu.**"
"""


def test_a_language_without_its_whole_interface_has_no_pages(project: Project) -> None:
    project.run("build")
    english = project.files("output")
    project.write("catalog/languages/cs.yaml", f"interface:\n  home: Domů\n{CZECH}")
    languages(project, "en", "cs")
    outcome = project.run("build")
    assert outcome == Outcome(
        0,
        outcome.out,
        "warning: errgen.toml:3: site.default.languages[1]: no pages are made in cs, and its visitors get them in en: "
        "catalog/languages/cs.yaml lacks 33 strings of the interface: document_title, problem_title, code_label, "
        "what_you_can_do, retry_in, retry_soon, status_page, contact, …\n"
        "hint: translate the interface; what is missing is listed by: errgen translate cs\n",
    )
    assert project.files("output") == english


def test_a_language_has_pages_as_soon_as_its_interface_is_whole(project: Project) -> None:
    strings = "".join(f"  {name}: {json.dumps(text)}\n" for name, text in interface().items())
    project.write("catalog/languages/cs.yaml", f"interface:\n{strings}{CZECH}")
    languages(project, "en", "cs-CZ")
    err = project.run("build").err
    assert err.startswith(
        "info: errgen.toml:3: site.default.languages: these languages have no texts of their own; their pages are: "
        "cs-CZ in the words of cs\n"
        "warning: errgen.toml:3: site.default.languages[1]: 39 entries have no texts in cs-CZ; there the answer is a "
        "family's, or in en where a family has none either: 400, 401, 402, 403, 405, 406, 407, 408, …\n"
        "hint: translate them in catalog/languages/cs.yaml\n"
    )
    assert {path for path in project.files("output/default/pages") if "/cs-CZ/" in path} == {
        f"cloudflare/cs-CZ/404.{extension}" for extension in ("html", "json", "md", "problem.json")
    }


def test_a_variety_takes_its_interface_from_its_language(project: Project) -> None:
    project.write("catalog/languages/de-AT.yaml", "interface:\n  home: Heim\n")
    languages(project, "en", "de-AT")
    (built,) = json.loads(project.run("build", "--json").out)
    assert [one["id"] for one in built["findings"] if not one["id"].startswith("cloudflare-")] == ["untranslated"]
    assert ">Heim<" in project.read("output/default/pages/cloudflare/de-AT/404.html")


def test_what_stands_in_is_told_in_two_lines(project: Project) -> None:
    languages(project, "de", "fr", "de-CH", "zh-TW")
    told = (
        "info: errgen.toml:3: site.default.languages: these languages have no texts of their own; their pages are: "
        "de-CH in the words of de, zh-TW in the words of zh-Hans\n"
        "info: errgen.toml:3: site.default.languages: Cloudflare’s own codes are answered by families: "
        "71 in de, fr, de-CH, zh-TW\n"
    )
    assert project.run("build").err.startswith(told)
    assert project.run("build").err.startswith(told)


def test_texts_of_the_site_in_some_of_its_languages(project: Project) -> None:
    languages(project, "en", "de", "fr")
    tables = '[site.default.tagline]\nen = "Hi"\nde = "Hallo"\n[site.default.maintenance]\nstill_works = "Orders"\n'
    settings = project.read("errgen.toml") + tables
    project.write("errgen.toml", settings)
    assert "tagline: is on no page in fr" not in project.run("build").err
    project.write("errgen.toml", settings.replace('name = "Example"', 'name = "Example"\ntheme = "brand"'))
    assert project.run("build").err.startswith(
        "warning: errgen.toml:16: site.default.tagline: is on no page in fr\n"
        'hint: write it for each language: tagline = { en = "…", de = "…", fr = "…" }\n'
        "warning: errgen.toml:20: site.default.maintenance.still_works: is on no page in de, fr\n"
        'hint: write it for each language: still_works = { en = "…", de = "…", fr = "…" }\n'
    )


def test_the_pseudo_language_is_on_every_page(project: Project) -> None:
    languages(project, "en", "en-XA")
    assert project.run("build").code == 0
    pages = {path: text for path, text in project.files("output/default/pages").items() if "/en-XA/" in path}
    assert len(pages) == PAGES
    for path, text in pages.items():
        assert "⟦" in text.decode(), path
    assert '<html lang="en-XA" dir="ltr">' in pages["cloudflare/en-XA/404.html"].decode()


def test_an_english_site_reads_no_other_language(project: Project) -> None:
    project.write("catalog/languages/de.yaml", "\tbroken")
    assert project.run("build").code == 0
    languages(project, "en", "de")
    assert project.run("build").err.startswith("error: catalog/languages/de.yaml:1: has a tab")


def test_two_tables_for_one_zone_are_refused(project: Project) -> None:
    settings = project.read("errgen.toml")
    table = settings[settings.index("[[site.default.edge]]") :]
    project.write("errgen.toml", f"{settings}\n{table}")
    outcome = project.run("build")
    lines = [number for number, line in enumerate(project.read("errgen.toml").splitlines(), 1) if "zone = " in line]
    assert (outcome.code, outcome.err) == (
        3,
        f"error: errgen.toml:{lines[1]}: site.default.edge[1].zone: is the zone of edge[0] too, and a site has one "
        "list of rules in each\nhint: make one table of both, or give the other one a site of its own: [site.NAME]\n",
    )


def test_a_zone_of_two_tables_is_refused_where_one_has_many(project: Project) -> None:
    settings = project.read("errgen.toml")
    zone = re.search(r'zone = "(\w+)"', settings)[1]  # type: ignore[index]  # the project has one
    project.write("errgen.toml", f'{settings}\n[[site.default.edge]]\nkind = "cloudflare"\nzones = ["x", "{zone}"]\n')
    assert project.run("build").err.partition(": site.")[2].splitlines()[0] == (
        f"default.edge[1].zones: has {zone}, which is the zone of edge[0] too, and a site has one list of rules in each"
    )


def test_a_scope_that_no_request_is_in(project: Project) -> None:
    scope = '[[site.default.scope]]\nformat = "json"\npaths = ["{}"]\n'
    scopes = scope.format("/*") + scope.format("/x/*")
    project.write("errgen.toml", f"{project.read('errgen.toml')}\n{scopes}")
    found = [
        one for one in json.loads(project.run("check", "--format", "json").out)["findings"] if "scope" in one["id"]
    ]
    assert [(one["id"], one["severity"], one["message"]) for one in found] == [
        (
            "scope-hidden",
            "warning",
            "no request is in the scope of paths /x/*: each is in one before it, and the first decides",
        )
    ]

"""``errgen translate``, as a translator uses it."""

from __future__ import annotations

import json

import pytest

from site_builder.catalog.states import digest
from site_builder.settings import shipped
from tests.conftest import Outcome, Project

CZECH = "catalog/languages/cs.yaml"
STATES = "catalog/languages/states/cs.json"
WANTED = 258  # strings of the interface, and the texts of entries and families that are not Cloudflare's own
ENGLISH, FIRST, SECOND = "The website couldn’t understand this request", "Tomu web nerozumí", "Tomuhle web nerozumí"


def fill(project: Project, old: str, new: str) -> None:
    """Write the headline of 400, which is the first of the file."""
    project.write(CZECH, project.read(CZECH).replace(f'  headline: "{old}"', f'  headline: "{new}"', 1))


def test_a_language_from_its_beginning_to_its_review(project: Project) -> None:
    begun = project.run("translate", "cs")
    lines = begun.out.splitlines()
    assert (begun.code, begun.err) == (0, "")
    assert lines[0] == f"wrote {CZECH}"
    assert lines[1] == f"{CZECH}:8: interface.document_title: missing"
    assert lines[-2] == f"… and {WANTED - 20} more; --json lists them all"
    assert (
        lines[-1] == f"cs: 0 % of 258 texts translated, 0 % reviewed: {WANTED} missing, 0 stale, 0 drafts, 0 reviewed"
    )
    assert not (project.folder / STATES).exists()
    project.write("errgen.toml", project.read("errgen.toml").replace('["en"]', '["en", "cs"]'))
    assert project.run("build").code == 0

    fill(project, "", FIRST)
    written = project.read(CZECH)
    drafted = project.run("translate", "cs").out.splitlines()
    assert drafted[-2:] == [
        "noted the English of 1 new text",
        f"cs: 0 % of 258 texts translated, 0 % reviewed: {WANTED - 1} missing, 0 stale, 1 draft, 0 reviewed",
    ]
    english = json.loads(project.run("translate", "cs", "--json").out)
    assert english["draft"] == 1

    reviewed = project.run("translate", "cs", "--reviewed-by", " Jana  Nováková ", "400.headline").out.splitlines()
    assert reviewed == [
        "1 text reviewed by Jana Nováková",
        f"cs: 0 % of 258 texts translated, 0 % reviewed: {WANTED - 1} missing, 0 stale, 0 drafts, 1 reviewed",
    ]
    (record,) = json.loads(project.read(STATES)).items()
    assert record[0] == "400.headline"
    assert record[1]["text"] == digest(FIRST)
    assert record[1]["reviewed_by"] == "Jana Nováková"
    assert project.read(CZECH) == written

    fill(project, FIRST, SECOND)
    assert project.run("translate", "cs").out.splitlines()[-2:] == drafted[-2:]
    (record,) = json.loads(project.read(STATES)).items()
    assert (record[1]["text"], "reviewed_by" in record[1]) == (digest(SECOND), False)


def test_a_changed_original_makes_a_translation_stale_until_it_is_read_again(project: Project) -> None:
    project.write("catalog/mine.yaml", "404:\n  headline: Gone fishing\n")
    german = (shipped() / "catalog/languages/de.yaml").read_text("utf-8").splitlines()
    line = german.index("404:") + 3
    stale = project.run("translate", "de").out.splitlines()
    assert stale == [
        f"<errgen>/catalog/languages/de.yaml:{line}: 404.headline: stale, its English has changed",
        "de: 100 % of 258 texts translated, 0 % reviewed: 0 missing, 1 stale, 257 drafts, 0 reviewed",
    ]
    assert not (project.folder / "catalog/languages").exists()
    (found,) = json.loads(project.run("translate", "de", "--json").out)["stale"]
    assert (found["text"], found["kind"], found["english"]) == ("404.headline", "entry", "Gone fishing")
    read = project.run("translate", "de", "--reviewed-by", "Anna Schmidt", "404")
    assert read.out.splitlines() == [
        "4 texts reviewed by Anna Schmidt",
        "de: 100 % of 258 texts translated, 1 % reviewed: 0 missing, 0 stale, 254 drafts, 4 reviewed",
    ]
    everything = project.run("translate", "de", "--reviewed-by", "Anna Schmidt", "--all")
    assert everything.out.splitlines()[-1] == (
        "de: 100 % of 258 texts translated, 100 % reviewed: 0 missing, 0 stale, 0 drafts, 258 reviewed"
    )


def test_a_variety_is_begun_from_the_language_that_stands_in_for_it(project: Project) -> None:
    begun = project.run("translate", "de-AT")
    assert begun.out.splitlines() == [
        "wrote catalog/languages/de-AT.yaml",
        "de-AT: 100 % of 258 texts translated, 0 % reviewed: 0 missing, 0 stale, 258 drafts, 0 reviewed",
    ]
    assert "#   Nicht gefunden\n" in project.read("catalog/languages/de-AT.yaml")
    assert [path for path in project.files("catalog") if "states" in path] == []


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("en",), "English is the original; there is nothing to translate\nhint: name another language: "),
        (("en-XA",), "en-XA is made from English; there is nothing to translate\nhint: "),
        (("Deutsch!",), "'Deutsch!' is not a language tag\nhint: it is like de, pt-BR or zh-Hans (BCP 47)"),
        (("pt-br",), "there is no language 'pt-br', but pt-BR\nhint: run: errgen translate pt-BR"),
        (("de", "404"), "what has been reviewed needs the name of who has reviewed it\nhint: for example: "),
        (("de", "--reviewed-by", ""), "the name of who has reviewed it is empty or cannot be printed\nhint: "),
        (("de", "--reviewed-by", " \t "), "the name of who has reviewed it is empty or cannot be printed\nhint: "),
        (("de", "--reviewed-by", "a\nb"), "the name of who has reviewed it is empty or cannot be printed\nhint: "),
        (("de", "--all"), "what has been reviewed needs the name of who has reviewed it\nhint: for example: "),
        (
            ("de", "--reviewed-by", "Anna"),
            "say what has been reviewed: keys, or --all for every text that is there\nhint: a key is like 404, ",
        ),
        (
            ("de", "--reviewed-by", "Anna", "--all", "404"),
            "--all stands for every text; name keys or give --all, not both\nhint: a key is like 404, ",
        ),
        (
            ("de", "--reviewed-by", "Anna", "1015"),
            "1015 has no text yet (see <errgen>/catalog/languages/de.yaml:1)\nhint: a key is like 404, ",
        ),
        (("cs", "--reviewed-by", "Jana", "404"), "there is no language 'cs' to review\nhint: begin it with: errgen"),
        (
            ("de", "--reviewed-by", "Anna", "404.headlin", "5x", "1015.title"),
            "there is no text 404.headlin; did you mean 404.headline?; there is no text 5x; did you mean 5xx?; "
            "1015.title has no text yet (see <errgen>/catalog/languages/de.yaml:1)\nhint: a key is like 404, ",
        ),
    ],
)
def test_what_cannot_be(project: Project, arguments: tuple[str, ...], error: str) -> None:
    before = project.files()
    outcome = project.run("translate", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"error: {error}")
    assert project.files() == before


def test_nothing_can_be_reviewed_where_no_text_is(project: Project) -> None:
    project.run("translate", "cs")
    lines = project.read(CZECH).splitlines()
    line = lines.index('  title: ""', lines.index("503:")) + 1
    assert project.run("translate", "cs", "--reviewed-by", "Jana", "503") == Outcome(
        2,
        "",
        f"error: 503 has no text yet (see {CZECH}:{line})\n"
        "hint: a key is like 404, 404.headline, interface or interface.home\n",
    )
    assert project.run("translate", "cs", "--reviewed-by", "Jana", "--all") == Outcome(
        2, "", "error: there is no text yet that can be reviewed\nhint: translate some, then run it again\n"
    )
    assert not (project.folder / STATES).exists()


def test_a_faulty_translation_is_named_by_line(project: Project) -> None:
    project.write(CZECH, "404:\n  titel: x\n")
    assert project.run("translate", "cs") == Outcome(
        3,
        "",
        f"error: {CZECH}:2: 404.titel: unknown key; did you mean title?\n"
        "hint: correct the catalog and run the command again\n",
    )


def test_an_unwritable_project(project: Project) -> None:
    project.write("catalog/languages", "a file where the folder should go")
    outcome = project.run("translate", "cs")
    assert outcome.code == 9
    assert outcome.err.startswith(f"error: {CZECH}: cannot write the translation: ")

from __future__ import annotations

from tests.conftest import Outcome, Project


def test_a_new_project_builds_at_once(project: Project) -> None:
    assert project.run("init", "mysite") == Outcome(
        0, "wrote mysite/errgen.toml\nwrote mysite/.gitignore\nnext: cd mysite && errgen build\n", ""
    )
    assert project.run("build", "-C", "mysite").code == 0
    assert "default/pages/cloudflare/en/404.html" in project.files("mysite/output")


def test_never_overwrites(project: Project) -> None:
    before = project.files()
    assert project.run("init", ".") == Outcome(
        2, "", "error: errgen.toml: there is a project already\nhint: choose another folder\n"
    )
    assert project.files() == before


def test_copies_a_theme_for_editing(project: Project) -> None:
    assert project.run("init", "--copy-theme", "plain") == Outcome(0, "copied the theme to templates/plain\n", "")
    assert project.run("build").code == 0
    page = project.read("templates/plain/page.html.j2")
    project.write("templates/plain/page.html.j2", page.replace("</main>", "<!-- mine --></main>"))
    assert project.run("build").code == 0
    assert "<!-- mine -->" in project.read("output/default/pages/cloudflare/en/404.html")
    assert project.run("init", "--copy-theme", "plain") == Outcome(
        2,
        "",
        "error: templates/plain: is there already\nhint: move it away to start again from the original\n",
    )


def test_names_the_themes_there_are(project: Project) -> None:
    assert project.run("init", "--copy-theme", "plian") == Outcome(
        2, "", "error: there is no theme 'plian'\nhint: the themes that ship are: brand, minimal, path, plain\n"
    )


def test_wants_a_folder(project: Project) -> None:
    assert project.run("init") == Outcome(
        2, "", "error: say where the project goes\nhint: for example: errgen init mysite\n"
    )

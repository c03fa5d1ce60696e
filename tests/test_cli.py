from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from site_builder.cli import errgen
from tests.conftest import Outcome, Project

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
HEAVY = (
    "jinja2",
    "markdown",
    "pydantic",
    "boto3",
    "botocore",
    "cloudflare",
    "httpx",
    "starlette",
    "ruamel",
    "babel",
    "rich",
)


@pytest.mark.parametrize("name", list(errgen.commands))
def test_every_command_has_a_help_with_an_example_and_stands_in_the_readme(name: str) -> None:
    help_text = errgen.commands[name].help or ""
    assert "Example:  errgen " + name in help_text
    assert f"`errgen {name}" in README
    for option in errgen.commands[name].params:
        if isinstance(option, click.Option):
            assert option.help, option.name


def loaded(folder: Path, *arguments: str) -> set[str]:
    script = (
        "import sys; sys.argv[0] = 'errgen'; from site_builder import cli\n"
        "try:\n    cli.main()\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return set(done.stderr.split()) & set(HEAVY)


def test_help_loads_click_only(tmp_path: Path) -> None:
    assert loaded(tmp_path, "--help") == set()
    assert loaded(tmp_path, "build", "--help") == set()


def test_an_unchanged_build_loads_no_renderer(project: Project) -> None:
    project.settle()
    assert project.run("build").code == 0
    assert loaded(project.folder, "build") == set()


def test_errors_of_usage(project: Project) -> None:
    assert project.run("build", "--site", "nope") == Outcome(
        2, "", "error: there is no site 'nope'\nhint: errgen.toml has: default\n"
    )
    assert project.run("biuld").code == 2
    assert project.run("build", "--nope").code == 2


def test_a_folder_that_is_no_project(project: Project) -> None:
    assert project.run("build", "-C", "nowhere") == Outcome(
        3,
        "",
        "error: nowhere/errgen.toml: there is no such file, so this folder is not an errgen project\n"
        "hint: make a project with: errgen init mysite  (or name one with -C DIR after the command)\n",
    )


def test_every_fault_is_printed(project: Project) -> None:
    project.write("errgen.toml", '[site.default]\nnam = "x"\nhome = "/"\n')
    assert project.run("build") == Outcome(
        3,
        "",
        "error: errgen.toml:1: site.default.name: is required\n"
        "error: errgen.toml:2: site.default.nam: unknown key; did you mean name?\n"
        "hint: correct errgen.toml and run the command again\n",
    )


def test_version(project: Project) -> None:
    assert project.run("--version") == Outcome(0, "errgen 0.1.0\n", "")


def test_a_reader_that_goes_away(project: Project) -> None:
    process = subprocess.run(  # noqa: S602 a real pipe, with a reader that ends
        f"{sys.executable} -m site_builder --help | true",
        shell=True,
        cwd=project.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (process.returncode, process.stderr) == (0, "")

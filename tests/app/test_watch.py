from __future__ import annotations

import gc
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

import httpx
import pytest

from site_builder.app import watch as watch_module
from site_builder.app.rebuild import Round
from site_builder.certificates import trusted
from tests.conftest import Project

SECONDS = 30  # a limit for a broken watch, never reached by a working one


class Watch:
    def __init__(self, project: Project, *options: str) -> None:
        self.process = project.start("watch", "--port", "0", *options)
        self.lines: Queue[str] = Queue()
        self.heard: list[str] = []
        streams = (self.process.stdout, self.process.stderr)
        self.readers = [threading.Thread(target=self._read, args=[stream], daemon=True) for stream in streams]
        for reader in self.readers:
            reader.start()
        self.url = re.findall(r"http://127\.0\.0\.1:\d+", self.says("the pages are at"))[0]

    def _read(self, stream: Iterator[str]) -> None:
        for line in stream:
            self.heard.append(line.rstrip("\n"))
            self.lines.put(self.heard[-1])

    def says(self, text: str) -> str:
        while text not in (line := self.lines.get(timeout=SECONDS)):
            pass
        return line

    def page(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", trust_env=False, verify=trusted())


@contextmanager
def watching(project: Project, *options: str) -> Iterator[Watch]:
    watch = Watch(project, *options)
    try:
        watch.says("default: ")
        yield watch
        if watch.process.poll() is None:
            watch.process.send_signal(signal.SIGINT)
            watch.says("stopped")
        assert watch.process.wait(SECONDS) == 0
        for reader in watch.readers:
            reader.join()
    finally:
        watch.process.kill()
        watch.process.wait()
        for stream in (watch.process.stdout, watch.process.stderr):
            if stream:
                stream.close()


def save(path: Path, text: str) -> None:
    """Save as editors do: a temporary file, renamed."""
    temporary = path.with_name(path.name + "~")
    temporary.write_text(text, "utf-8")
    temporary.replace(path)


PAGE = "/default/pages/cloudflare/en/404.html"


@pytest.mark.parametrize("options", [[], ["--poll"]])
def test_builds_on_save_and_serves_the_result(project: Project, options: list[str]) -> None:
    catalog = project.write("catalog/mine.yaml", "404:\n  headline: First words\n")
    with watching(project, *options) as watch:
        assert "First words" in watch.page(PAGE).text
        save(catalog, "404:\n  headline: Second words\n")
        assert "wrote " in watch.says("default: ")
        assert "Second words" in watch.page(PAGE).text
        assert watch.page("/default/").text.startswith("<!doctype html>")


def test_keeps_the_last_good_output_while_a_template_is_broken(project: Project) -> None:
    project.run("init", "--copy-theme", "plain")
    template = project.folder / "templates" / "plain" / "page.html.j2"
    good = template.read_text("utf-8")
    with watching(project) as watch:
        before = watch.page(PAGE).text
        save(template, good + "\n{% if %}\n")
        line = good.count("\n") + 2
        assert watch.says("error: ").startswith(f"error: templates/plain/page.html.j2:{line}: ")
        watch.says("the last good output stays as it is")
        assert watch.page(PAGE).text == before
        [fault] = watch.page("/_/default/gallery.json").json()["problem"]["faults"]
        assert fault["where"] == f"templates/plain/page.html.j2:{line}"
        assert [line, "{% if %}"] in fault["excerpt"]
        save(template, good.replace("</main>", "<!-- mended --></main>"))
        watch.says("default: ")
        assert "<!-- mended -->" in watch.page(PAGE).text
        assert watch.page("/_/default/gallery.json").json()["problem"] is None


def test_a_deleted_catalog_and_one_that_appears(project: Project) -> None:
    with watching(project) as watch:
        before = watch.page(PAGE).text
        (project.folder / "catalog").mkdir()
        save(project.folder / "catalog" / "mine.yaml", "404:\n  headline: Out of nowhere\n")
        while "Out of nowhere" not in watch.page(PAGE).text:
            watch.says("default: ")
        (project.folder / "catalog" / "mine.yaml").unlink()
        while watch.page(PAGE).text != before:
            watch.says("default: ")


def test_broken_settings_are_told_and_mended(project: Project) -> None:
    settings = project.read("errgen.toml")
    with watching(project) as watch:
        save(project.folder / "errgen.toml", settings + "[site.a_b]\n")
        assert "errgen.toml:15: site.a_b: a site's name has only" in watch.says("error: ")
        save(project.folder / "errgen.toml", settings.replace('"Example"', '"Mended"'))
        watch.says("default: ")
        assert "Mended" in watch.page(PAGE).text


def test_tells_of_a_language_that_has_no_pages_yet(project: Project) -> None:
    project.write("catalog/languages/cs.yaml", "interface:\n  home: Domů\n")
    with watching(project) as watch:
        save(project.folder / "errgen.toml", project.read("errgen.toml").replace('["en"]', '["en", "cs"]'))
        assert watch.says("warning: ") == (
            "warning: errgen.toml:3: site.default.languages[1]: no pages are made in cs, and its visitors get them in "
            "en: catalog/languages/cs.yaml lacks 33 strings of the interface: document_title, problem_title, "
            "code_label, what_you_can_do, retry_in, retry_soon, status_page, contact, …"
        )
        assert watch.says("hint: ") == (
            "hint: translate the interface; what is missing is listed by: errgen translate cs"
        )


def test_takes_the_next_port_where_one_is_in_use(project: Project) -> None:
    with watching(project) as first:
        port = first.url.rpartition(":")[2]
        second = project.start("watch", "--port", port)
        assert second.stdout
        assert second.stdout.readline() == f"port {port} is in use; this is the next that is free\n"
        said = second.stdout.readline()
        second.send_signal(signal.SIGINT)
        second.communicate()
        taken = re.findall(r"http://127\.0\.0\.1:(\d+)/", said)
        assert taken, said
        assert int(port) < int(taken[0]) <= int(port) + 20
        assert second.returncode == 0


def test_starts_although_the_sources_do_not_build(project: Project) -> None:
    file = project.write("catalog/mine.yaml", "404:\n  headlin: x\n")
    watch = Watch(project)
    try:
        watch.says("error: catalog/mine.yaml:2: 404.headlin: ")
        save(file, "404:\n  headline: Better\n")
        watch.says("default: ")
        assert "Better" in watch.page(PAGE).text
    finally:
        watch.process.kill()
        with subprocess.Popen.__enter__(watch.process):
            pass


def test_opens_the_browser_and_ends_at_once_while_that_listens(project: Project) -> None:
    opened = project.folder / "opened"
    browser = project.write("browser", f'#!/bin/sh\necho "$1" >>"{opened}"\n')
    browser.chmod(0o755)
    project.environ["BROWSER"] = f"{browser} %s"
    with watching(project, "--open") as watch:
        save(project.folder / "errgen.toml", project.read("errgen.toml").replace('"Example"', '"Other"'))
        watch.says("default: wrote")
        assert opened.read_text() == f"{watch.url}/\n"  # once, when there was something to see
        listening = httpx.Client(base_url=watch.url, trust_env=False)
        with listening, listening.stream("GET", "/_/events?site=default&client=a") as answer:
            assert next(answer.iter_lines()) == "event: hello"
            watch.process.send_signal(signal.SIGINT)
            watch.says("stopped")
            assert watch.process.wait(SECONDS) == 0
    assert not [line for line in watch.heard if "Traceback" in line or "rror" in line]


def test_says_a_finding_once_as_long_as_it_stays(project: Project) -> None:
    settings = project.read("errgen.toml")
    with watching(project, "-C", ".") as watch:
        for name in ("One", "Two"):
            save(project.folder / "errgen.toml", settings.replace('"Example"', f'"{name}"\ntagline = "x"'))
            watch.says("default: wrote")
        save(project.folder / "errgen.toml", settings)
        watch.says("default: wrote")
    assert [line for line in watch.heard if line.startswith("warning: ")] == [
        "warning: errgen.toml:3: site.default.tagline: the theme plain does not show it"
    ]


LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h{}"/></svg>'


def test_files_that_the_settings_name(project: Project) -> None:
    """A logo in a folder of its own, and traffic, each missing, then there, then another."""
    settings = project.read("errgen.toml")
    with watching(project) as watch:
        asked = settings.replace("languages", 'theme = "brand"\nlogo = "brand/logo.svg"\nlanguages')
        save(project.folder / "errgen.toml", asked.replace('plan = "pro"', 'plan = "pro"\ntraffic = "traffic.csv"'))
        watch.says("error: ")
        project.write("traffic.csv", "404,9\n")
        (project.folder / "brand").mkdir()
        for size in (3, 5):
            save(project.folder / "brand" / "logo.svg", LOGO.format(size))
            while f"M0 0h{size}" not in watch.page(PAGE).text:
                watch.says("default: ")
        save(project.folder / "traffic.csv", "404,9\n522,1000000\n")
        watch.says("default: wrote")


def test_thousands_of_files_come_and_go_as_in_a_branch_switch(project: Project, tmp_path: Path) -> None:
    project.run("init", "--copy-theme", "plain")
    catalog = project.write("catalog/mine.yaml", "404:\n  headline: On one branch\n")
    with watching(project) as watch:
        branch = tmp_path / "branch"
        for number in range(2000):
            file = branch / f"theme{number % 50}" / f"{number}.css"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("p {}")
        shutil.copytree(project.folder / "templates" / "plain", branch / "plain")
        (project.folder / "templates").rename(tmp_path / "before")
        shutil.copytree(branch, project.folder / "templates")
        save(catalog, "404:\n  headline: On another\n")
        template = project.folder / "templates" / "plain" / "page.html.j2"
        save(template, template.read_text("utf-8").replace("</main>", "<!-- switched --></main>"))
        while "On another" not in (page := watch.page(PAGE).text) or "<!-- switched -->" not in page:
            watch.says("default: ")
        shutil.rmtree(project.folder / "templates")
        while "<!-- switched -->" in watch.page(PAGE).text:
            watch.says("default: ")


def test_a_folder_that_there_is_not(project: Project) -> None:
    outcome = project.run("watch", "--port", "0", "-C", "nowhere")
    assert outcome.code == 9
    assert outcome.err == "error: nowhere: cannot watch the sources: No such file or directory\nhint: check the path\n"


class Scripted:
    """A rebuilder that in its first round does something to the folders, and then saves until it is told of that."""

    def __init__(self, act: Callable[[], object], later: Path) -> None:
        self.act, self.later = act, later
        self.ends = time.monotonic() + SECONDS
        self.rounds: list[frozenset[str]] = []

    def turn(self, changed: frozenset[str], _: Callable[[], bool]) -> Round:
        if not self.rounds:
            self.act()
        elif not self.heard():
            self.later.write_text(f"404:\n  headline: Round {len(self.rounds)}\n", "utf-8")
        self.rounds.append(changed)
        return Round(changed, 0)

    def heard(self) -> bool:
        return any(str(self.later.resolve()) in changed for changed in self.rounds)

    def watch(self, project: Path, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(watch_module, "Rebuilder", lambda *_: self)
        watch_module.watch(
            project,
            port=0,
            started=lambda _: None,
            tell=lambda _: None,
            until=lambda: self.heard() or time.monotonic() > self.ends,
        )
        assert self.heard(), self.rounds


def swap(folder: Path) -> None:
    new = folder.with_name("new")
    new.mkdir()
    folder.rename(folder.with_name("old"))
    new.rename(folder)


def make_again(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


@pytest.mark.parametrize("numbered_alike", [False, True])
@pytest.mark.parametrize("act", [swap, make_again])
@pytest.mark.parametrize(("name", "later"), [("catalog", "later.yaml"), ("templates", "x"), ("brand", "logo.svg")])
def test_a_folder_that_is_another_while_a_build_goes_on(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    later: str,
    act: Callable[[Path], None],
    numbered_alike: bool,
) -> None:
    """As in a branch switch. A new folder may have the number of the one that has gone: that depends on the disk."""
    folder = tmp_path / name
    folder.mkdir()
    (tmp_path / "errgen.toml").write_text('[site.default]\nlogo = "brand/logo.svg"\n')
    if numbered_alike:
        monkeypatch.setattr(watch_module, "_number", lambda path: (1, 1) if path.is_dir() else None)
    Scripted(lambda: act(folder), folder / later).watch(tmp_path, monkeypatch)


@pytest.mark.parametrize("name", ["catalog", "templates", "brand"])
def test_knows_a_folder_from_one_in_its_place(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / "errgen.toml").write_text('[site.default]\nlogo = "brand/logo.svg"\n')
    before = watch_module._watched(tmp_path)
    assert watch_module._watched(tmp_path) == before
    swap(tmp_path / name)
    assert watch_module._watched(tmp_path) != before


def test_a_named_file_that_points_to_a_folder_there_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project, brand = tmp_path / "project", tmp_path / "brand"
    project.mkdir()
    (project / "errgen.toml").write_text('[site.default]\nlogo = "logo.svg"\n')
    (project / "logo.svg").symlink_to(brand / "logo.svg")
    Scripted(brand.mkdir, brand / "logo.svg").watch(project, monkeypatch)


@pytest.mark.parametrize("name", ["logo.svg", "errgen.toml"])
def test_a_link_that_is_pointed_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "errgen.toml").write_text('[site.default]\nlogo = "logo.svg"\n')
    link, one, other = project / name, tmp_path / "one", tmp_path / "other"
    if link.exists():
        link.rename(one)
        shutil.copy(one, other)
    link.symlink_to(one)

    def point_elsewhere() -> None:
        new = project / "new"
        new.symlink_to(other)
        new.replace(link)

    Scripted(point_elsewhere, other).watch(project, monkeypatch)


def test_a_named_file_that_points_to_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, logo = tmp_path / "errgen.toml", tmp_path / "logo.svg"
    settings.write_text('[site.default]\nlogo = "logo.svg"\n')
    logo.symlink_to("logo.svg")
    Scripted(lambda: settings.write_text("x = 1"), settings).watch(tmp_path, monkeypatch)


def test_leaves_the_interpreter_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = sys.getswitchinterval(), gc.get_freeze_count()
    settings = tmp_path / "errgen.toml"
    Scripted(lambda: settings.write_text("x = 1"), settings).watch(tmp_path, monkeypatch)
    assert (sys.getswitchinterval(), gc.get_freeze_count()) == before


def test_tries_again_after_a_pause_where_a_folder_has_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = watch_module.Watched((), (tmp_path / "errgen.toml",), (), frozenset())
    gone = watch_module.Watched((tmp_path / "catalog",), (), (), frozenset())
    found, paused = [there, gone, gone], list[float]()
    monkeypatch.setattr(watch_module, "_watched", lambda _: found.pop())
    monkeypatch.setattr(time, "sleep", paused.append)
    with watch_module._watching(tmp_path, poll=False) as (watched, _):
        assert watched == there
    assert paused == [watch_module.PAUSE_SECONDS] * 2

"""A project to run errgen in, as a user would."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from site_builder import cli

# The same examples in every run, however slow the machine: a failure is of the change that is tested. New examples are
# looked for with: pytest --hypothesis-profile=default
hypothesis.settings.register_profile(
    "repeatable", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("repeatable")

# Where a run is started in the background, as by nohup, Ctrl-C is ignored, and by the programs it starts too.
signal.signal(signal.SIGINT, signal.default_int_handler)

SETTINGS = """\
[site.default]
name = "Example"
languages = ["en"]
home = "https://example.com/"

[site.default.host]
kind = "directory"
path = "public"
public_url = "http://127.0.0.1:9/errors"

[[site.default.edge]]
kind = "cloudflare"
zone = "023e105f4ecef8ad9ca31a8372d0c353"
plan = "pro"
"""


@dataclass(frozen=True)
class Outcome:
    """What one run of the command said."""

    code: int
    out: str
    err: str


@dataclass
class Project:
    """A folder with an errgen.toml, and the command run in it."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def write(self, path: str, text: str) -> Path:
        """Write one file of the project."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        return file

    def read(self, path: str) -> str:
        """The text of one file of the project."""
        return (self.folder / path).read_text("utf-8")

    def files(self, path: str = ".") -> dict[str, bytes]:
        """Every file below ``path``, by its path there."""
        root = self.folder / path
        return {str(file.relative_to(root)): file.read_bytes() for file in sorted(root.rglob("*")) if file.is_file()}

    def settle(self) -> None:
        """Make the project's files old enough for the build cache to trust their times."""
        for file in self.folder.rglob("*"):
            if file.is_file() and "output" not in file.parts:
                os.utime(file, ns=(10**18 + 1, 10**18 + 1))

    def run(self, *arguments: str) -> Outcome:
        """Run the command in this process, as ``errgen ARGUMENTS`` in the project's folder."""
        out, err = io.StringIO(), io.StringIO()
        before, argv, environ = Path.cwd(), sys.argv, dict(os.environ)
        os.chdir(self.folder)
        sys.argv = ["errgen", *arguments]
        os.environ.update(self.environ)
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as ended:
                cli.main()
        finally:
            os.chdir(before)
            sys.argv = argv
            os.environ.clear()
            os.environ.update(environ)
        return Outcome(int(ended.value.code or 0), out.getvalue(), err.getvalue())

    def run_detached(self, *arguments: str) -> Outcome:
        """Run the command as a process of its own, with no terminal and no input."""
        process = self.start(*arguments)
        out, err = process.communicate()
        return Outcome(process.returncode, out, err)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the command as a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "site_builder", *arguments],
            cwd=self.folder,
            env={**os.environ, **self.environ, "PYTHONPATH": str(Path(cli.__file__).parent.parent.parent)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


Survived = Callable[[str, int], None]
SURVIVED = "survived: "


@pytest.fixture
def survived(record_property: Callable[[str, object], None]) -> Survived:
    """Count the faults that a command has survived: ``survived("publish", 18)``."""
    return lambda command, faults: record_property(f"{SURVIVED}{command}", faults)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many faults were survived. xdist's workers send what they have counted with their reports."""
    counted: Counter[str] = Counter()
    for report in chain.from_iterable(terminalreporter.stats.values()):
        if getattr(report, "when", "") == "call" and report.passed:
            for name, faults in report.user_properties:
                if name.startswith(SURVIVED):
                    counted[name.removeprefix(SURVIVED)] += faults
    if counted:
        each = ", ".join(f"{faults:,} of {command}" for command, faults in counted.most_common())
        terminalreporter.write_line(f"survived {counted.total():,} faults: {each}")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A small site, ready to build, with no credentials of the person who runs the tests."""
    folder = tmp_path / "project"
    folder.mkdir()
    one = Project(folder)
    one.write("errgen.toml", SETTINGS)
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("CLOUDFLARE_", "AWS_", "GITHUB_")) and name != "AWS_CA_BUNDLE":
                patch.delenv(name)
        yield one

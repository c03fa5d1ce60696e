"""How long the daily commands take, beside bare Python and ``cp -r`` in the same run: medians, differences, ratios.

Once for the default site, in English, and once for the same site in every language that ships. Between the two, how
long it takes to compile Cloudflare's rules for each plan and to prove them by simulation.

Every round runs each command once, so that what else the machine does touches all of them alike. A cold build gets a
new folder each time and nothing is deleted between the rounds: creating files soon after a mass deletion is many times
slower on some file systems, for every program.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from site_builder.app.build import outputs
from site_builder.edges import open_edge
from site_builder.edges.cloudflare.compile import compile_rules
from site_builder.edges.cloudflare.proof import prove as prove_rules

ROUNDS = 15
ROUNDS_IN_ALL_LANGUAGES = 5
REPOSITORY = Path(__file__).resolve().parent.parent
LANGUAGES = sorted(path.stem for path in (REPOSITORY / "catalog/languages").glob("*.yaml"))
AIMS = {"errgen --help": 60, "unchanged build": 120, "cold build": 600}
"""Milliseconds above bare Python, for the default site."""
PROOF_AIM = 1000
"""Milliseconds for compiling and proving the rules of one plan."""
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""Modules are compiled once, as pip does it for a user; an environment that forbids it would time Python's compiler."""
ERRGEN = [str(Path(sys.executable).parent / "errgen")]


def quietly(command: list[str], folder: Path) -> None:
    """Run a command in ``folder``; findings of a build are of no interest here."""
    subprocess.run(
        command, cwd=folder, check=True, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def timed(command: list[str], folder: Path) -> float:
    """Milliseconds that one run takes, process start included."""
    begin = time.perf_counter()
    quietly(command, folder)
    return (time.perf_counter() - begin) * 1000


def main() -> None:
    """Run all rounds and print a table for each site."""
    with tempfile.TemporaryDirectory(prefix="errgen-bench-", ignore_cleanup_errors=True) as name:
        root = Path(name)
        measure(root / "english", ["en"], ROUNDS, AIMS)
        print()
        prove(new_project(root / "proved", ["en"]))
        print()
        measure(root / "all", ["en", *(tag for tag in LANGUAGES if tag != "en")], ROUNDS_IN_ALL_LANGUAGES, {})


def measure(root: Path, languages: list[str], rounds: int, aims: dict[str, int]) -> None:
    """Time each command ``rounds`` times on the default site in ``languages``, and print the medians."""
    root.mkdir()
    settled = new_project(root / "settled", languages)
    quietly([*ERRGEN, "build"], settled)
    time.sleep(0.1)  # the inputs grow older than one tick of the file system's clock, as in daily work
    quietly([*ERRGEN, "build"], settled)
    measures: dict[str, Callable[[int], float]] = {
        "python -c pass": lambda _: timed([sys.executable, "-c", "pass"], root),
        "errgen --help": lambda _: timed([*ERRGEN, "--help"], root),
        "unchanged build": lambda _: timed([*ERRGEN, "build"], settled),
        "cold build": lambda turn: timed([*ERRGEN, "build"], new_project(root / f"cold{turn}", languages)),
        "cp -r of its tree": lambda turn: timed(["cp", "-r", str(settled / "output"), f"copy{turn}"], root),
    }
    times: dict[str, list[float]] = {label: [] for label in measures}
    for turn in range(rounds):
        for label, one in measures.items():
            times[label].append(one(turn))
    files = sum(1 for path in (settled / "output").rglob("*") if path.is_file())
    print(f"median of {rounds} rounds, default site in {len(languages)} language(s), {files} files")
    report({label: statistics.median(values) for label, values in times.items()}, aims)


def prove(project: Path) -> None:
    """Time compiling Cloudflare's rules for each plan, and proving them: the first run of each, as a user has it."""
    [output] = outputs(project)
    print("Cloudflare's rules for the default site, each in a process that has rendered it")
    print(f"{'':20}{'rules':>8}{'compile':>10}{'prove':>8}{'sum, ms':>10}{'aim':>7}")
    for plan in ("free", "pro", "business", "enterprise"):
        options = open_edge({"kind": "cloudflare", "zone": "bench", "plan": plan}, "bench").options
        begin = time.perf_counter()
        compiled = compile_rules(output.manifest, output.read, options)
        compile_ms = milliseconds_since(begin)
        prove_rules(output.manifest, output.read, options, compiled.rules, compiled.assets)
        both_ms = milliseconds_since(begin)
        rules = len(compiled.rules)
        print(f"{plan:20}{rules:8}{compile_ms:10.0f}{both_ms - compile_ms:8.0f}{both_ms:10.0f}{PROOF_AIM:7}")


def milliseconds_since(begin: float) -> float:
    """How long ago ``begin`` was, a value of time.perf_counter()."""
    return (time.perf_counter() - begin) * 1000


def new_project(folder: Path, languages: list[str]) -> Path:
    """A project that is this repository's errgen.toml in these languages, and nothing else."""
    folder.mkdir()
    settings = (REPOSITORY / "errgen.toml").read_text("utf-8")
    tags = ", ".join(f'"{tag}"' for tag in languages)
    (folder / "errgen.toml").write_text(re.sub(r"(?m)^languages = .*$", f"languages = [{tags}]", settings), "utf-8")
    return folder


def report(medians: dict[str, float], aims: dict[str, int]) -> None:
    """Print the medians with their distance from the two floors."""
    python, copy = medians["python -c pass"], medians["cp -r of its tree"]
    print(f"{'':20}{'ms':>8}{'above python':>14}{'aim':>6}{'× python':>10}{'× cp -r':>9}")
    for label, value in medians.items():
        aim = f"{aims[label]}" if label in aims else ""
        print(f"{label:20}{value:8.0f}{value - python:14.0f}{aim:>6}{value / python:10.1f}{value / copy:9.1f}")


if __name__ == "__main__":
    main()

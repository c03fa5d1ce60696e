"""How long the daily commands take, beside bare Python and ``cp -r`` in the same run: medians, differences, ratios.

Every round runs each command once, so that what else the machine does touches all of them alike. A cold build gets a
new folder each time and nothing is deleted between the rounds: creating files soon after a mass deletion is many times
slower on some file systems, for every program.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROUNDS = 15
REPOSITORY = Path(__file__).resolve().parent.parent
ERRGEN = [str(Path(sys.executable).parent / "errgen")]


def timed(command: list[str], folder: Path) -> float:
    """Milliseconds that one run takes, process start included."""
    begin = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - begin) * 1000


def main() -> None:
    """Run all rounds and print one table."""
    with tempfile.TemporaryDirectory(prefix="errgen-bench-", ignore_cleanup_errors=True) as name:
        root = Path(name)
        settled = new_project(root / "settled")
        subprocess.run([*ERRGEN, "build"], cwd=settled, check=True, stdout=subprocess.DEVNULL)
        time.sleep(0.1)  # the inputs grow older than one tick of the file system's clock, as in daily work
        subprocess.run([*ERRGEN, "build"], cwd=settled, check=True, stdout=subprocess.DEVNULL)
        measures: dict[str, Callable[[int], float]] = {
            "python -c pass": lambda _: timed([sys.executable, "-c", "pass"], root),
            "errgen --help": lambda _: timed([*ERRGEN, "--help"], root),
            "unchanged build": lambda _: timed([*ERRGEN, "build"], settled),
            "cold build": lambda turn: timed([*ERRGEN, "build"], new_project(root / f"cold{turn}")),
            "cp -r of its tree": lambda turn: timed(["cp", "-r", str(settled / "output"), f"copy{turn}"], root),
        }
        times: dict[str, list[float]] = {label: [] for label in measures}
        for turn in range(ROUNDS):
            for label, measure in measures.items():
                times[label].append(measure(turn))
        files = sum(1 for path in (settled / "output").rglob("*") if path.is_file())
    report({label: statistics.median(values) for label, values in times.items()}, files)


def new_project(folder: Path) -> Path:
    """A project that is this repository's errgen.toml and nothing else."""
    folder.mkdir()
    shutil.copy(REPOSITORY / "errgen.toml", folder)
    return folder


def report(medians: dict[str, float], files: int) -> None:
    """Print the medians with their distance from the two floors."""
    python, copy = medians["python -c pass"], medians["cp -r of its tree"]
    aims = {"errgen --help": 60, "unchanged build": 120, "cold build": 600}
    print(f"median of {ROUNDS} rounds, default site, {files} files")
    print(f"{'':20}{'ms':>8}{'above python':>14}{'aim':>6}{'× python':>10}{'× cp -r':>9}")
    for label, value in medians.items():
        aim = f"{aims[label]}" if label in aims else ""
        print(f"{label:20}{value:8.0f}{value - python:14.0f}{aim:>6}{value / python:10.1f}{value / copy:9.1f}")


if __name__ == "__main__":
    main()

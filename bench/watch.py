"""From save to browser: how long after a save the page that somebody looks at is the new one, with ``errgen watch``.

A save is an atomic rename, as editors do it. It has arrived when Chromium has painted the new page in the gallery,
where one page is open in large; on the wall, when all thumbnails in view are new. Beside it is the floor: how long the
system itself takes to tell a process of the rename (inotify).
"""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

SAVES = 20
SETTLE_SECONDS = 0.3
"""Between two saves, so that a browser has done what it does in the background; people take longer."""
REPOSITORY = Path(__file__).resolve().parent.parent
ERRGEN = [str(Path(sys.executable).parent / "errgen")]
AIMS = {"an entry": 150, "a template block": 150, "a stylesheet": 250, "a stylesheet, wall": 250}
"""Milliseconds; the stylesheet changes every page."""
MOVED_TO = 0x80  # IN_MOVED_TO of sys/inotify.h
LISTENS = """() => document.addEventListener("shown", () => {
  const { stage, wall, view } = window.gallery;
  const frames = view === "stage" ? [stage.frame] : [...wall.inView].map((key) => wall.tiles.get(key).frame);
  const isNew = (frame) => frame.current?.contentDocument?.documentElement.outerHTML.includes(window.mark);
  // In the frame after the one that has it, so that it is on the screen.
  if (frames.every(isNew)) requestAnimationFrame(() => window.arrived(performance.timeOrigin + performance.now()));
}, true)"""
WALL_IS_SHOWN = """() => {
  const { wall, view } = window.gallery;
  return view === "wall" && [...wall.inView].every((key) => wall.tiles.get(key).screen.dataset.shows);
}"""
AWAITS = """(mark) => {
  window.mark = mark;
  window.arrival = new Promise((resolve, reject) => {
    window.arrived = resolve;
    setTimeout(() => reject(new Error(`${mark} has not arrived after 30 s`)), 30000);
  });
}"""


def main() -> None:
    """Run all saves and print a table."""
    with tempfile.TemporaryDirectory(prefix="errgen-bench-", ignore_cleanup_errors=True) as name:
        project = new_project(Path(name) / "project")
        print(f"milliseconds from save to painted page, {SAVES} saves each, default site, one page open in large")
        print(f"{'':20}{'median':>8}{'95th':>8}{'aim':>6}")
        report("inotify alone", floor(Path(name) / "floor"))
        command = [*ERRGEN, "watch", "--port", "0"]
        with subprocess.Popen(
            command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as watch:
            try:
                measure(project, iter(watch.stdout or ()))
            finally:
                watch.terminate()


def new_project(folder: Path) -> Path:
    """This repository's errgen.toml, its theme as a copy to edit, and a catalog of one's own."""
    folder.mkdir()
    shutil.copy(REPOSITORY / "errgen.toml", folder)
    subprocess.run([*ERRGEN, "init", "--copy-theme", "plain"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (folder / "catalog").mkdir()
    (folder / "catalog" / "mine.yaml").write_text(entry("save-0"), "utf-8")
    return folder


def entry(mark: str) -> str:
    """A catalog that says ``mark`` on the page 404."""
    return f"404:\n  headline: This is {mark}\n"


def measure(project: Path, said: Iterator[str]) -> None:
    """Save each kind of source, see it arrive, and print what that took."""
    url = says(said, "the pages are at ")
    says(said, "default: ")
    template, stylesheet = project / "templates/plain/page.html.j2", project / "templates/plain/style.css"
    block, style = template.read_text("utf-8"), stylesheet.read_text("utf-8")

    def styled(mark: str) -> str:
        return f"{style}\n.{mark} {{ color: red }}\n"

    kinds: dict[str, tuple[Path, Callable[[str], str]]] = {
        "an entry": (project / "catalog/mine.yaml", entry),
        "a template block": (template, lambda mark: block.replace("</main>", f'<p class="{mark}">{mark}</p></main>')),
        "a stylesheet": (stylesheet, styled),
        "a stylesheet, wall": (stylesheet, styled),
    }
    program = shutil.which("chromium") or sys.exit("no chromium; install it with: sudo apt-get install -y chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(f"{url}default/#page=404")
        page.wait_for_selector("#stage [data-shows]")
        page.evaluate(LISTENS)
        for kind, (file, text) in kinds.items():
            if kind.endswith("wall"):
                page.keyboard.press("Escape")
                page.wait_for_function(WALL_IS_SHOWN)
            name = re.sub("[^a-z]", "-", kind)
            report(kind, [arrival(page, said, file, text, f"{name}-{turn}") for turn in range(SAVES)])
        browser.close()


def arrival(page: Page, said: Iterator[str], file: Path, text: Callable[[str], str], mark: str) -> float:
    """Milliseconds from the save of ``file`` to the page with ``mark`` on the screen."""
    page.evaluate(AWAITS, mark)
    begin = save(file, text(mark))
    seen = page.evaluate("() => window.arrival")
    says(said, "default: ")
    time.sleep(SETTLE_SECONDS)
    return float(seen) - begin * 1000


def save(file: Path, text: str) -> float:
    """Save as editors do; gives the moment before the rename, in seconds of the wall clock that browsers have too."""
    temporary = file.with_name(f"{file.name}~")
    temporary.write_text(text, "utf-8")
    begin = time.time()
    temporary.replace(file)
    return begin


def says(said: Iterator[str], start: str) -> str:
    """Wait for the line of ``errgen watch`` that begins so; gives the address in it, if any."""
    for line in said:
        if line.startswith(start):
            found = re.search(r"http://\S+", line)
            return found[0] if found else ""
    raise RuntimeError(f"errgen watch ended and did not say: {start}")


def floor(folder: Path) -> list[float]:
    """Milliseconds from a save to the event of it, asked of the system itself."""
    folder.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    events = libc.inotify_init1(0)
    libc.inotify_add_watch(events, os.fsencode(folder), MOVED_TO)
    times = []
    for turn in range(SAVES):
        arrived: list[float] = []
        reader = threading.Thread(target=wait_for_event, args=[events, arrived])
        reader.start()
        time.sleep(SETTLE_SECONDS / 10)  # so that it waits, as a watcher does
        begin = save(folder / "file", f"{turn}")
        reader.join()
        times.append((arrived[0] - begin) * 1000)
    os.close(events)
    return times


def wait_for_event(events: int, arrived: list[float]) -> None:
    """Note when the next event is there to be read."""
    os.read(events, 4096)
    arrived.append(time.time())


def report(kind: str, times: Sequence[float]) -> None:
    """Print one line of the table."""
    percentile = statistics.quantiles(times, n=20, method="inclusive")[-1]
    print(f"{kind:20}{statistics.median(times):8.1f}{percentile:8.1f}{AIMS.get(kind, ''):>6}", flush=True)


if __name__ == "__main__":
    main()

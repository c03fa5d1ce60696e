"""How long publishing takes where every request has 40 ms to go: ratios and medians of the same run, in turns.

Uploading 500 pages to a real S3 service (rclone's), beside the same with boto3 one by one and with s5cmd. Then
publishing the default site to an emulated Cloudflare, step by step, and again with nothing changed.
"""

from __future__ import annotations

import hashlib
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from bench.latency import distant
from site_builder import settings
from site_builder.app.build import outputs
from site_builder.app.emulate import ACCOUNT, API, facts_of
from site_builder.app.publish import prepare, publish
from site_builder.emulator import Emulator, Zone, create_app
from site_builder.emulator.state import Logged, Plan
from site_builder.hosts import Upload
from site_builder.preview.files import create_app as create_file_app
from site_builder.serving import running
from tests.s3_peers import Peer, rclone_server

PAGES = 500
PAGE_BYTES = 6_000
MILLISECONDS = 40
ROUNDS = 3
AIM = 15
"""Times as quick as one by one."""

Uploads = list[Upload]

STEPS = {
    "checking": "checking the rights",
    "uploaded": "storing pages in a folder",
    "proving": "proving pages",
    "registering": "registering assets",
    "trying": "trying the rules",
    "switching": "switching, reading back",
    "making": "making it current, pruning",
}
"""What publishing reports, by a word of it, as the table calls it."""


def main() -> None:
    """Print both tables."""
    with tempfile.TemporaryDirectory(prefix="errgen-bench-", ignore_cleanup_errors=True) as name:
        upload(Path(name))
        for plan in ("pro", "enterprise"):
            print()
            cloudflare(Path(name) / plan, plan)


def upload(root: Path) -> None:
    """Time each way of uploading ``ROUNDS`` times, each into a new bucket, and print the medians."""
    (root / "pages").mkdir()
    (root / "served").mkdir()
    pages = made_up()
    for page in pages:
        (root / "pages" / page.key.rpartition("/")[2]).write_bytes(page.content)
    with rclone_server(root / "served") as near, distant(urlsplit(near.endpoint).netloc, MILLISECONDS) as address:
        far = Peer("distant", f"http://{address}")
        ways: dict[str, Callable[[str], None]] = {
            "errgen": lambda bucket: far.host(bucket, prefix="errors").write_many(pages, lambda _: None),
            "s5cmd": lambda bucket: s5cmd(far, root / "pages", bucket),
            "boto3, one by one": lambda bucket: one_by_one(far, pages, bucket),
        }
        times: dict[str, list[float]] = {label: [] for label in ways}
        for _ in range(ROUNDS):
            for label, way in ways.items():
                bucket = near.bucket()
                begin = time.perf_counter()
                way(bucket)
                times[label].append(time.perf_counter() - begin)
                stored = len(near.keys(bucket))
                if stored != PAGES:
                    raise SystemExit(f"{label} stored {stored} of {PAGES} pages")
    medians = {label: statistics.median(values) for label, values in times.items()}
    print(f"uploading {PAGES} pages of {PAGE_BYTES:,} bytes, {MILLISECONDS} ms away, median of {ROUNDS} rounds")
    print(f"{'':20}{'seconds':>9}{'× one by one':>14}{'aim':>5}{'beside s5cmd':>14}")
    for label, seconds in medians.items():
        aim = f"{AIM}" if label == "errgen" else ""
        times_as_quick = medians["boto3, one by one"] / seconds
        print(f"{label:20}{seconds:9.2f}{times_as_quick:14.1f}{aim:>5}{seconds / medians['s5cmd']:14.2f}")


class Stopwatch:
    """Takes what is reported and adds up, for each of STEPS, the seconds until something else is."""

    def __init__(self, first: str) -> None:
        self.seconds = {first: 0.0}
        self.step = first
        self.since = time.perf_counter()

    def __call__(self, text: str) -> None:
        """Something begins."""
        now = time.perf_counter()
        self.seconds[self.step] += now - self.since
        self.since = now
        self.step = next((label for word, label in STEPS.items() if word in text), self.step)
        self.seconds.setdefault(self.step, 0.0)


def cloudflare(project: Path, plan: Plan) -> None:
    """Publish the default site to a new zone with this plan, and print where the time goes."""
    folder = project / "public"
    folder.mkdir(parents=True)
    zone = Zone("0" * 32, "example.com", ACCOUNT, plan)
    calls: list[Logged] = []
    state = Emulator([zone], log=calls.append)
    with (
        running(create_app(state, facts=facts_of(settings.shipped()))) as near_edge,
        running(create_file_app(lambda: {"errors": folder})) as near_host,
        distant(urlsplit(near_edge).netloc, MILLISECONDS) as edge,
        distant(urlsplit(near_host).netloc, MILLISECONDS) as host,
    ):
        table = f'kind = "directory"\npath = "public"\npublic_url = "http://{host}/errors"\n'
        edges = f'[[site.default.edge]]\nkind = "cloudflare"\nzone = "{zone.id}"\nplan = "{plan}"\n'
        site = '[site.default]\nname = "Example"\nlanguages = ["en"]\nhome = "https://example.com/"\n'
        (project / "errgen.toml").write_text(f"{site}[site.default.host]\n{table}{edges}", "utf-8")
        environ = {"CLOUDFLARE_API_TOKEN": state.token, "CLOUDFLARE_BASE_URL": f"http://{edge}{API}"}
        [_] = outputs(project)  # what rendering takes is told by the other program
        print(f"publishing the default site to a zone of plan {plan}, {MILLISECONDS} ms away")
        for title in ("all of it new", "nothing changed"):
            calls.clear()
            stopwatch = Stopwatch("building, reading")
            for one in prepare(project, environ=environ, report=stopwatch):
                publish(project, one, report=stopwatch)
            stopwatch("")
            counted = f"{len(calls)} calls of Cloudflare's API, {len(state.scopes['zone', zone.id].assets)} assets"
            print(f"{title}: {sum(stopwatch.seconds.values()):.2f} s, {counted}")
            for label, seconds in stopwatch.seconds.items():
                print(f"  {label:30}{seconds:8.2f}")


def made_up() -> Uploads:
    """Pages that differ from each other and do not compress to nothing; the same in every run."""
    source = random.Random(PAGES)  # noqa: S311  # nothing secret
    contents = ["".join(source.choices("abcdefghijklmnop <>/\n", k=PAGE_BYTES)).encode() for _ in range(PAGES)]
    return [
        Upload(
            f"errors/o/static-en-{number}-{hashlib.sha256(content).hexdigest()[:8]}.html",
            content,
            "text/html; charset=utf-8",
            "public, max-age=31536000, immutable",
        )
        for number, content in enumerate(contents)
    ]


def one_by_one(peer: Peer, pages: Uploads, bucket: str) -> None:
    """What a loop around boto3's put_object does."""
    for page in pages:
        peer.client.put_object(
            Bucket=bucket,
            Key=page.key,
            Body=page.content,
            ContentType=page.media_type,
            CacheControl=page.cache_control or "",
        )


def s5cmd(peer: Peer, folder: Path, bucket: str) -> None:
    """``s5cmd cp`` with what it does by itself: 256 workers."""
    program = str(Path(sys.executable).parent / "s5cmd")
    command = [program, "--endpoint-url", peer.endpoint, "cp", f"{folder}/", f"s3://{bucket}/errors/o/"]
    subprocess.run(
        command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **peer.environ, "AWS_REGION": "us-east-1"}
    )


if __name__ == "__main__":
    main()

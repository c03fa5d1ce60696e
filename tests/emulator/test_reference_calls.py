"""The curl calls of Cloudflare's pages on custom errors and structured errors, made by the real curl.

Nothing in them is replaced but the base URL, the zone, the token and the address of the page that becomes an asset.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.conftest import PRO, TOKEN, Cloud

Run = Callable[[str], str]
_PARTS = re.split(r"^=== (.*)\n", Path(__file__).with_name("reference_calls.txt").read_text(), flags=re.MULTILINE)
CALLS = dict(zip(_PARTS[1::2], _PARTS[2::2], strict=True))


@pytest.fixture
def run(cloud: Cloud) -> Run:
    """Runs one of the calls and gives what it printed."""
    for name in ("500_template", "500_new_template"):
        cloud.host.pages[f"/errors/{name}.html"] = (200, f"<title>{name}</title>".encode())

    def run(name: str) -> str:
        command = CALLS[name]
        for old, new in (
            ("https://api.cloudflare.com", cloud.url),
            ("https://example.com/errors", f"{cloud.host.url}/errors"),
            ("https://example.com", cloud.url),
            ("{zone_id}", PRO),
            ("<API_TOKEN>", TOKEN),
        ):
            command = command.replace(old, new)
        environment = {"PATH": os.environ["PATH"], "ZONE_ID": PRO, "CLOUDFLARE_API_TOKEN": TOKEN}
        done = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, check=True, timeout=300)
        return done.stdout.decode()

    return run


def result(printed: str) -> Any:
    answer = json.loads(printed)
    assert answer["success"] is True
    return answer["result"]


def test_every_call_is_made_by_some_test() -> None:
    here = Path(__file__).read_text()
    assert len(CALLS) == 15
    assert [name for name in CALLS if f'"{name}"' not in here] == []


def test_assets(cloud: Cloud, run: Run) -> None:
    created = result(run("create asset"))
    assert created == {
        "name": "500_error_template",
        "description": "Standard 5xx error template page",
        "url": f"{cloud.host.url}/errors/500_template.html",
        "last_updated": created["last_updated"],
        "size_bytes": 27,
    }
    listed = json.loads(run("list assets"))
    assert listed == {
        "result": [created],
        "success": True,
        "errors": [],
        "messages": [],
        "result_info": {"count": 1, "page": 1, "per_page": 20, "total_count": 1, "total_pages": 1},
    }
    updated = result(run("update asset"))
    assert (updated["url"], updated["size_bytes"]) == (f"{cloud.host.url}/errors/500_new_template.html", 31)
    assert result(run("get asset")) == updated
    assert run("delete asset") == ""
    assert json.loads(run("get asset"))["success"] is False


@pytest.mark.parametrize(
    ("call", "path", "status", "media_type", "body"),
    [
        ("rule: JSON for all 5xx", "/origin/599", 530, "application/json", '{"message": "A server error occurred."}'),
        ("rule: HTML for 500 as 503", "/origin/500", 503, "text/html", "temporarily unavailable"),
        ("rule: HTML for 1020", "/cdn-cgi/error/1020", 403, "text/html", "You do not have access"),
        ("rule: asset for 500", "/origin/500", 500, "text/html", "<title>500_template</title>"),
        ("2024 rule: JSON for all 1xxx", "/cdn-cgi/error/1015", 530, "application/json", '{"message": "A 1xxx error'),
        ("2024 rule: HTML for 1020", "/cdn-cgi/error/1020", 403, "text/html", "You do not have access"),
        ("2024 rule: HTML for 500 as 503", "/cdn-cgi/error/500", 503, "text/html", "temporarily unavailable"),
    ],
)
def test_rules(cloud: Cloud, run: Run, call: str, path: str, status: int, media_type: str, body: str) -> None:
    run("create asset")
    (rule,) = result(run(call))["rules"]
    assert rule["ref"] == rule["id"]
    made = cloud.visit(path)
    assert (made.status_code, made.headers["content-type"]) == (status, media_type)
    assert made.headers["errgen-served-by"] == f"zone rule {rule['ref']}"
    assert body in made.text
    assert cloud.visit("/origin/404").headers["errgen-served-by"] == "origin"


def test_structured_answers(run: Run) -> None:
    body = json.loads(run("structured JSON"))
    assert list(body) == [
        "type", "title", "status", "detail", "instance", "error_code", "error_name", "error_category", "ray_id",
        "timestamp", "zone", "cloudflare_error", "retryable", "retry_after", "owner_action_required",
        "what_you_should_do", "footer",
    ]  # fmt: skip
    assert (body["title"], body["retry_after"], body["zone"]) == ("Error 522: Title 522", 120, "127.0.0.1")
    assert "\n# Error 522: Title 522\n\n## What Happened\n\nDetail 522.\n" in run("structured Markdown")
    assert run("Retry-After").strip() == "retry-after: 120"

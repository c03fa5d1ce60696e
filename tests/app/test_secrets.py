"""A canary in every secret is never shown: not by a command, a failure, a log or a bug, and not in what is stored."""

from __future__ import annotations

import io
import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest
from starlette.responses import JSONResponse, Response

from site_builder.edges.cloudflare.calls import Calls
from site_builder.emulator import Incoming
from tests.app.conftest import ZONE, Cloud
from tests.conftest import Outcome, Project

SECRETS = (
    "CLOUDFLARE_API_TOKEN",
    "CLOUDFLARE_API_KEY",
    "NETLIFY_AUTH_TOKEN",
    "RSYNC_PASSWORD",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
)
PASSWORD = "canary-of-a-password-in-an-address"
CANARIES = {name: f"canary-of-{name.lower().replace('_', '-')}" for name in SECRETS} | {"a password": PASSWORD}


@pytest.fixture
def secretive(project: Project, cloud: Cloud) -> Project:
    """The project with every secret in its environment; Cloudflare takes that of its token."""
    cloud.state.token = CANARIES["CLOUDFLARE_API_TOKEN"]
    project.environ |= {name: CANARIES[name] for name in SECRETS} | {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
        "HTTP_PROXY": f"http://ada:{PASSWORD}@127.0.0.1:9",
        "HTTPS_PROXY": f"http://ada:{PASSWORD}@127.0.0.1:9",
        "NO_PROXY": "127.0.0.1",
        "CLOUDFLARE_LOG": "debug",
    }
    return project


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """Everything that any library logs, at any level."""
    text = io.StringIO()
    handler, root = logging.StreamHandler(text), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield text
    finally:
        root.setLevel(before)
        root.removeHandler(handler)


def shown(text: str) -> list[str]:
    return [name for name, canary in CANARIES.items() if canary in text]


def run(project: Project, *arguments: str) -> Outcome:
    """Run a command; what it says and what is logged has no secret in it."""
    with logged() as log:
        outcome = project.run(*arguments)
    assert shown(outcome.out + outcome.err + log.getvalue()) == [], arguments
    return outcome


def check_files(project: Project) -> None:
    """No file of the project, its records and its host has a secret in it."""
    for path, content in project.files().items():
        assert shown(content.decode("utf-8", "replace")) == [], path


def test_no_command_shows_a_secret(secretive: Project, cloud: Cloud) -> None:
    project = secretive
    for command in ("check", "explain 404", "policy", "plan --out plan.json", "publish --plan plan.json"):
        assert run(project, *command.split()).code == 0, command
    project.write("catalog/mine.yaml", "404:\n  headline: New words\n")
    settings = project.read("errgen.toml")
    project.write("errgen.toml", f'{settings}verify_url = "{cloud.url}/"\n')
    for command in (
        "plan --format json",
        "publish --yes --json",
        "verify",
        "publish --disable --yes",
        "publish --enable --yes",
        "rollback --yes",
        "rollback --to none --yes",
    ):
        assert run(project, *command.split()).code == 0, command
    backup = max((project.folder / ".errgen/backups").iterdir())
    assert run(project, "restore", str(backup), "--yes").code == 0
    assert (project.folder / ".errgen/audit.jsonl").stat().st_size
    assert cloud.asked
    check_files(project)


def test_no_log_of_the_sdk_shows_a_secret(secretive: Project) -> None:
    outcome = secretive.run_detached("plan")
    assert outcome.code == 0
    assert "cloudflare" in outcome.err  # its log, which was asked for
    assert shown(outcome.out + outcome.err) == []


def body(status: int) -> dict[str, object]:
    """An error that repeats the token that it was sent."""
    error = {"code": status, "message": f"failed with {CANARIES['CLOUDFLARE_API_TOKEN']}"}
    return {"success": False, "errors": [error], "result": None}


ANSWERS: list[Callable[[], Response]] = [
    lambda: JSONResponse(body(403), 403),
    lambda: JSONResponse(body(500), 500, {"Retry-After": "0"}),
    lambda: JSONResponse(body(200)),
    lambda: Response(f"<h1>{CANARIES['CLOUDFLARE_API_TOKEN']}</h1>", 502, {"Retry-After": "0"}),
    lambda: Response(CANARIES["CLOUDFLARE_API_TOKEN"]),
]


@pytest.mark.parametrize("answer", ANSWERS, ids=["refused", "failed", "no success", "a page", "no JSON"])
def test_no_failure_shows_a_secret(secretive: Project, cloud: Cloud, answer: Callable[[], Response]) -> None:
    cloud.state.faults = lambda incoming: answer() if incoming.path.startswith("/client/") else None
    for command in (
        ("plan",),
        ("publish", "--yes"),
        ("publish", "--disable", "--yes"),
        ("rollback", "--to", "none", "--yes"),
    ):
        assert run(secretive, *command).code == 6, command
    check_files(secretive)


def test_no_failure_of_a_write_shows_a_secret(secretive: Project, cloud: Cloud) -> None:
    def refuse(incoming: Incoming) -> Response | None:
        return JSONResponse(body(400), 400) if incoming.method == "POST" else None

    cloud.state.faults = refuse
    assert run(secretive, "publish", "--yes").code == 6
    check_files(secretive)


def test_no_bug_shows_a_secret(secretive: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Raised in the depth of the client, with whatever was at hand in its message."""
    message = " ".join([secretive.environ["HTTPS_PROXY"], *(CANARIES[name] for name in SECRETS)])

    def once(*_: object) -> NoReturn:
        raise LookupError(message)

    monkeypatch.setattr(Calls, "once", once)
    outcome = run(secretive, "plan")
    assert outcome.code == 1
    shown_instead = " ".join(["http://<credentials>@127.0.0.1:9", *(f"<{name}>" for name in SECRETS)])
    assert f"LookupError: {shown_instead}\nerror: this is a bug in errgen" in outcome.err


@pytest.mark.parametrize("name", ["CLOUDFLARE_BASE_URL", "AWS_ENDPOINT_URL_S3"])
def test_no_address_with_a_password_is_shown(secretive: Project, name: str) -> None:
    host(secretive, "s3" if name.startswith("AWS_") else "directory")
    secretive.environ[name] = f"http://ada:{PASSWORD}@127.0.0.1:1"
    assert run(secretive, "plan").code in (2, 6)


def host(project: Project, kind: str) -> None:
    table = {
        "directory": {"kind": "directory", "path": "public", "public_url": "https://errors.example.com"},
        "s3": {"kind": "s3", "bucket": "b-1", "region": "us-east-1", "public_url": "https://errors.example.com"},
        "rsync": {"kind": "rsync", "target": "rsync://ada@127.0.0.1:1/pages"},
    }[kind]
    lines = "\n".join(f"{key} = {json.dumps(value)}" for key, value in table.items())
    edge = (
        '[[site.default.edge]]\nkind = "nginx"\n'
        if kind != "directory"
        else (f'[[site.default.edge]]\nkind = "cloudflare"\nzone = "{ZONE}"\n')
    )
    head = '[site.default]\nname = "Example"\nhome = "https://example.com/"\n'
    project.write("errgen.toml", f"{head}\n[site.default.host]\n{lines}\n\n{edge}")


def test_no_proxy_that_does_not_answer_is_shown_with_its_password(secretive: Project) -> None:
    host(secretive, "s3")
    outcome = run(secretive, "plan")
    assert outcome.code == 6
    assert "proxy" in outcome.err


def test_no_server_that_cannot_be_reached_shows_a_password(secretive: Project) -> None:
    host(secretive, "rsync")
    assert run(secretive, "plan").code == 6


def test_the_canaries_are_there(secretive: Project) -> None:
    """Or nothing of the above would prove anything."""
    assert set(SECRETS) <= secretive.environ.keys()
    assert not set(SECRETS) & os.environ.keys()

from __future__ import annotations

import re
import signal
import socket

import httpx

from site_builder.certificates import trusted
from tests.conftest import Outcome, Project


def test_serves_both_sides_until_ctrl_c(project: Project) -> None:
    process = project.start("emulate", "--port", "0", "--zone", "z1", "--plan", "business")
    assert process.stdout
    said = ""
    while "Ctrl-C ends it" not in said:
        said += process.stdout.readline()
    url = re.findall(r"http://127\.0\.0\.1:\d+", said)[0]
    token = re.findall(r"CLOUDFLARE_API_TOKEN=(\S+)", said)[0]
    assert f"CLOUDFLARE_BASE_URL={url}/client/v4" in said
    with httpx.Client(base_url=url, trust_env=False, verify=trusted()) as client:
        zone = client.get("/client/v4/zones/z1", headers={"Authorization": f"Bearer {token}"}).json()
        assert zone["result"]["plan"]["legacy_id"] == "business"
        failed = client.get("/cdn-cgi/error/1015", headers={"Accept": "application/json"})
        assert (failed.status_code, failed.json()["error_name"]) == (429, "rate_limited")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert (process.returncode, out, err) == (0, "stopped\n", "")


def test_a_port_in_use(project: Project) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert project.run("emulate", "--port", str(port)) == Outcome(
            2,
            "",
            f"error: port {port} on 127.0.0.1 is in use\nhint: choose another with --port, or --port 0 for any\n",
        )


def test_a_port_that_there_is_not(project: Project) -> None:
    for command in ("emulate", "watch"):
        outcome = project.run(command, "--port", "99999")
        assert outcome.code == 2
        assert "99999 is not in the range 0<=x<=65535" in outcome.err

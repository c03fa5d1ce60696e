from __future__ import annotations

import copy
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any

import httpx
import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from site_builder.app import publish as publishing
from site_builder.app import verify as use_case
from site_builder.app.publish import prepare, publish
from site_builder.certificates import trusted
from site_builder.edges._clients import BROWSER, CLIENTS
from site_builder.emulator import Incoming
from site_builder.emulator.state import HEADER_TRANSFORMS
from site_builder.model import Codes
from site_builder.publishing import live_probes
from site_builder.rendering.csp import csp_of
from site_builder.serving import running
from tests.app.conftest import CANARY, ZONE, Cloud, emulated_cloud
from tests.cloudfront_double import ENVIRON, ID
from tests.conftest import SETTINGS, Outcome, Project
from tests.edges.servers import ground
from tests.edges.test_nginx import start

TARGET = f"cloudflare zone {ZONE}"
ENTRY_POINT = f"/client/v4/zones/{ZONE}/rulesets/phases/http_custom_errors/entrypoint"
PROBES = """\
probes = { "/origin/404" = 404, "/origin/503" = 503, "/origin/410" = 410 }

[[site.default.scope]]
paths = ["/origin/410"]
format = "json"
"""
ASKED = 566
FEW: Codes = ((500, 500), (522, 522), (1015, 1015))
ASKED_OF_FEW = 80
"""How many questions there are of all codes, and of a few, which most tests can do with."""
AGENT = CLIENTS["agent that also takes HTML"][0]
BROWSERS = ("browser", "client that takes anything", "client that does not say")


def put_rules(cloud: Cloud, rules: list[dict[str, Any]]) -> None:
    """Write the zone's rules as somebody would by hand."""
    kept = [{k: v for k, v in rule.items() if k not in ("version", "last_updated")} for rule in rules]
    done = httpx.put(
        cloud.url + ENTRY_POINT,
        json={"rules": kept},
        headers={"Authorization": f"Bearer {CANARY}"},
        trust_env=False,
        verify=trusted(),
    )
    assert done.status_code == 200, done.text


class Published:
    """One site, published once to an emulated zone whose addresses are known, and put back after each test."""

    def __init__(self, project: Project, cloud: Cloud) -> None:
        self.project = project
        self.cloud = cloud
        settings = project.read("errgen.toml")
        project.write("errgen.toml", settings + f'verify_url = "{cloud.url}"\nretry_after = true\n' + PROBES)
        environ = {"CLOUDFLARE_API_TOKEN": CANARY, "CLOUDFLARE_BASE_URL": f"{cloud.url}/client/v4"}
        with closing(prepare(project.folder, environ=environ)) as prepared:
            site = next(prepared)
            publish(project.folder, site, verify=lambda _: [])
        self.built = site.output
        self.edge_alone = replace(self.built, settings=replace(self.built.settings, host=None))
        self._stored = copy.deepcopy(cloud.state.scopes)
        self._headers = cloud.state.origin_headers
        self.pages = len(self.built.manifest.files)
        self.pages_url = settings.partition('public_url = "')[2].partition('"')[0]

    def put_back(self) -> None:
        """What is live, and how the website answers, as they were after publishing."""
        self.cloud.state.scopes = copy.deepcopy(self._stored)
        self.cloud.state.origin_headers = self._headers
        self.cloud.state.faults = None

    def of_edge(self, asked: int, result: str = "all as published") -> str:
        """What verify prints of the edge on standard output."""
        return f"default: {TARGET} at {self.cloud.url}: {asked} answers, {result}\n"

    def of_host(self, result: str = "all as published") -> str:
        """And of the host."""
        return f"default: directory public at {self.pages_url}: {self.pages} answers, {result}\n"


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("CLOUDFLARE_"):
                patch.delenv(name)
        project = Project(tmp_path_factory.mktemp("published"))
        project.write("errgen.toml", SETTINGS.replace('["en"]', '["en", "de"]') + 'languages = ["de"]\n')
        with emulated_cloud(project) as cloud:
            yield Published(project, cloud)


@pytest.fixture
def published(once: Published, monkeypatch: pytest.MonkeyPatch) -> Iterator[Published]:
    """Of the build that all tests share, which is asked for a few codes, and of the edge alone."""
    monkeypatch.setattr(use_case, "outputs", lambda *_: [once.edge_alone])
    monkeypatch.setattr(live_probes, "SHOWN", FEW)
    yield once
    once.put_back()


@pytest.fixture
def with_pages(published: Published, monkeypatch: pytest.MonkeyPatch) -> Published:
    """And of the pages at its host."""
    monkeypatch.setattr(use_case, "outputs", lambda *_: [published.built])
    return published


def test_all_as_published_and_nothing_written(published: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    before, asked = published.project.files(), len(published.cloud.asked)
    published.project.environ["CLOUDFLARE_API_TOKEN"] = ""  # asking needs none
    assert published.project.run("verify") == Outcome(0, published.of_edge(ASKED) + published.of_host(), "")
    published.project.environ["CLOUDFLARE_API_TOKEN"] = CANARY
    assert published.project.files() == before
    assert len(published.cloud.asked) == asked


def test_everything_that_somebody_changed_is_found(with_pages: Published) -> None:
    """A rule taken out, another page put in its place at the host, and a zone that challenges one question."""
    published, cloud, project = with_pages, with_pages.cloud, with_pages.project
    put_rules(cloud, [rule for rule in cloud.rules if rule["ref"] != "errgen_default_json_404"])
    (page,) = (project.folder / "public" / "releases").glob("*/pages/cloudflare/en/404.html")
    content = page.read_bytes()

    def challenge(request: Incoming) -> Response | None:
        asked = request.path == "/cdn-cgi/error/522" and "Mozilla" in request.header("user-agent")
        asked &= not request.header("accept-language")
        return Response("<h1>Just a moment", 403, {"cf-mitigated": "challenge"}, "text/html") if asked else None

    cloud.state.faults = challenge
    page.write_bytes(b"changed")
    outcome = project.run("verify")
    page.write_bytes(content)
    assert (outcome.code, outcome.out) == (
        8,
        published.of_edge(ASKED_OF_FEW, "3 not as published") + published.of_host("1 not as published"),
    )
    where, at = f"{TARGET}: 404 of the origin for", "at 127.0.0.1"
    lost = "pages/cloudflare/en/4xx.json was served, expected pages/cloudflare/en/404.json"
    hints = [
        "let it pass: a WAF rule with the action Skip for the address that errgen asks from",
        "the rule for it is lost, or another stands before it; errgen plan shows what is not as published, and errgen "
        "publish puts it right",
        "check that public_url leads to this very host, and that nothing (a cache, a minifier, somebody else's page) "
        "changes what it serves",
    ]
    url = f"{published.pages_url}/releases/{page.parts[-5]}/pages/cloudflare/en/404.html"
    said = [
        f"{TARGET}: 522 of the edge for browser (Accept: {BROWSER}; {at}/cdn-cgi/error/522): Cloudflare met the "
        "question with a challenge (cf-mitigated) instead of an answer",
        f"{where} API client (Accept: application/json; {at}/origin/404): {lost}",
        f"{where} API client that knows RFC 9457 (Accept: application/problem+json; {at}/origin/404): {lost}",
        f"GET {url}: answered other bytes than were uploaded: 7 bytes with SHA-256 "
        f"{hashlib.sha256(b'changed').hexdigest()[:12]}, expected {hashlib.sha256(content).hexdigest()[:12]}",
    ]
    assert outcome.err.splitlines() == [
        f"error: {said[0]}",
        f"hint: {hints[0]}",
        f"error: {said[1]}",
        f"error: {said[2]}",
        f"hint: {hints[1]}",
        f"error: {said[3]}",
        f"hint: {hints[2]}",
        "error: 4 live answers are not as published",
        "hint: where this build has not been published yet, publish it first; errgen plan says so",
    ]


def test_lost_rules_for_a_language_and_for_retry_after(published: Published) -> None:
    cloud = published.cloud
    put_rules(cloud, [rule for rule in cloud.rules if not str(rule["ref"]).startswith("errgen_default_de_")])
    header_rules = cloud.state.scopes["zone", ZONE].entry_point(HEADER_TRANSFORMS)
    assert header_rules
    header_rules.live["rules"] = []
    (edge,) = use_case.verify(published.project.folder)
    found = [(one.where.removeprefix(f"{TARGET}: "), one.fact) for one in edge.problems]
    assert [one for one in found if " for browser " in one[0]] == [
        (f"{where} for browser (Accept: {BROWSER}; {asked})", fact)
        for where, asked, fact in [
            ("503 of the origin", "at 127.0.0.1/origin/503", "Retry-After (none), expected 60"),
            (
                "500 of the edge",
                "Accept-Language: de; at 127.0.0.1/cdn-cgi/error/500",
                "pages/cloudflare/en/500.html was served, expected pages/cloudflare/de/500.html",
            ),
            (
                "404 of the origin",
                "Accept-Language: de; at 127.0.0.1/origin/404",
                "pages/cloudflare/en/404.html was served, expected pages/cloudflare/de/404.html",
            ),
            (
                "410 of the origin",
                "Accept-Language: de; at 127.0.0.1/origin/410",
                "pages/cloudflare/en/4xx.json was served, expected pages/cloudflare/de/4xx.json",
            ),
            (
                "503 of the origin",
                "Accept-Language: de; at 127.0.0.1/origin/503",
                "pages/cloudflare/en/503.html was served, expected pages/cloudflare/de/503.html",
            ),
        ]
    ]
    assert (
        "404 of the origin for agent (Accept: text/markdown; Accept-Language: de; at 127.0.0.1/origin/404)",
        "the text is not that of pages/cloudflare/de/4xx.md",
    ) in found


def test_headers_of_the_website_that_spoil_its_pages(published: Published) -> None:
    published.cloud.state.origin_headers = (
        ("content-type", "text/html"),
        ("content-security-policy", "default-src 'self'"),
        ("cache-control", "public, max-age=600"),
        ("retry-after", "7"),
        ("location", "/login"),
    )
    outcome = published.project.run("verify")
    assert (outcome.code, outcome.out) == (0, published.of_edge(ASKED_OF_FEW))
    pages = published.project.files("output/default/pages/cloudflare/en")
    hashes = sorted({f"'{csp_of(pages[name])['style-src'][0]}'" for name in ("404.html", "503.html")})
    assert outcome.err.splitlines() == [
        f"warning: {TARGET}: the Content-Security-Policy blocks the page's style (default-src 'self') (with 404 503)",
        f"hint: let the website's errors go without that policy, or allow the page in style-src: {' '.join(hashes)}",
        f"warning: {TARGET}: Location: /login sends programs that follow it away from the page (with 404 410 503)",
        "hint: let the website leave it out of its errors",
        f"warning: {TARGET}: Cache-Control: public, max-age=600 lets caches keep the failure when it is over "
        "(with 503)",
        "hint: let the website send its errors with Cache-Control: no-store",
        f"warning: {TARGET}: Retry-After: 7 is sent with a page that says 60 seconds (with 503)",
        "hint: programs obey the header: let the two say the same",
    ]


def test_publishing_tells_what_spoils_pages_and_expects_planned_work(
    published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    published.cloud.state.origin_headers = (("content-type", "text/html"), ("cache-control", "max-age=600"))
    monkeypatch.setattr(publishing, "outputs", lambda *_: [published.built])
    outcome = published.project.run("publish", "--yes", "--maintenance")
    assert (outcome.code, outcome.err) == (
        0,
        f"warning: {TARGET}: Cache-Control: max-age=600 lets caches keep the failure when it is over (with 503)\n"
        "hint: let the website send its errors with Cache-Control: no-store\n",
    )
    assert published.project.run("verify", "--maintenance").code == 0


SINCE = r"since 2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\dZ by ada"
ALL_OFF = f"error: nothing is served by errgen's rules at {TARGET}; nothing else differs"
ENABLE = "hint: switch them on again with: errgen publish --enable"


@pytest.fixture
def switched_off(published: Published) -> Iterator[Published]:
    """With all rules switched off in an emergency, and what errgen has noted of that."""
    project = published.project
    audit = project.read(".errgen/audit.jsonl")
    project.environ["GITHUB_ACTOR"] = "ada"
    assert project.run("publish", "--disable", "--yes").code == 0
    yield published
    del project.environ["GITHUB_ACTOR"]
    project.environ["CLOUDFLARE_API_TOKEN"] = CANARY
    project.write(".errgen/audit.jsonl", audit)


def test_rules_that_are_switched_off_are_told_from_rules_that_are_lost(switched_off: Published) -> None:
    project, cloud = switched_off.project, switched_off.cloud
    none = switched_off.of_edge(ASKED_OF_FEW, "none of them errgen's")
    cloud.asked.clear()
    known = project.run("verify")
    assert [(one.method, one.path) for one in cloud.asked] == [("GET", ENTRY_POINT)]
    assert (known.code, known.out) == (11, none)
    first, *rest = known.err.splitlines()
    assert re.fullmatch(f"error: {TARGET}: errgen's rules are switched off {SINCE}", first)
    assert rest == [ENABLE, ALL_OFF]
    (edge,) = json.loads(project.run("verify", "--json").out)
    assert (edge["result"], edge["problems"]) == ("switched off", [])

    project.environ["CLOUDFLARE_API_TOKEN"] = ""
    noted = project.run("verify")
    assert (noted.code, noted.out) == (11, none)
    assert re.fullmatch(
        f"error: {TARGET}: errgen's rules are switched off {SINCE}, says .errgen/audit.jsonl", noted.err.splitlines()[0]
    )

    project.write(".errgen/audit.jsonl", "{cut off")
    unknown = project.run("verify")
    assert (unknown.code, unknown.out) == (8, none)
    assert unknown.err.splitlines() == [
        f"error: {TARGET}: none of the {ASKED_OF_FEW} answers is errgen's; the first: 500 of the edge for browser "
        f"(Accept: {BROWSER}; at 127.0.0.1/cdn-cgi/error/500): {unknown.err.splitlines()[0].rpartition('500): ')[2]}",
        "hint: nothing has been published there yet (errgen publish), errgen's rules are switched off (errgen publish "
        "--enable), or the address is not behind it; errgen verify says which where it may read the rules: "
        "Cloudflare: CLOUDFLARE_API_TOKEN is not set",
        f"error: there is nothing of errgen's at {TARGET}",
        "hint: where this build has not been published yet, publish it first; errgen plan says so",
    ]

    project.environ["CLOUDFLARE_API_TOKEN"] = CANARY
    elsewhere = project.run("verify")
    assert elsewhere.code == 11
    assert re.match(
        rf"error: {TARGET}: errgen's rules are switched off; they were last written at \S+\n{ENABLE}\n", elsewhere.err
    )
    put_rules(cloud, [])
    gone = project.run("verify")
    assert (gone.code, gone.out) == (8, none)
    assert gone.err.splitlines()[:2] == [
        f"error: {TARGET}: there is no rule of errgen's for the site default",
        "hint: errgen plan says what is missing there, and errgen publish brings it",
    ]


def test_what_errgen_has_noted_counts_until_it_notes_the_contrary(switched_off: Published) -> None:
    project = switched_off.project
    project.environ["CLOUDFLARE_API_TOKEN"] = ""
    off = project.read(".errgen/audit.jsonl")
    last = json.loads(off.splitlines()[-1])
    assert last["command"].startswith("publish --disable")
    for command, release, code in (
        ("publish --enable --site default", "none", 8),
        ("restore x.json", "none", 8),
        ("rollback --site default --to none", "none", 8),
        (None, "1a2b", 11),
    ):
        line = {**last, "action": "switch", "command": command or "", "release": release}
        project.write(".errgen/audit.jsonl", f"{off}{json.dumps(line)}\n")
        assert project.run("verify").code == code, command


def test_rules_that_are_on_and_answers_of_others(published: Published) -> None:
    """A page of somebody else before everything: each answer is told, since nothing explains it."""
    published.cloud.state.faults = lambda request: (
        None if request.path.startswith("/client/v4") else Response("<h1>Back soon", 200, {}, "text/html")
    )
    outcome = published.project.run("verify")
    assert (outcome.code, outcome.out) == (8, published.of_edge(ASKED_OF_FEW, f"{ASKED_OF_FEW} not as published"))


def test_pages_that_were_never_published_and_some_that_are_gone(with_pages: Published) -> None:
    published, project = with_pages, with_pages.project
    releases, away = project.folder / "public/releases", project.folder / "public/away"
    releases.rename(away)
    nothing = project.run("verify")
    away.rename(releases)
    assert nothing.out.endswith(published.of_host("none of them errgen's"))
    none = f"none of the {published.pages} pages of this build can be fetched (answered 404)"
    assert nothing.err.splitlines()[:2] == [
        f"error: {published.pages_url}: {none}",
        f"hint: {use_case.NOTHING_THERE}",
    ]
    (page,) = releases.glob("*/pages/cloudflare/en/404.html")
    content = page.read_bytes()
    page.unlink()
    some = project.run("verify")
    page.write_bytes(content)
    assert some.out.endswith(published.of_host("1 not as published"))
    assert some.err.splitlines()[0].endswith("/pages/cloudflare/en/404.html: answered 404")
    assert some.err.splitlines()[1] == f"hint: {use_case.NOT_THERE}"


def test_what_cannot_be_asked(once: Published) -> None:
    project, settings = once.project, once.project.read("errgen.toml")
    nowhere = "http://127.0.0.1:9"
    project.write("errgen.toml", settings.replace(once.pages_url, nowhere).replace(once.cloud.url, nowhere))
    slept: list[float] = []
    edge, host = use_case.verify(project.folder, sleep=slept.append)
    project.write("errgen.toml", settings)
    refused = "[Errno 111] Connection refused"
    assert (edge.target, str(edge.unasked)) == (
        TARGET,
        f"GET {nowhere}/cdn-cgi/error/500: cannot be asked: {refused}",
    )
    assert host.target == f"directory {project.folder / 'public'}"
    assert re.fullmatch(rf"GET {nowhere}/releases/.*\.html: cannot be reached: {re.escape(refused)}", str(host.unasked))
    assert slept


def test_an_edge_that_nobody_answers_at(project: Project) -> None:
    head = project.read("errgen.toml").partition("[site.default.host]")[0]
    edge = '[[site.default.edge]]\nkind = "caddy"\nverify_url = "http://127.0.0.1:9"\nprobes = { "/x" = 404 }\n'
    project.write("errgen.toml", head + edge)
    assert project.run("verify") == Outcome(
        6,
        "default: caddy at http://127.0.0.1:9: cannot be asked\n",
        "error: GET http://127.0.0.1:9/x: cannot be asked: [Errno 111] Connection refused\n"
        "hint: check the address and the network\n"
        "error: not everything could be asked: caddy\n",
    )


def test_an_edge_that_names_no_path_that_fails(project: Project) -> None:
    head = project.read("errgen.toml").partition("[site.default.host]")[0]
    project.write("errgen.toml", f'{head}[[site.default.edge]]\nkind = "caddy"\nverify_url = "http://127.0.0.1:9"\n')
    assert project.run("verify") == Outcome(
        0,
        "default: caddy at http://127.0.0.1:9: nothing to ask\n",
        "warning: caddy: nothing can be asked there, because its failures are made by the website and no path is known "
        'to fail\nhint: name some in this edge of errgen.toml: probes = { "/errgen-probe/503" = 503 }\n',
    )


def test_a_project_that_does_not_say_where_to_ask(project: Project) -> None:
    assert project.run("verify") == Outcome(
        2,
        "",
        "error: no edge says where it can be asked\n"
        'hint: add verify_url = "https://www.example.com", an address of the website behind it, to '
        "[[site.NAME.edge]] in errgen.toml\n",
    )


def test_probes_and_addresses_that_cannot_be(project: Project) -> None:
    settings = project.read("errgen.toml")
    where = "site.default.edge[0]"

    def refusal(lines: str) -> list[str]:
        project.write("errgen.toml", settings + lines)
        outcome = project.run("verify")
        assert outcome.code == 3
        return outcome.err.splitlines()[:-1]

    assert refusal('probes = { "/x" = 404 }') == [
        f'error: errgen.toml:11: {where}: has probes and no verify_url: add verify_url = "https://www.example.com"'
    ]
    assert refusal('verify_url = "https://a.example"\nhosts = ["b.example"]') == [
        f"error: errgen.toml:11: {where}: has a verify_url at a.example, which is none of its hosts: b.example"
    ]
    assert refusal('verify_url = "https://a.example"\nprobes = { "/z" = 200 }')[0].endswith(
        f"{where}.probes./z: must be 400 or more"
    )
    assert refusal('verify_url = "https://a.example"\nprobes = { "x y" = 404 }')[0].endswith(
        f"{where}.probes: 'x y' is not a path like /errgen-probe/503: it starts with / and is percent-encoded"
    )


def test_a_web_server_of_one_s_own(project: Project) -> None:
    """nginx serves what was built; then it goes on with the pages of a build before."""
    with ground() as place:
        head = project.read("errgen.toml").partition("[site.default.host]")[0].replace('["en"]', '["en", "de"]')
        project.write(
            "errgen.toml",
            f'{head}[[site.default.edge]]\nkind = "nginx"\nroot = "{place.folder}"\n'
            f'verify_url = "http://127.0.0.1:{place.port}"\n'
            'probes = { "/missing" = 404, "/limited" = 429, "/upstream/503" = 503, "/dead/x" = 502, "/private" = 403 }',
        )
        assert project.run("build").code == 0
        start(place, project.files("output/default/edges/nginx"))
        assert project.run("verify") == Outcome(
            0, f"default: nginx at http://127.0.0.1:{place.port}: 70 answers, all as published\n", ""
        )
        project.write("catalog/mine.yaml", "404:\n  headline: Brand new words\n")
        outcome = project.run("verify", "--json")
    (edge,) = json.loads(outcome.out)
    assert (outcome.code, {name: edge[name] for name in edge if name != "problems"}) == (
        8,
        {
            "site": "default",
            "target": "nginx",
            "url": f"http://127.0.0.1:{place.port}",
            "result": "differs",
            "asked": 70,
            "findings": [],
            "unasked": None,
        },
    )
    said = [(one["where"].partition(" (Accept: ")[0], one["fact"].partition(" ")[0]) for one in edge["problems"]]
    assert said == [(f"nginx: 404 of the origin for {client}", "marker") for client in BROWSERS]


class Distribution:
    """Answers ``/missing`` and ``/down`` as CloudFront does: with a page by its code, whatever a client accepts."""

    def __init__(self, pages: Mapping[str, bytes]) -> None:
        self.pages = pages
        self.down = "503"
        self.statuses = ["Deployed"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == f"/2020-05-31/distribution/{ID}":  # CloudFront's API
            state = f"<Status>{self.statuses.pop(0)}</Status>"
            content = f"<Distribution>{state}<DomainName>a.example</DomainName></Distribution>"
            await Response(content, media_type="text/xml")(scope, receive, send)
            return
        status = 404 if scope["path"] == "/missing" else 503
        page = self.pages["404.html" if status == 404 else f"{self.down}.html"]
        await Response(page, status, media_type="text/html")(scope, receive, send)


def test_a_distribution(project: Project) -> None:
    head = project.read("errgen.toml").partition("[site.default.host]")[0]
    edge = f'{head}[[site.default.edge]]\nkind = "cloudfront"\n'
    project.write("errgen.toml", edge)
    assert project.run("build").code == 0
    distribution = Distribution(project.files("output/default/pages/static/en"))
    with running(distribution) as url:
        project.write("errgen.toml", edge + f'verify_url = "{url}"\nprobes = {{ "/missing" = 404, "/down" = 503 }}\n')
        fine = Outcome(0, f"default: cloudfront at {url}: 14 answers, all as published\n", "")
        assert project.run("verify") == fine
        distribution.down = "maintenance"
        assert project.run("verify", "--maintenance") == fine
        outcome = project.run("verify")
        edge = project.read("errgen.toml").replace("verify_url", f'distribution = "{ID}"\nverify_url')
        project.write("errgen.toml", edge)
        distribution.statuses, distribution.down = ["InProgress", "InProgress", "Deployed"], "503"
        slept: list[float] = []
        environ = {**ENVIRON, "AWS_ENDPOINT_URL_CLOUDFRONT": url}
        (waited,) = use_case.verify(project.folder, wait=True, environ=environ, sleep=slept.append)
    assert (waited.result, waited.asked, slept) == ("as published", 14, [10.0, 10.0])
    assert outcome == Outcome(
        8,
        f"default: cloudfront at {url}: 14 answers, 7 of planned work\n",
        "error: cloudfront: 7 of the 14 answers are those of planned work\n"
        "hint: planned work is announced: errgen verify --maintenance compares with that; errgen publish "
        "--no-maintenance ends it\n"
        "error: another state than was asked for is live at cloudfront\n",
    )

"""Every page that ships, in every format and for every profile, read by the parsers of those who will read it."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker
from ruamel.yaml import YAML

from site_builder.catalog import Catalog
from site_builder.model import PROFILES, Entry, Format, Language, Profile, Site
from site_builder.rendering import Renderer, digest_with_blank_marker, marker_of

# Typed by hand from Cloudflare's page "Error responses"
# (developers.cloudflare.com/fundamentals/reference/error-responses/): the order of its two 522 examples.
JSON_ORDER = [
    "type",
    "title",
    "status",
    "detail",
    "instance",
    "error_code",
    "error_name",
    "error_category",
    "ray_id",
    "timestamp",
    "zone",
    "cloudflare_error",
    "retryable",
    "retry_after",
    "owner_action_required",
    "what_you_should_do",
    "footer",
]
FRONT_MATTER_ORDER = [
    "error_code",
    "error_name",
    "error_category",
    "status",
    "ray_id",
    "timestamp",
    "zone",
    "cloudflare_error",
    "retryable",
    "retry_after",
    "owner_action_required",
]
UNKNOWN_IN_ADVANCE = {"timestamp", "zone"}
WORST_VALUES = ("9140785570e00458", "0123456701234567", "2001:db8::1", "NO")
SCHEMA = json.loads(resources.files("site_builder").joinpath("schemas/problem.schema.json").read_text("utf-8"))
FRONT_MATTER_SCHEMA = {"$schema": SCHEMA["$schema"], "$ref": "#/$defs/front_matter", "$defs": SCHEMA["$defs"]}


@dataclass(frozen=True)
class Rendered:
    entry: Entry
    profile: Profile
    formats: Mapping[Format, bytes]

    @property
    def name(self) -> str:
        return f"{self.profile.name}/{self.entry.key}"

    @property
    def problem(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.formats["json"])
        return loaded

    @property
    def front_matter(self) -> str:
        text = self.formats["markdown"].decode()
        assert text.startswith("---\n")
        return text[4:].split("\n---\n", 1)[0]


@pytest.fixture(scope="module")
def pages(shipped: Catalog, english: Language, renderer: Renderer, site: Site) -> list[Rendered]:
    return [
        Rendered(entry, profile, renderer.render(entry, english, profile, site))
        for entry in shipped.localised("en")
        for profile in PROFILES.values()
    ]


def test_there_is_a_page_of_every_entry_and_family(pages: list[Rendered], shipped: Catalog) -> None:
    keys = [entry.key for entry in (*shipped.entries, *shipped.families, shipped.maintenance) if entry]
    assert len(keys) > 110
    assert [page.entry.key for page in pages] == [key for key in keys for _ in PROFILES]
    assert all(list(page.formats) == ["html", "json", "problem", "markdown"] for page in pages)


def test_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert list(SCHEMA["properties"]) == JSON_ORDER
    assert list(SCHEMA["$defs"]["front_matter"]["properties"]) == FRONT_MATTER_ORDER


def test_json_meets_the_schema_in_the_order_of_the_reference(pages: list[Rendered]) -> None:
    validator = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
    for page in pages:
        problem = page.problem
        assert [error.message for error in validator.iter_errors(problem)] == [], page.name
        assert list(problem) == [name for name in JSON_ORDER if name in problem], page.name


def test_problem_json_is_the_same_bytes(pages: list[Rendered]) -> None:
    assert all(page.formats["problem"] == page.formats["json"] for page in pages)


def test_json_is_laid_out_as_json_dumps_would(pages: list[Rendered]) -> None:
    for page in pages:
        assert page.formats["json"].decode() == json.dumps(page.problem, indent=2, ensure_ascii=False) + "\n"


def test_what_cannot_be_filled_is_absent(pages: list[Rendered]) -> None:
    for page in pages:
        problem, entry = page.problem, page.entry
        assert UNKNOWN_IN_ADVANCE.isdisjoint(problem), page.name
        assert None not in problem.values(), page.name
        assert ("ray_id" in problem, "instance" in problem) == (page.profile.ray_id is not None,) * 2, page.name
        assert ("error_code" in problem) == (entry.code is not None), page.name
        assert problem.get("status") == (entry.serve_status or entry.status), page.name
        assert ("retry_after" in problem) == (entry.retryable is True and entry.retry_after is not None), page.name
        assert ("cloudflare_error" in problem) == entry.cloudflare_made, page.name
        if not entry.cloudflare_made:
            assert "Cloudflare" not in problem["footer"], page.name


@pytest.mark.parametrize("value", WORST_VALUES)
def test_front_matter_reads_the_same_in_two_parsers_after_any_token_value(pages: list[Rendered], value: str) -> None:
    validator = Draft202012Validator(FRONT_MATTER_SCHEMA, format_checker=FormatChecker())
    ruamel = YAML(typ="safe", pure=True)
    for page in pages:
        text = page.front_matter
        for token in page.profile.tokens:
            text = text.replace(token, value)
        expected = {name: page.problem[name] for name in FRONT_MATTER_ORDER if name in page.problem}
        if page.profile.ray_id:
            expected["ray_id"] = value
        for loaded in (yaml.safe_load(text), ruamel.load(io.StringIO(text))):
            assert dict(loaded) == expected, page.name
            assert list(loaded) == list(expected), page.name
        assert [error.message for error in validator.iter_errors(expected)] == [], page.name


def test_markdown_has_the_three_sections_of_the_reference(pages: list[Rendered]) -> None:
    for page in pages:
        body = page.formats["markdown"].decode().split("\n---\n", 1)[1]
        lines = body.splitlines()
        entry = page.entry
        heading = entry.title if entry.code is None else f"Error {entry.code}: {entry.title}"
        assert lines == [
            *("", f"# {heading}", "", "## What Happened", "", entry.detail, "", "## What You Should Do", ""),
            *(page.problem["what_you_should_do"], "", "---", "", page.problem["footer"]),
        ], page.name
        assert body.endswith(page.problem["footer"] + "\n")


def test_html_is_valid_small_and_self_contained(
    pages: list[Rendered], parse_html: Callable[[str | bytes], Any]
) -> None:
    for page in pages:
        content = page.formats["html"]
        assert len(content) < 10_000, page.name
        tree = parse_html(content)
        assert tree.get("lang") == "en"
        assert tree.get("dir") == "ltr"
        assert [len(tree.findall(f".//{tag}")) for tag in ("main", "h1", "title", "script")] == [1, 1, 1, 0], page.name
        assert tree.findall(".//meta[@http-equiv]") == []
        names = [meta.get("name") for meta in tree.findall(".//meta[@name]")]
        assert names == ["viewport", "robots", "color-scheme", "errgen"]
        assert tree.find(".//meta[@name='robots']").get("content") == "noindex"
        loaded = [element.get(name) for name in ("src", "srcset", "data") for element in tree.findall(f".//*[@{name}]")]
        loaded += [link.get("href") for link in tree.findall(".//link")]
        assert [address for address in loaded if not address.startswith("data:")] == [], page.name
        assert re.search(r"@import|url\(", "".join(style.text for style in tree.findall(".//style"))) is None
        assert [link for link in tree.findall(".//a") if link.get("href") is None] == []


def test_titles_are_unique_and_say_what_happened_and_where(
    pages: list[Rendered], parse_html: Callable[[str | bytes], Any]
) -> None:
    titles: dict[tuple[str, str], str] = {}
    for page in pages:
        title = parse_html(page.formats["html"]).find(".//title").text
        assert title == f"{page.entry.headline} – Example"
        titles.setdefault((page.profile.name, title), page.entry.key)
    assert len(titles) == len(pages)


def test_only_the_tokens_of_the_profile_are_in_a_page(pages: list[Rendered]) -> None:
    for page in pages:
        for content in page.formats.values():
            found = set(re.findall(rb"::[A-Z0-9_]+::", content))
            assert found == ({b"::RAY_ID::"} if page.profile.ray_id else set()), page.name


def test_each_page_carries_the_digest_of_itself(pages: list[Rendered]) -> None:
    for page in pages:
        content = page.formats["html"]
        assert marker_of(content) == digest_with_blank_marker(content), page.name
    assert len({marker_of(page.formats["html"]) for page in pages}) == len(pages)


def test_522_has_the_fields_of_the_reference_but_those_nobody_can_fill(pages: list[Rendered]) -> None:
    page = next(page for page in pages if page.name == "cloudflare/522")
    assert list(page.problem) == [name for name in JSON_ORDER if name not in UNKNOWN_IN_ADVANCE]
    front_matter = yaml.safe_load(page.front_matter)
    assert list(front_matter) == [name for name in FRONT_MATTER_ORDER if name not in UNKNOWN_IN_ADVANCE]
    texts = ("detail", "what_you_should_do")
    assert {name: value for name, value in page.problem.items() if name not in texts} == {
        "type": "https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/error-522/",
        "title": "Error 522: Connection timed out",
        "status": 522,
        "instance": "::RAY_ID::",
        "error_code": 522,
        "error_name": "connection_timeout",
        "error_category": "origin",
        "ray_id": "::RAY_ID::",
        "cloudflare_error": True,
        "retryable": True,
        "retry_after": 120,
        "owner_action_required": True,
        "footer": "This error was generated by Cloudflare on behalf of the website owner.",
    }


def test_two_processes_make_the_same_bytes() -> None:
    program = (
        "import hashlib\n"
        "from site_builder import catalog, settings\n"
        "from site_builder.model import PROFILES, Site\n"
        "from site_builder.rendering import Renderer\n"
        "ours = catalog.load([settings.shipped() / 'catalog'])\n"
        "renderer = Renderer([settings.shipped() / 'templates'], 'plain')\n"
        "site = Site('default', 'Example', 'plain', ('en',), 'https://example.com/',\n"
        "            'mailto:support@example.com', 'https://status.example.com/')\n"
        "digest = hashlib.sha256()\n"
        "for entry in reversed(ours.localised('en')):\n"
        "    for profile in PROFILES.values():\n"
        "        for content in renderer.render(entry, ours.languages['en'], profile, site).values():\n"
        "            digest.update(content)\n"
        "print(digest.hexdigest())\n"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path), "LC_ALL": locale, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, locale, zone in (("1", "C", "UTC"), ("2", "C.UTF-8", "Asia/Tokyo"))
    }
    assert len(digests) == 1

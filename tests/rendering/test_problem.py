"""Problem details: which members there are, in which order, and that every text arrives as text."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from site_builder.model import PROFILES, Entry, Language, Site
from site_builder.rendering import problem
from site_builder.rendering.problem import dumps, members, with_tokens
from site_builder.rendering.text import one_line
from site_builder.rendering.wording import Wording

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

HOSTILE = ("<script>", "\"'\\", "]]>", "\n", "::RAY_ID::", "::::", "🧨", "\u202e", "\u2028", "\x00", "\ud800")
texts = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text()), max_size=5).map("".join)


def loaded(entry: Entry, language: Language, site: Site, profile: str = "cloudflare") -> dict[str, Any]:
    wording = Wording(language, site)
    result: dict[str, Any] = json.loads(
        dumps(with_tokens(members(entry, wording), PROFILES[profile]), PROFILES[profile])
    )
    return result


def test_whole_document(not_found: Entry, english: Language, site: Site) -> None:
    values = with_tokens(members(not_found, Wording(english, site)), PROFILES["cloudflare"])
    assert (
        dumps(values, PROFILES["cloudflare"]).decode()
        == """\
{
  "type": "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.5",
  "title": "Error 404: Not Found",
  "status": 404,
  "detail": "Nothing is kept under this address.",
  "instance": "::RAY_ID::",
  "error_code": 404,
  "error_name": "not_found",
  "error_category": "client",
  "ray_id": "::RAY_ID::",
  "retryable": false,
  "owner_action_required": false,
  "what_you_should_do": "**Check the address.** Trying again does not help.",
  "footer": "This message was provided by Example."
}
"""
    )


def test_a_family_has_its_plain_title_and_no_number(family: Entry, english: Language, site: Site) -> None:
    assert loaded(family, english, site, "static") == {
        "title": "The website has a problem",
        "detail": "Nothing is kept under this address.",
        "error_name": "server_error",
        "what_you_should_do": "**Check the address.** Trying again does not help.",
        "footer": "This message was provided by Example.",
    }


def test_status_is_that_of_the_answer(not_found: Entry, english: Language, site: Site) -> None:
    assert loaded(dataclasses.replace(not_found, serve_status=410), english, site)["status"] == 410


@pytest.mark.parametrize(
    ("code", "documentation", "type_base", "uri", "title"),
    [
        (404, "https://docs.example/404", None, "https://docs.example/404", "Error 404: Not Found"),
        (
            404,
            "https://docs.example/404",
            "https://me.example/e/",
            "https://me.example/e/not_found",
            "Error 404: Not Found",
        ),
        (404, None, None, None, "Not Found"),
        (522, "https://docs.example/522", "https://me.example/e/", "https://docs.example/522", "Error 522: Not Found"),
    ],
)
def test_type_and_title(
    not_found: Entry,
    english: Language,
    site: Site,
    code: int,
    documentation: str | None,
    type_base: str | None,
    uri: str | None,
    title: str,
) -> None:
    entry = dataclasses.replace(not_found, code=code, codes=((code, code),), documentation=documentation)
    values = loaded(entry, english, dataclasses.replace(site, type_base=type_base))
    assert (values.get("type"), values["title"]) == (uri, title)


def test_retry_after_needs_retryable(timed_out: Entry, english: Language, site: Site) -> None:
    for retryable, expected in ((True, (True, 120)), (False, (False, None)), (None, (None, None))):
        values = loaded(dataclasses.replace(timed_out, retryable=retryable), english, site)
        assert (values.get("retryable"), values.get("retry_after")) == expected


def test_detail_is_plain_and_advice_is_markdown(not_found: Entry, english: Language, site: Site) -> None:
    text = "**Read** the [page](https://example.com/a_b) on `x < y` & more."
    entry = dataclasses.replace(not_found, detail=text, what_you_should_do=text)
    values = loaded(entry, english, site)
    assert values["detail"] == "Read the page on x < y & more."
    assert values["what_you_should_do"] == "**Read** the [page](https://example.com/a_b) on `x < y` & more."


@unhurried
@given(texts, texts)
def test_hostile_texts_arrive_as_text(not_found: Entry, english: Language, site: Site, text: str, name: str) -> None:
    entry = dataclasses.replace(not_found, title=text, detail=text, what_you_should_do=text)
    wording = Wording(english, dataclasses.replace(site, title=name))
    content = dumps(with_tokens(members(entry, wording), PROFILES["cloudflare"]), PROFILES["cloudflare"]).decode()
    values = json.loads(content)
    assert values["title"] == f"Error 404: {one_line(text)}"
    assert values["footer"] == f"This message was provided by {one_line(name)}."
    assert re.findall("::[A-Z0-9_]+::", content) == ["::RAY_ID::", "::RAY_ID::"]
    assert list(values) == [member for member in problem.MEMBERS if member in values]


@unhurried
@given(texts)
def test_a_document_is_what_json_dumps_makes_of_it(text: str) -> None:
    values: dict[str, problem.Value] = {"title": one_line(text), "status": 404, "retryable": False}
    content = dumps(values, PROFILES["static"]).decode()
    assert json.loads(content) == values
    assert content.replace("\\u003a", ":") == json.dumps(values, indent=2, ensure_ascii=False) + "\n"

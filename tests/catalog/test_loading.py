from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from site_builder import catalog
from site_builder.errors import LocalFilesFailed
from site_builder.model import Entry, Language, Source

from .conftest import FAMILIES, HTTP, Folders


def test_makes_frozen_entries_of_what_is_written(folders: Folders) -> None:
    assert folders.load().entries[1] == Entry(
        key="503",
        code=503,
        codes=((503, 503),),
        catch_all=False,
        status=503,
        serve_status=None,
        error_name="service_unavailable",
        title="Service Unavailable",
        headline="The website isn’t available",
        category="server",
        detail="The server is busy.",
        what_you_should_do="**Wait.** Then try again.",
        retryable=True,
        retry_after=60,
        owner_action_required=True,
        who_acts="owner",
        documentation=None,
        weight=6,
        source=Source("catalog/http.yaml", 13),
    )


def test_makes_families_and_languages(folders: Folders) -> None:
    loaded = folders.load()
    family = loaded.families[0]
    assert (family.key, family.code, family.codes, family.catch_all) == ("4xx", None, ((400, 499),), True)
    assert (family.retryable, family.category, family.owner_action_required) == (None, None, None)
    assert loaded.languages == {
        "en": Language("en", "ltr", {"home": "Go to the {site} home page", "retry": "Try again"}),
    }
    assert loaded.translations == {}
    assert [entry.key for entry in loaded.localised("en")] == ["404", "503", "4xx", "5xx"]
    assert loaded.localised("de") == ()


def test_an_explicit_family_goes_before_a_catch_all(folders: Folders) -> None:
    family = FAMILIES.partition("5xx:")[0].replace("4xx:", "gone:").replace("400..499\n  catch_all: true", "[404, 410]")
    for old, new in (("client_error", "gone_error"), ("Client", "Gone"), ("The request", "This"), ("Check", "See")):
        family = family.replace(old, new)
    folders.write("project", {"families.yaml": family})
    loaded = folders.load()
    assert [loaded.family_of(code).key for code in (400, 404, 410, 599)] == ["4xx", "gone", "gone", "5xx"]
    with pytest.raises(KeyError):
        loaded.family_of(1015)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("retry_after: 60", "retry_after: 0",
         "catalog/http.yaml:21: 503.retry_after: must be a whole number of seconds from 1 to 21600, not 0"),
        ("retry_after: 60", "retry_after: 21601",
         "catalog/http.yaml:21: 503.retry_after: must be a whole number of seconds from 1 to 21600, not 21601"),
        ("retry_after: 60", "retry_after: 1.5",
         "catalog/http.yaml:21: 503.retry_after: must be a whole number of seconds from 1 to 21600, not 1.5"),
        ("retry_after: 60", "retry_after: '60'",
         "catalog/http.yaml:21: 503.retry_after: must be a whole number of seconds from 1 to 21600, not '60'"),
        ("retry_after: 60", "retry_after: true",
         "catalog/http.yaml:21: 503.retry_after: must be a whole number of seconds from 1 to 21600, not true"),
        ("retryable: true", "retryable: unknown",
         "catalog/http.yaml:21: 503.retry_after: stands only beside retryable: true"),
        ("retryable: true", "retryable: false",
         "catalog/http.yaml:21: 503.retry_after: stands only beside retryable: true"),
        ("retryable: true", "retryable: yes",
         "catalog/http.yaml:20: 503.retryable: must be true, false or unknown, not 'yes'"),
        ("retryable: true", "retryabel: true",
         "catalog/http.yaml:20: 503.retryabel: unknown key; did you mean retryable?"),
        ("error_name: not_found", "error_name: Not-Found",
         "catalog/http.yaml:2: 404.error_name: must be a name like not_found: small letters, digits and _, "
         "a letter first, not 'Not-Found'"),
        ("error_name: service_unavailable", "error_name: not_found",
         "catalog/http.yaml:14: 503.error_name: is already the name of 404 at catalog/http.yaml:2"),
        ("error_name: server_error", "error_name: client_error",
         "catalog/families.yaml:13: 5xx.error_name: is already the name of 4xx at catalog/families.yaml:2"),
        ("title: Not Found", "title: 404",
         "catalog/http.yaml:3: 404.title: must be a text, not 404; put it in quotes"),
        ("title: Not Found", "title: ' '",
         "catalog/http.yaml:3: 404.title: must be a text, not ' '"),
        ("title: Not Found", "title: {a: b}",
         "catalog/http.yaml:3: 404.title: must be a text, not a mapping"),
        ("title: Service Unavailable", "title: not  found",
         "catalog/http.yaml:15: 503.title: is already the title of 404 at catalog/http.yaml:3; "
         "if that is meant, write shares_title_with: 404"),
        ("status: 503", "shares_title_with: 404",
         "catalog/http.yaml:25: 503.shares_title_with: the title of 404 is another, Not Found"),
        ("status: 503", "shares_title_with: 999",
         "catalog/http.yaml:25: 503.shares_title_with: there is no other entry or family 999"),
        ("headline: The website isn’t available", "headline: WE CAN’T find that page",
         "catalog/http.yaml:16: 503.headline: is the same text as that of 404 at catalog/http.yaml:4"),
        ("detail: The server failed.", "detail: The server is busy.",
         "catalog/families.yaml:16: 5xx.detail: is the same text as that of 503 at catalog/http.yaml:18"),
        ('"**Wait.** Then see."', '"**Wait.** Then try again."',
         "catalog/families.yaml:17: 5xx.what_you_should_do: is the same text as that of 503 at catalog/http.yaml:19"),
        ("category: client", "category: clinet",
         "catalog/http.yaml:5: 404.category: must be one of client, server, origin, cloudflare, ssl, access_denied, "
         "rate_limit, dns, config, tls, legal, worker, rewrite, snippet, unsupported, not 'clinet'; "
         "did you mean client?"),
        ("category: client", "category:",
         "catalog/http.yaml:5: 404.category: is required"),
        ("who_acts: visitor", "who_acts: visiter",
         "catalog/http.yaml:10: 404.who_acts: must be visitor, owner, both or network, not 'visiter'; "
         "did you mean visitor?"),
        ("owner_action_required: false", "owner_action_required: unknown",
         "catalog/http.yaml:9: 404.owner_action_required: must be true or false, not 'unknown'"),
        ("documentation: https://example.com/404", "documentation: javascript:alert(1)",
         "catalog/http.yaml:11: 404.documentation: must be an address that starts with https://, "
         "not 'javascript:alert(1)'"),
        ("documentation: https://example.com/404", "documentation: 'https://example.com/\">'",
         "catalog/http.yaml:11: 404.documentation: must be an address that starts with https://, "
         "not 'https://example.com/\">'"),
        ("weight: 40", "weight: 0",
         "catalog/http.yaml:12: 404.weight: must be a number greater than 0, not 0"),
        ("weight: 40", "weight: .inf",
         "catalog/http.yaml:12: 404.weight: must be a number greater than 0, not inf"),
        ("status: 503", "status: 500",
         "catalog/http.yaml:25: 503.status: is the code itself, 503, or left out"),
        ("status: 503", "status: 200",
         "catalog/http.yaml:25: 503.status: must be an HTTP status from 400 to 599, not 200"),
        ("status: 503", "serve_status: 999",
         "catalog/http.yaml:25: 503.serve_status: must be an HTTP status from 400 to 599, not 999"),
        ("404:", "not_found:", "catalog/http.yaml:1: not_found: is not a code of 400 to 599 and 1000 to 1999"),
        ("404:", "200:", "catalog/http.yaml:1: 200: is not a code of 400 to 599 and 1000 to 1999"),
        ("404:", "1015:", "catalog/http.yaml:1: 1015: belongs to no family; add its code to one in families.yaml"),
        ("404:", "503:", "catalog/http.yaml:13: 503: stands twice; the first is at catalog/http.yaml:1"),
        ("4xx:", "404:", "catalog/families.yaml:1: 404: a family's name has small letters, digits and _, "
         "and is not a number"),
        ("codes: 400..499", "codes: 4xx",
         "catalog/families.yaml:10: 4xx.codes: '4xx' is neither a code like 404 nor a range like 400..499"),
        ("codes: 400..499", "codes: [400..499, 404]",
         "catalog/families.yaml:10: 4xx.codes: names 404 twice"),
        ("codes: 400..499", "codes: 400..520",
         "catalog/families.yaml:21: 5xx.codes: 500..520 belongs to 4xx at catalog/families.yaml:10 too"),
        ("codes: 400..499", "# no codes", "catalog/families.yaml:1: 4xx.codes: is required"),
        ("detail: There is nothing at this address.", "detail: There is <b>nothing</b>.",
         "catalog/http.yaml:6: 404.detail: has raw HTML, <b>; write Markdown, or put the characters in `backticks`"),
        ("detail: There is nothing at this address.", "detail: 'See [this](javascript:alert(1)).'",
         "catalog/http.yaml:6: 404.detail: has a link to javascript:alert(1); a link is https, mailto or relative"),
        ("home: Go to the {site} home page", "home: 1",
         "catalog/languages/en.yaml:2: interface.home: must be a text; "
         "put numbers and the words true, false and null in quotes"),
        ("interface:", "interfaec:",
         "catalog/languages/en.yaml:1: interfaec: unknown key; did you mean interface?"),
    ],
)  # fmt: skip
def test_each_fault_is_told_with_its_line(
    faults_of: Callable[[str, str], list[str]], old: str, new: str, fault: str
) -> None:
    assert faults_of(old, new) == [fault]


def test_all_faults_are_told_at_once_in_their_order(folders: Folders) -> None:
    broken = HTTP.replace("  title: Not Found\n", "").replace("retryable: true", "retryable: maybe").replace("60", "x")
    folders.write(
        "shipped", {"http.yaml": broken, "custom.yaml": "418:\n\ttitle: x\n", "languages/de.yaml": "a: {b: c}\n"}
    )
    assert folders.faults() == [
        "catalog/custom.yaml:2: has a tab; YAML is indented with blanks",
        "catalog/http.yaml:1: 404.title: is required",
        "catalog/http.yaml:19: 503.retryable: must be true, false or unknown, not 'maybe'",
        "catalog/http.yaml:20: 503.retry_after: must be a whole number of seconds from 1 to 21600, not 'x'",
        "catalog/languages/de.yaml:1: a: unknown key; there are: 404, 4xx, 503, 5xx, interface",
    ]


def test_lines_are_ordered_as_numbers(folders: Folders) -> None:
    text = HTTP.replace("  title: Not Found\n", "  titel: x\n").replace("status: 503", "statsu: 503")
    folders.write("shipped", {"http.yaml": text})
    assert [fault.split(" ")[0] for fault in folders.faults()] == [
        "catalog/http.yaml:3:",
        "catalog/http.yaml:25:",
    ]


def test_a_code_in_two_files_of_a_folder_is_a_fault(folders: Folders) -> None:
    folders.write("shipped", {"more.yaml": "\n404:\n  title: Not here\n"})
    assert folders.faults() == ["catalog/more.yaml:2: 404: stands twice; it is already at catalog/http.yaml:1"]


def test_an_entry_is_a_mapping(folders: Folders) -> None:
    folders.write("shipped", {"more.yaml": "410: Gone\n", "languages/de.yaml": "interface: x\n404: Nicht da\n"})
    assert folders.faults() == [
        "catalog/languages/de.yaml:1: interface: must be a mapping of fields, like  headline: …",
        "catalog/languages/de.yaml:2: 404: must be a mapping of fields, like  headline: …",
        "catalog/more.yaml:1: 410: must be a mapping of fields, like  headline: …",
    ]


def test_a_file_of_another_ending_is_not_passed_over(folders: Folders) -> None:
    folders.write("shipped", {"http.yml": "404: {}\n", "README.md": "# text", ".http.yaml.swp": "x", ".x.yaml": "x"})
    assert folders.faults() == ["catalog/http.yml:1: is not read; call it http.yaml"]


def test_explicit_families_are_disjoint(folders: Folders) -> None:
    texts = FAMILIES.replace("  catch_all: true\n", "").replace("500..599", "[499, 503]")
    folders.write("shipped", {"families.yaml": texts})
    assert folders.faults() == [
        "catalog/families.yaml:20: 5xx.codes: 499 belongs to 4xx at catalog/families.yaml:10 too"
    ]


def test_an_unreadable_file_is_not_reported_once_more_for_each_code(folders: Folders) -> None:
    folders.write("shipped", {"families.yaml": "4xx:\n\tweight: 1\n"})
    assert folders.faults() == ["catalog/families.yaml:2: has a tab; YAML is indented with blanks"]


def test_a_faulty_family_is_not_reported_once_more_for_each_code(folders: Folders) -> None:
    folders.write("shipped", {"families.yaml": FAMILIES.replace("weight: 1", "weight: x", 1)})
    assert folders.faults() == ["catalog/families.yaml:9: 4xx.weight: must be a number greater than 0, not 'x'"]


def test_a_title_may_be_shared_when_it_is_declared(folders: Folders) -> None:
    text = HTTP.replace("title: Service Unavailable", "title: Not Found\n  shares_title_with: 404")
    folders.write("shipped", {"http.yaml": text})
    assert [entry.title for entry in folders.load().entries] == ["Not Found", "Not Found"]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "\"double\" and 'single' & more",
        "]]> --> */ {{ 7*7 }} {% raw %}",
        "line one\nline two\n\n# line four",
        "::RAY_ID:: ::CLIENT_IP:: ::MADE_UP::",
        "emoji 🙂 and right-to-left \u202eabc\u202c \u200f",
        "---\nyes: no",
        "null",
        "1e3",
    ],
)
def test_hostile_texts_are_text(folders: Folders, text: str) -> None:
    quoted = text.translate({ord('"'): '\\"', ord("\n"): "\\n"})
    prose = quoted.replace("<script>", "`<script>`").replace("</script>", "`</script>`")
    fields = {"title": quoted, "headline": quoted, "detail": prose, "what_you_should_do": prose}
    written = "".join(f'  {name}: "{value}"\n' for name, value in fields.items())
    folders.write("project", {"a.yaml": f"404:\n{written}"})
    entry = folders.load().entries[0]
    assert (entry.title, entry.headline) == (text, text)
    assert (
        entry.detail
        == entry.what_you_should_do
        == text.replace("<script>", "`<script>`").replace("</script>", "`</script>`")
    )


def test_a_folder_that_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(LocalFilesFailed) as caught:
        catalog.load([tmp_path / "catalog"])
    assert str(caught.value) == f"{tmp_path / 'catalog'}: cannot read the catalog: No such file or directory"
    assert caught.value.hint == "check the path"

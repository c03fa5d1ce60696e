"""A project's catalog over the one that ships."""

from __future__ import annotations

import dataclasses

from site_builder.catalog import Translation
from site_builder.model import Language, Source

from .conftest import ENGLISH, HTTP, Folders

NEW_CODE = """\
504:
  error_name: gateway_timeout
  title: Gateway Timeout
  headline: No answer came in time
  category: origin
  detail: The server is slow.
  what_you_should_do: "**Wait two minutes.** Then try again."
  retryable: true
  retry_after: 120
  owner_action_required: true
  who_acts: owner
  weight: 3
"""


def test_a_project_changes_single_fields(folders: Folders) -> None:
    before = folders.load()
    folders.write(
        "project", {"texts.yaml": "# ours\n404:\n  headline: Nothing here\n", "families.yaml": "5xx: {weight: 2}"}
    )
    after = folders.load()
    assert after.entries == (
        dataclasses.replace(before.entries[0], headline="Nothing here", source=Source("catalog/texts.yaml", 2)),
        dataclasses.replace(before.entries[1], source=Source("<errgen>/catalog/http.yaml", 13)),
    )
    assert [family.weight for family in after.families] == [1, 2]


def test_a_project_adds_a_complete_code(folders: Folders) -> None:
    folders.write("project", {"own.yaml": NEW_CODE})
    assert [entry.code for entry in folders.load().entries] == [404, 503, 504]
    folders.write("project", {"own.yaml": "504:\n  title: Gateway Timeout\n  weight: 1\n"})
    missing = (
        *("headline", "detail", "what_you_should_do", "error_name"),
        *("category", "retryable", "owner_action_required", "who_acts"),
    )
    assert folders.faults() == [f"catalog/own.yaml:1: 504.{name}: is required" for name in sorted(missing)]


def test_a_fault_of_a_project_names_its_own_line_and_what_ships(folders: Folders) -> None:
    folders.write(
        "project", {"a.yaml": "404:\n  detail: The server is busy.\n  error_name: client_error\n  title: Server error"}
    )
    assert folders.faults() == [
        "catalog/a.yaml:2: 404.detail: is the same text as that of 503 at <errgen>/catalog/http.yaml:18",
        "catalog/a.yaml:3: 404.error_name: is already the name of 4xx at <errgen>/catalog/families.yaml:2",
        "catalog/a.yaml:4: 404.title: is already the title of 5xx at <errgen>/catalog/families.yaml:14; "
        "if that is meant, write shares_title_with: 5xx",
    ]


def test_a_project_that_forbids_retrying_need_not_remove_the_time(folders: Folders) -> None:
    folders.write("project", {"a.yaml": "503:\n  retryable: false\n404:\n  documentation:\n"})
    not_found, unavailable = folders.load().entries
    assert (unavailable.retryable, unavailable.retry_after) == (False, None)
    assert not_found.documentation is None


def test_a_project_may_rename_what_others_share(folders: Folders) -> None:
    shared = HTTP.replace("title: Service Unavailable", "title: Not Found\n  shares_title_with: 404")
    folders.write("shipped", {"http.yaml": shared})
    folders.write("project", {"a.yaml": "404:\n  title: Nothing\n"})
    assert [entry.title for entry in folders.load().entries] == ["Nothing", "Not Found"]
    folders.write("project", {"a.yaml": "503:\n  title: Closed\n"})
    assert [entry.title for entry in folders.load().entries] == ["Not Found", "Closed"]


def test_a_project_translates(folders: Folders) -> None:
    folders.write(
        "project",
        {
            "languages/ar.yaml": "interface:\n  home: '{site}'\n  retry: حاول مجددا\n"
            "404:\n  title: غير موجود\n"
            "  headline: لا توجد صفحة\n  detail: لا شيء هنا\n  what_you_should_do: '**تحقق.**'\n",
            "languages/en.yaml": "interface:\n  retry: Once more\n",
        },
    )
    loaded = folders.load()
    assert loaded.languages["ar"] == Language("ar", "rtl", {"home": "{site}", "retry": "حاول مجددا"})
    assert loaded.languages["en"].strings["retry"] == "Once more"
    texts = Translation("غير موجود", "لا توجد صفحة", "لا شيء هنا", "**تحقق.**", Source("catalog/languages/ar.yaml", 4))
    assert loaded.translations == {"ar": {"404": texts}}
    (entry,) = loaded.localised("ar")
    assert entry == dataclasses.replace(
        loaded.entries[0],
        title=texts.title,
        headline=texts.headline,
        detail=texts.detail,
        what_you_should_do=texts.what_you_should_do,
        source=texts.source,
    )


def test_a_project_cannot_add_words_that_no_page_shows(folders: Folders) -> None:
    folders.write("project", {"languages/en.yaml": "interface:\n  retyr: Once more\n"})
    assert folders.faults() == ["catalog/languages/en.yaml:2: interface.retyr: unknown key; did you mean retry?"]


def test_faults_of_a_translation(folders: Folders) -> None:
    folders.write(
        "project",
        {
            "languages/de.yaml": "interface:\n  home: Zur Startseite\n  retry: Noch einmal\n  retyr: x\n"
            "404: {title: a, headline: b, detail: '<i>', what_you_should_do: d}\n"
            "405: {title: a}\n"
            "503: {title: a, headline: b, detail: e, what_you_shuold_do: d}\n",
            "languages/english.yaml": ENGLISH,
        },
    )
    assert folders.faults() == [
        "catalog/languages/de.yaml:2: interface.home: must have the same placeholders as in English: {site}",
        "catalog/languages/de.yaml:4: interface.retyr: unknown key; did you mean retry?",
        "catalog/languages/de.yaml:5: 404.detail: has raw HTML, <i>; "
        "write Markdown, or put the characters in `backticks`",
        "catalog/languages/de.yaml:6: 405: unknown key; did you mean 404?",
        "catalog/languages/de.yaml:7: 503.headline: is the same text as that of 404 at catalog/languages/de.yaml:5",
        "catalog/languages/de.yaml:7: 503.what_you_shuold_do: unknown key; did you mean what_you_should_do?",
        "catalog/languages/english.yaml:1: 'english' is not a language tag like en, de or pt-BR",
    ]

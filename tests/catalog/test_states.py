"""The records of translations, and what they say of a text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.catalog.states import Record, digest, dump_records, path_of, read_records, read_states, state_of
from site_builder.errors import InvalidInput, LocalFilesFailed

ENGLISH, GERMAN = "Not Found", "Nicht gefunden"
FRESH = Record(digest(ENGLISH), digest(GERMAN))
REVIEWED = Record(digest(ENGLISH), digest(GERMAN), "Anna Schmidt")
OLD = Record(digest("Missing"), digest(GERMAN), "Anna Schmidt")
OTHER = Record(digest(ENGLISH), digest("Fehlt"), "Anna Schmidt")


@pytest.mark.parametrize(
    ("text", "records", "state"),
    [
        ("", [REVIEWED], "missing"),
        (GERMAN, [], "draft"),
        (GERMAN, [FRESH], "draft"),
        (GERMAN, [REVIEWED], "reviewed"),
        (GERMAN, [OLD], "stale"),
        (GERMAN, [OTHER], "draft"),
        (GERMAN, [OTHER, REVIEWED], "reviewed"),
        (GERMAN, [FRESH, REVIEWED], "draft"),
        ("Nicht\n  gefunden", [REVIEWED], "reviewed"),
    ],
)
def test_states(text: str, records: list[Record], state: str) -> None:
    assert state_of(ENGLISH, text, records) == state


DIGESTS = st.sampled_from([digest(ENGLISH), digest(GERMAN), digest("Missing")])


@given(st.lists(st.builds(Record, DIGESTS, DIGESTS, st.sampled_from([None, "Anna Schmidt"])), max_size=4))
def test_the_first_record_about_a_text_decides(records: list[Record]) -> None:
    about = next((one for one in records if one.text == digest(GERMAN)), FRESH)
    expected = "stale" if about.english != digest(ENGLISH) else "reviewed" if about.reviewed_by else "draft"
    assert state_of(ENGLISH, GERMAN, records) == expected


def test_a_digest_is_eight_digits_of_sha256() -> None:
    assert digest("Not Found") == "0019dfc4"


def test_one_record_a_line_in_order() -> None:
    assert dump_records({"503.title": REVIEWED, "404.title": FRESH}) == (
        "{\n"
        f'"404.title": {{"english": "{FRESH.english}", "text": "{FRESH.text}"}},\n'
        f'"503.title": {{"english": "{FRESH.english}", "text": "{FRESH.text}", "reviewed_by": "Anna Schmidt"}}\n'
        "}\n"
    )


HEX = st.text("0123456789abcdef", min_size=8, max_size=8)
RECORDS = st.dictionaries(st.text(), st.builds(Record, HEX, HEX, st.none() | st.text(min_size=1)))


@given(records=RECORDS)
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, records: dict[str, Record]) -> None:
    folder = tmp_path_factory.mktemp("catalog")
    path_of(folder, "de").parent.mkdir(parents=True)
    path_of(folder, "de").write_text(dump_records(records), "utf-8")
    assert read_records(folder, "de") == records


def test_the_projects_record_decides_and_then_that_of_the_language_itself(tmp_path: Path) -> None:
    shipped, project = tmp_path / "shipped", tmp_path / "project"
    for folder, tag, record in ((shipped, "de-AT", OTHER), (project, "de-AT", FRESH), (project, "de", OLD)):
        path_of(folder, tag).parent.mkdir(parents=True, exist_ok=True)
        path_of(folder, tag).write_text(dump_records({"404.title": record}), "utf-8")
    assert read_states([shipped, project], ["de-AT", "de"]) == {"404.title": [FRESH, OTHER, OLD]}
    assert read_states([shipped, project], ["fr"]) == {}


@pytest.mark.parametrize("text", ["{", "[]", '{"404.title": {"english": "x"}}', '{"404.title": 1}', "\ud800"])
def test_a_file_that_is_none_of_ours(tmp_path: Path, text: str) -> None:
    path = path_of(tmp_path / "catalog", "de")
    path.parent.mkdir(parents=True)
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(InvalidInput) as caught:
        read_records(tmp_path / "catalog", "de")
    assert str(caught.value) == "catalog/languages/states/de.json: is not a file of states as errgen writes it"
    path.unlink()
    path.mkdir()
    with pytest.raises(LocalFilesFailed):
        read_records(tmp_path / "catalog", "de")
    assert json.loads(dump_records({})) == {}

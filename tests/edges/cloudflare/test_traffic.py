from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder.edges import open_edge
from site_builder.edges.cloudflare.compile import CloudflareRules, compile_rules
from site_builder.edges.cloudflare.traffic import HINT, Traffic, read_traffic
from site_builder.errors import InvalidInput, LocalFilesFailed
from site_builder.model import Finding

WHERE = "errgen.toml: site.default.edge[0]"
READ = Traffic("traffic.csv", {404: 12, 1015: 3}, {404: 1, 1015: 2})


def written(folder: Path, text: str, name: str = "traffic.csv") -> str:
    (folder / name).write_text(text)
    return name


@pytest.mark.parametrize(
    "text",
    [
        "404,12\n1015,3\n",
        "404, 12\n1015 ,3",
        '"404","12"\r\n1015,3\r\n',
        "\ufeff404,12\n1015,3\n",
        '{"code": 404, "count": 12}\n{"count": 3, "code": 1015, "host": "example.com"}\n',
    ],
)
def test_codes_and_counts(tmp_path: Path, text: str) -> None:
    assert read_traffic(written(tmp_path, text), tmp_path, WHERE) == READ


def test_columns_by_name_lines_of_one_code_and_successes(tmp_path: Path) -> None:
    text = "Count,host,Code\n12,a.example,404\n99999,a.example,200\n\n1,b.example,404\n0,b.example,503\n"

    assert read_traffic(written(tmp_path, text), tmp_path, WHERE) == Traffic(
        "traffic.csv", {404: 13, 503: 0}, {404: 2, 503: 6}
    )


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", ["traffic.csv: has no count of any code from 400 on"]),
        ("200,5\n", ["traffic.csv: has no count of any code from 400 on"]),
        ("status,hits\n404,1\n", ["traffic.csv:1: has no column called code and none called count"]),
        ("count,code\n1,404\n2\n", ["traffic.csv:3: has 1 fields, and the count is the last"]),
        (
            "404\n40x,2\n12,3\n404,-1\n404,1.5\n",
            [
                "traffic.csv:1: has 1 fields, and the count is the second",
                "traffic.csv:2: '40x' is not a code from 100 to 9999",
                "traffic.csv:3: 12 is not a code from 100 to 9999",
                "traffic.csv:4: '-1' is not a count: a whole number, 0 or more",
                "traffic.csv:5: '1.5' is not a count: a whole number, 0 or more",
            ],
        ),
        (
            '{"code": 404, "count": 1}\n404,1\n[]\n{"code": 404}\n{"code": "404", "count": true}\n',
            [
                "traffic.csv:2: is not JSON",
                "traffic.csv:3: is not a JSON object",
                "traffic.csv:4: has no count",
                "traffic.csv:5: '404' is not a code from 100 to 9999",
            ],
        ),
    ],
)
def test_every_fault_with_its_line(tmp_path: Path, text: str, faults: list[str]) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_traffic(written(tmp_path, text), tmp_path, f"{WHERE}.traffic")
    assert [str(fault) for fault in caught.value.faults] == faults
    assert caught.value.hint == HINT


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"edge\[0\]\.traffic: there is no file 'traffic\.csv' in the project"):
        read_traffic("traffic.csv", tmp_path, f"{WHERE}.traffic")
    (tmp_path / "traffic.csv").write_bytes(b"404,\xff")
    with pytest.raises(InvalidInput, match=r"traffic\.csv: is not UTF-8: byte 4 cannot be decoded"):
        read_traffic("traffic.csv", tmp_path, f"{WHERE}.traffic")
    with pytest.raises(LocalFilesFailed, match="cannot read the traffic"):
        read_traffic(".", tmp_path, f"{WHERE}.traffic")


def test_counts_are_brought_to_the_scale_of_the_catalog() -> None:
    catalog = {404: 30.0, 500: 10.0, 503: 5.0}
    traffic = Traffic("t", {404: 100, 500: 300, 499: 40}, {})

    assert traffic.weights(catalog) == {404: 10.0, 500: 30.0, 503: 5.0, 499: 4.0}
    assert Traffic("t", {404: 0}, {}).weights(catalog) == {404: 0.0, 500: 10.0, 503: 5.0}
    assert Traffic("t", {499: 7}, {}).weights(catalog) == {**catalog, 499: 0.0}


@settings(deadline=None)
@given(
    st.dictionaries(st.integers(400, 410), st.floats(0.1, 100), min_size=1),
    st.dictionaries(st.integers(400, 410), st.integers(1, 10**6), min_size=1),
    st.integers(2, 1000),
)
def test_only_shares_count(catalog: dict[int, float], counts: dict[int, int], times: int) -> None:
    once = Traffic("t", counts, {}).weights(catalog)
    often = Traffic("t", {code: count * times for code, count in counts.items()}, {}).weights(catalog)

    assert often == pytest.approx(once)
    named = [code for code in counts if code in catalog]
    assert sum(once[code] for code in named) == pytest.approx(sum(catalog[code] for code in named))


def compiled(built: Any, project: Path, **table: object) -> CloudflareRules:
    edge = open_edge({"kind": "cloudflare", "zone": "z1", **table}, WHERE, None, project)
    return compile_rules(built.manifest, built.read, edge.options)


def own_html(outcome: CloudflareRules) -> set[str]:
    return {code for code, row in outcome.report["served"].items() if row["html"].get("via") == "own"}


def test_what_fails_often_gets_its_own_page(large_site: Any, tmp_path: Path) -> None:
    written(tmp_path, "417,5000\n404,3\n511,2000\n")
    usual, weighed = compiled(large_site, tmp_path), compiled(large_site, tmp_path, traffic="traffic.csv")

    assert "404" in own_html(usual)
    assert "417" not in own_html(usual)
    assert {"417", "511"} <= own_html(weighed)
    assert "404" not in own_html(weighed)
    assert weighed.report["traffic"] == {"file": "traffic.csv", "codes": 3}
    assert "traffic" not in usual.report


def test_codes_that_no_page_stands_for_are_told(large_site: Any, tmp_path: Path) -> None:
    written(tmp_path, '{"code": 404, "count": 9}\n{"code": 700, "count": 1200}\n', "t.jsonl")

    assert compiled(large_site, tmp_path, traffic="t.jsonl").findings[0] == Finding(
        "cloudflare-traffic-unknown",
        "warning",
        "no page stands for 700, so that its 1,200 failures weigh nothing",
        where="t.jsonl:2",
        hint="correct the code, or write an entry for it in catalog/mine.yaml",
    )


def test_faults_name_the_file_and_the_key(tmp_path: Path) -> None:
    with pytest.raises(
        InvalidInput, match=r"errgen\.toml: site\.default\.edge\[0\]\.traffic: there is no file 'x\.csv'"
    ):
        open_edge({"kind": "cloudflare", "zone": "z1", "traffic": "x.csv"}, WHERE, None, tmp_path)
    written(tmp_path, json.dumps([1]))
    with pytest.raises(InvalidInput, match=r"traffic\.csv:1: has no column called code"):
        open_edge({"kind": "cloudflare", "zone": "z1", "traffic": "traffic.csv"}, WHERE, None, tmp_path)

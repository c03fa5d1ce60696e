from __future__ import annotations

from pathlib import Path

from site_builder.app.problem import faults_of, findings_as_faults
from site_builder.errors import Fault, InvalidInput, LocalFilesFailed
from site_builder.model import Finding


def test_each_fault_has_its_excerpt_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "catalog").mkdir()
    (tmp_path / "catalog/mine.yaml").write_text("404:\n  headlin: Not here\n  title: Away\n")
    fault = Fault("catalog/mine.yaml:2", "404.headlin: unknown key")
    shipped = Fault("<errgen>/catalog/http.yaml:1", "404: is odd")
    found = faults_of(
        InvalidInput([fault, fault, shipped], hint="correct the catalog and run the command again"), tmp_path
    )
    first = (Path(__file__).parent.parent.parent / "catalog/http.yaml").read_text().split("\n")[:3]
    assert found == [
        {
            "where": "catalog/mine.yaml:2",
            "message": "404.headlin: unknown key",
            "hint": "correct the catalog",
            "excerpt": [(1, "404:"), (2, "  headlin: Not here"), (3, "  title: Away"), (4, "")],
        },
        {
            "where": "<errgen>/catalog/http.yaml:1",
            "message": "404: is odd",
            "hint": "correct the catalog",
            "excerpt": list(enumerate(first, start=1)),
        },
    ]


def test_a_place_without_a_line_has_no_excerpt(tmp_path: Path) -> None:
    error = LocalFilesFailed("the disk is full", where="output", hint="free some space and run the command again")
    assert faults_of(error, tmp_path) == [
        {"where": "output", "message": "the disk is full", "hint": "free some space", "excerpt": []}
    ]


def test_only_what_keeps_a_site_from_being_published_is_a_fault(tmp_path: Path) -> None:
    findings = [
        Finding("contrast", "error", "too faint", "templates/ours/style.css:9", None),
        Finding("spelling", "warning", "odd", "catalog/mine.yaml:1", None),
    ]
    assert findings_as_faults(findings, tmp_path) == [
        {"where": "templates/ours/style.css:9", "message": "too faint", "hint": None, "excerpt": []}
    ]

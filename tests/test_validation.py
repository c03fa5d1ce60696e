from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from site_builder.errors import InvalidInput
from site_builder.validation import Table, WebAddress, near_miss, validate

WHERE = "errgen.toml: site.default.host"


class Inner(Table):
    rules: int = Field(ge=0)


class Window(Table):
    begins: int | None = Field(None, alias="from")
    until: int | None = None


class Outer(Table):
    kind: Literal["s3", "directory"]
    inner: Inner | None = None
    rows: dict[str, Inner] = Field(default_factory=dict)
    names: list[str] = Field(default_factory=list)
    address: WebAddress | None = None
    formats: list[Literal["txt", "xml"]] = Field(default_factory=list)
    modes: dict[str, Annotated[Literal["on", "off"], Field(description="x")] | None] | None = None
    window: Window | None = None


class Every(Table):
    """A key for each thing that can be wrong with a value."""

    text: str = ""
    whole: int = Field(2, gt=1, lt=9)
    number: float = Field(0.5, ge=0, le=1, allow_inf_nan=False)
    switch: bool = False
    listed: list[str] = Field(default_factory=list, max_length=2, examples=[["a", "b"]])
    two: list[str] = Field(["a", "b"], min_length=2)
    some: list[int] = Field([1], min_length=1, examples=[[1, 2]])
    table: dict[str, int] = Field(default_factory=dict, examples=[{"a": 1, "b": [True]}])
    inner: Inner | None = None
    time: datetime | None = None
    name: str = Field("abc", min_length=2, max_length=3)
    full: str = Field("a", min_length=1)
    short: str = Field("a", pattern="^[a-z]$", examples=["ä"])


def faults(table: dict[str, Any]) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        validate(Outer, table, WHERE)
    return [str(fault).removeprefix(f"{WHERE}") for fault in caught.value.faults]


def test_gives_the_values() -> None:
    table = {"kind": "s3", "inner": {"rules": 1}, "address": "https://example.com/errors/"}
    assert validate(Outer, table, WHERE) == Outer(kind="s3", inner=Inner(rules=1), address="https://example.com/errors")


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({}, [".kind: is required"]),
        ({"kind": "directry"}, [".kind: there is no 'directry'; did you mean directory?"]),
        ({"kind": "ftp"}, [".kind: there is no 'ftp'; there are: directory, s3"]),
        ({"kind": "s3", "formats": ["txt", "pdf"]}, [".formats[1]: there is no 'pdf'; there are: txt, xml"]),
        ({"kind": "s3", "formats": ["json", "txd", 3]}, [
            ".formats[0]: there is no 'json'; there are: txt, xml",
            ".formats[1]: there is no 'txd'; did you mean txt?",
            ".formats[2]: there is no 3; there are: txt, xml",
        ]),
        ({"kind": "s3", "modes": {"kind": "of"}}, [".modes.kind: there is no 'of'; did you mean off?"]),
        ({"kind": "s3", "window": {"form": 1, "begins": 1, "zzz": 1}}, [
            ".window.form: unknown key; did you mean from?",
            ".window.begins: unknown key; did you mean from?",
            ".window.zzz: unknown key; there are: from, until",
        ]),
        ({"kind": "s3", "nams": 1}, [".nams: unknown key; did you mean names?"]),
        ({"kind": "s3", "inner": {"rules": -1, "x": 1}}, [
            ".inner.rules: must be 0 or more", ".inner.x: unknown key; there are: rules",
        ]),
        ({"kind": "s3", "rows": {"404": {"rulez": 1}}}, [
            ".rows.404.rules: is required", ".rows.404.rulez: unknown key; did you mean rules?",
        ]),
        ({"kind": "s3", "names": ["a", 2]}, [".names[1]: must be a text in quotation marks"]),
        ({"kind": "s3", "address": "example.com"}, [
            ".address: is not an address like https://errors.example.com/errors",
        ]),
        ({"kind": "s3", "address": "https://me:secret-canary@example.com"}, [
            ".address: has a user or password in it; credentials come from the environment only",
        ]),
        ({"kind": "s3", "secret_key": "canary"}, [
            ".secret_key: unknown key; secrets do not belong in errgen.toml: they come from the environment or your "
            "AWS profile",
        ]),
    ],
)  # fmt: skip
def test_every_fault_has_its_key_path(table: dict[str, Any], expected: list[str]) -> None:
    assert faults(table) == expected


def test_a_name_that_nobody_knows() -> None:
    assert near_miss("plian", ["plain", "brand"]) == "; did you mean plain?"
    assert near_miss("zzz", ["plain", "brand"]) == "; there are: brand, plain"
    assert near_miss("zzz", []) == ""


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({"text": 3}, "text: must be a text in quotation marks"),
        ({"whole": "3"}, "whole: must be a whole number, without quotation marks"),
        ({"whole": 3.5}, "whole: must be a whole number, without quotation marks"),
        ({"whole": True}, "whole: must be a whole number, without quotation marks"),
        ({"whole": 1}, "whole: must be more than 1"),
        ({"whole": 9}, "whole: must be less than 9"),
        ({"number": "1"}, "number: must be a number, without quotation marks"),
        ({"number": float("nan")}, "number: must be a number, neither inf nor nan"),
        ({"number": -0.5}, "number: must be 0.0 or more"),
        ({"number": 1.5}, "number: must be 1.0 or less"),
        ({"switch": "true"}, "switch: must be true or false, without quotation marks"),
        ({"listed": "a"}, 'listed: must be a list in brackets; for example ["a", "b"]'),
        ({"listed": ["a", "b", "c"]}, 'listed: must have 2 entries or fewer; for example ["a", "b"]'),
        ({"listed": [1]}, "listed[0]: must be a text in quotation marks"),
        ({"two": ["a"]}, "two: must have 2 entries or more"),
        ({"some": []}, "some: must not be empty; for example [1, 2]"),
        ({"table": []}, "table: must be a table; for example { a = 1, b = [true] }"),
        ({"table": {"text": "a"}}, "table.text: must be a whole number, without quotation marks"),
        ({"inner": 3}, "inner: must be a table"),
        ({"time": "2026-12-02T22:00:00"}, "time: must be a date with a time, like 2026-12-02T22:00:00, without "
         "quotation marks"),
        ({"time": date(2026, 12, 2)}, "time: must be a date with a time, like 2026-12-02T22:00:00, without quotation "
         "marks"),
        ({"name": "a"}, "name: must have 2 characters or more"),
        ({"name": "abcd"}, "name: must have 3 characters or fewer"),
        ({"full": ""}, "full: must not be empty"),
        ({"short": "A"}, 'short: must match ^[a-z]$; for example "ä"'),
    ],
)  # fmt: skip
def test_values_that_cannot_be(table: dict[str, Any], expected: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        validate(Every, table, WHERE)
    assert str(caught.value) == f"{WHERE}.{expected}"

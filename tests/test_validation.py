from __future__ import annotations

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
            ".inner.rules: input should be greater than or equal to 0", ".inner.x: unknown key; there are: rules",
        ]),
        ({"kind": "s3", "rows": {"404": {"rulez": 1}}}, [
            ".rows.404.rules: is required", ".rows.404.rulez: unknown key; did you mean rules?",
        ]),
        ({"kind": "s3", "names": ["a", 2]}, [".names[1]: input should be a valid string"]),
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

"""The pages for programs in every language: JSON by its schema, front matter by two parsers, XML by a third."""

from __future__ import annotations

import dataclasses
import io
import json
from importlib import resources
from xml.etree import ElementTree

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker
from ruamel.yaml import YAML

from site_builder import catalog, settings
from site_builder.model import FORMATS, PROFILES, Site
from site_builder.rendering import Renderer

SHIPPED = settings.shipped()
CATALOG = catalog.load([SHIPPED / "catalog"])
SCHEMA = json.loads(resources.files("site_builder").joinpath("schemas/problem.schema.json").read_text("utf-8"))
PROBLEM = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
FRONT_MATTER = Draft202012Validator({"$ref": "#/$defs/front_matter", "$defs": SCHEMA["$defs"]})
FRONT_MATTER_FIELDS = tuple(SCHEMA["$defs"]["front_matter"]["properties"])
RAY_ID = "9140785570e00458"
"""Without quotation marks, YAML would take it for a number."""


@pytest.mark.parametrize("tag", sorted(CATALOG.languages))
def test_programs_can_read_every_page(tag: str, site: Site) -> None:
    renderer = Renderer([SHIPPED / "templates"], "minimal")
    asked = dataclasses.replace(site, theme="minimal", languages=(tag,), formats=(*FORMATS, "text", "xml"))
    entries = CATALOG.localised(tag)
    assert len(entries) >= 56
    for entry in entries:
        for profile in PROFILES.values():
            pages = renderer.render(entry, CATALOG.languages[tag], profile, asked)
            texts = {form: page.decode().replace("::RAY_ID::", RAY_ID) for form, page in pages.items()}

            problem = json.loads(texts["json"])
            assert [error.message for error in PROBLEM.iter_errors(problem)] == []
            assert texts["problem"] == texts["json"]

            head = texts["markdown"].split("\n---\n", 1)[0].removeprefix("---\n")
            fields = {name: problem[name] for name in FRONT_MATTER_FIELDS if name in problem}
            assert dict(yaml.safe_load(head)) == fields
            assert dict(YAML(typ="safe", pure=True).load(io.StringIO(head))) == fields
            assert [error.message for error in FRONT_MATTER.iter_errors(fields)] == []

            root = ElementTree.fromstring(texts["xml"])  # noqa: S314 - made a line above
            assert root.tag == "{urn:ietf:rfc:7807}problem"
            assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == tag
            members = {one.tag.rpartition("}")[2]: one.text for one in root}
            assert members == {name: in_xml(value) for name, value in problem.items()}

            assert texts["text"].startswith(" ".join(entry.headline.split())), entry.key


def in_xml(value: object) -> str:
    """A member of the JSON as the text of its element."""
    return str(value).lower() if isinstance(value, bool) else str(value)

"""The file of a language that is about to be translated: every text, empty, with the original above it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

from ..errors import from_os_error
from ..languages import script
from ..model import Entry
from .completeness import is_wanted
from .contents import DEFAULT_LANGUAGE, TEXT_FIELDS, Catalog
from .overlay import INTERFACE, LANGUAGES

WIDTH = 118
_STRING = re.compile(r"  ([a-z_]+):")
_HEADER = """\
# {tag}. Write each text between the quotation marks below its original. {empty}
# Keep {{words in braces}}, `code`, **bold** and the targets of [links](https://example.com/). This tells what is left:
#   errgen translate {tag}
"""
_BEGUN = """\
The interface comes first; until
# it is whole, no pages are made in {tag}. An error that lacks a text is then answered by its family’s page."""
_LAID_OVER = """\
A place that is left empty has
# the text of {original}.yaml."""
_WELCOME = "# Cloudflare makes the errors below and answers them well itself. Their texts are welcome, not needed."


def new_language_file(tag: str, catalog: Catalog, shipped: Path) -> str:
    """The text of a new ``languages/TAG.yaml``. ``shipped`` is the catalog whose en.yaml explains the strings.

    The originals are in English, or in the language that stands in for ``tag``, as German does for ``de-AT``. Raises
    LocalFilesFailed where en.yaml cannot be read.
    """
    original = catalog.resolve(tag) or DEFAULT_LANGUAGE
    laid_over = catalog.resolve(tag) is not None and script(original) == script(tag)
    empty = (_LAID_OVER if laid_over else _BEGUN).format(tag=tag, original=original)
    lines = [*_HEADER.format(tag=tag, empty=empty).splitlines(), f"{INTERFACE}:"]
    lines += _interface(catalog.languages[original].strings, shipped / LANGUAGES / f"{DEFAULT_LANGUAGE}.yaml")
    said = {entry.key: entry for entry in (*catalog.everything, *catalog.localised(original))}
    lines += chain.from_iterable(_entry(entry) for entry in said.values() if is_wanted(entry))
    lines += ["", _WELCOME]
    lines += chain.from_iterable(_entry(entry) for entry in said.values() if not is_wanted(entry))
    return "\n".join(lines) + "\n"


def _interface(strings: Mapping[str, str], explained: Path) -> Iterator[str]:
    """The strings in the order of the English file, with its comments."""
    try:
        lines = explained.read_text("utf-8-sig").splitlines()
    except OSError as error:
        raise from_os_error(error, explained, "read the catalog") from error
    left = dict(strings)
    for line in lines[lines.index(f"{INTERFACE}:") + 1 :]:
        found = _STRING.match(line)
        if found and found[1] in left:
            yield from _blank(found[1], left.pop(found[1]))
        elif not found:
            yield line
    for name, text in left.items():
        yield from _blank(name, text)


def _entry(entry: Entry) -> Iterable[str]:
    yield from ("", f"{entry.key}:")
    for name in TEXT_FIELDS:
        yield from _blank(name, getattr(entry, name))


def _blank(name: str, text: str) -> Iterator[str]:
    yield from textwrap.wrap(text, WIDTH, initial_indent="  #   ", subsequent_indent="  #   ", break_on_hyphens=False)
    yield f'  {name}: ""'

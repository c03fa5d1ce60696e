"""Templates that are parsed and compiled already, by what they hold: after a save only that one is done again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from functools import lru_cache
from types import CodeType
from typing import Any

from jinja2 import BytecodeCache, Environment, nodes
from jinja2.bccache import Bucket

SYNTAX: Mapping[str, Any] = {"trim_blocks": True, "lstrip_blocks": True, "keep_trailing_newline": True}
"""How templates are written."""
MOST_KEPT = 256
"""More than the templates of a large theme and the states that they were in lately."""


class _Compiled(BytecodeCache):
    """The code of templates in memory, by file and source."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], CodeType] = OrderedDict()

    def load_bytecode(self, bucket: Bucket) -> None:
        """Called by Jinja before it compiles."""
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Called by Jinja when it has compiled."""
        if bucket.code is not None:
            self._kept[bucket.key, bucket.checksum] = bucket.code
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)


COMPILED = {True: _Compiled(), False: _Compiled()}
"""By whether templates escape what they are given, which is in their code."""


@lru_cache(maxsize=MOST_KEPT)
def parsed(source: str, name: str, file: str) -> nodes.Template:
    """The tree of a template, to be looked at only. Raises what Jinja raises for faults."""
    return Environment(autoescape=True, **SYNTAX).parse(source, name, file)

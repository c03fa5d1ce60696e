"""What every edge is to the rest of errgen: a kind, a profile, and a compiler from the manifest to files."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ..model import Compiled, File, Finding, Manifest, Proof

if TYPE_CHECKING:
    from ..rights import Rights
    from ..validation import Table
    from ._explaining import Explainer, Facts

Read = Callable[[str], bytes]
"""Gives the bytes of one page by its path in the manifest, ``pages/static/en/404.html``."""


PLACES = ("zone", "account", "distribution")
"""The keys of tables that name what is switched over the network."""


class EdgeModule(Protocol):
    """What a module in this folder offers."""

    PROFILE: str

    def options_model(self) -> type[Table]:
        """The model of this edge's table in errgen.toml."""

    def compile_files(self, manifest: Manifest, read: Read, options: Any) -> Compiled:
        """What the edge needs to serve ``manifest``."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge of a site. ``options`` is its table, checked; ``where`` is the table's key path for messages."""

    kind: str
    where: str
    module: EdgeModule
    options: Any

    @property
    def profile(self) -> str:
        """The profile whose pages this edge serves: ``cloudflare`` or ``static``."""
        return self.module.PROFILE

    @property
    def name(self) -> str:
        """What publishing calls it: ``cloudflare zone 023e105f4ecef8ad9ca31a8372d0c353``; its kind without a place."""
        named = [name for name in PLACES if getattr(self.options, name, None)]
        return f"{self.kind} {named[0]} {self.id}" if named else self.kind

    @property
    def id(self) -> str:
        """The id of the zone, account or distribution that it is; empty where it has none, or several."""
        return next((str(value) for name in PLACES if (value := getattr(self.options, name, None))), "")

    @property
    def key(self) -> tuple[str, str]:
        """What no other edge has, quickly compared: where its table is, and which of that table's places it is."""
        return self.where, self.name

    def places(self) -> tuple[Edge, ...]:
        """The edge as publishing sees it: each of several zones in its table is an edge of its own."""
        split = getattr(self.module, "places", None)
        return tuple(dataclasses.replace(self, options=one) for one in split(self.options)) if split else (self,)

    def compile(self, manifest: Manifest, read: Read) -> Compiled:
        """The files of this edge, by their paths below ``edges/EDGE/``, and what there is to say about them."""
        compiled = self.module.compile_files(manifest, read, self.options)
        proof = compiled.proof and Proof(compiled.proof.figures, placed(compiled.proof.findings, self.where))
        return Compiled(compiled.files, placed(compiled.findings, self.where), proof)

    def rights(self) -> Rights:
        """What the credentials of an edge that is switched over the network must be allowed."""
        needed: Rights = self.module.rights(self.options)  # type: ignore[attr-defined]  # others have none
        return needed

    def explainer(self, manifest: Manifest, read: Read, facts: Facts) -> Explainer:
        """What tells who gets what at this edge, and why. ``facts`` is what the catalog knows about a code.

        A module that can evaluate what it compiles offers ``explainer(manifest, read, options, facts)``; others are
        explained by their report.
        """
        if own := getattr(self.module, "explainer", None):
            made: Explainer = own(manifest, read, self.options, facts)
            return made
        from ._explain_by_report import ReportExplainer

        compiled = self.module.compile_files(manifest, read, self.options)
        return ReportExplainer(self.kind, self.profile, manifest, read, compiled)


def placed(findings: Iterable[Finding], where: str) -> tuple[Finding, ...]:
    """``findings``, those that name no place being about ``where``."""
    return tuple(dataclasses.replace(found, where=found.where or where) for found in findings)


def pages_of(manifest: Manifest, profile: str) -> Mapping[str, File]:
    """The files of one profile by what rules call them: ``en/404.html``."""
    start = f"pages/{profile}/"
    return {file.path.removeprefix(start): file for file in manifest.files if file.path.startswith(start)}

"""Check: make the sites in memory and say what is wrong with them, before anybody is shown it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import settings as settings_file
from ..errors import Fault, InvalidInput
from ..model import Finding, Severity
from .build import choose, silent

if TYPE_CHECKING:
    from ..catalog import Catalog
    from ..catalog.completeness import Completeness
    from ..checks import Subject
    from ..settings import Settings, SiteSettings
    from ..settings.lines import KeyLines
    from .site import SiteOutput

BUILD_FINDINGS: Mapping[str, tuple[Severity, str]] = {
    "brand-not-shown": ("warning", "A logo, tagline or colour that the theme does not show is on no page."),
    "build": ("error", "What stops the build of a site, so that no check sees its pages; it cannot be switched off."),
    "contrast": (
        "error",
        "Text needs 4.5:1 and lines that mean something 3:1, in light and in dark, to be seen by people with low "
        "vision, and by all in the sun (WCAG 1.4.3, 1.4.11).",
    ),
    "contrast-unknown": ("warning", "Colours that theme.yaml compares and that the stylesheet does not have."),
    "interface-incomplete": (
        "warning",
        "A page is in one language; a language that lacks strings of the interface has no pages until it has them.",
    ),
    "language-stands-in": ("info", "Pages of a language that there are no texts in are in one that is near to it."),
    "logo-too-large": ("warning", "With this logo pages have more than 10,000 bytes."),
    "not-in-language": ("warning", "A tagline, or what still works, that only some of a site's languages have."),
    "scope-hidden": ("warning", "The first scope that a request is in decides; one that others cover never counts."),
    "untranslated": ("warning", "Entries without texts in a language are answered by a wider page there."),
}
"""What a build itself says, by id: severity and what it is about. Switched off like what checks find.

What an edge says has the edge's kind before it, ``cloudflare-unserved``; only the edge knows what there is.
"""

_SEVERITIES = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """One id that a site does not want to hear of, why, and how many findings that left out."""

    site: str
    id: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class CheckedSite:
    """What there is to say of one site, errors first.

    Where it could not be ``made``, that is all there is: its pages have not been checked, nothing is switched off.
    ``exactness`` has the figures of a simulation, by the folder of each edge that can be simulated.
    """

    site: str
    pages: int
    findings: tuple[Finding, ...]
    switched_off: tuple[SwitchedOff, ...]
    languages: tuple[Completeness, ...]
    exactness: Mapping[str, Mapping[str, Any]]
    made: bool = True


def check(
    project: Path,
    *,
    sites: Sequence[str] = (),
    traffic: Path | None = None,
    report: Callable[[str], None] = silent,
) -> tuple[CheckedSite, ...]:
    """Check the named sites, or all. Writes nothing. What stops one site's build is a finding, and the others go on.

    Raises InvalidInput for what no site can be made with, UsageError for a site that is not there, and see ``choose``.
    """
    from . import site as site_maker

    settings = settings_file.load(project)
    lines = settings.lines()
    chosen = choose(settings, sites, traffic)
    _require_known_ids(chosen)
    report("reading the catalog")
    catalog = site_maker.load_catalog(settings)
    done = []
    for one in chosen:
        try:
            output = site_maker.make(settings, one, catalog, report=report)
        except InvalidInput as error:
            checked = CheckedSite(one.site.name, 0, _in_order(stopping(error)), (), (), {}, made=False)
        else:
            checked = _check_site(settings, output, catalog, report)
        done.append(replace(checked, findings=tuple(_with_line(finding, lines) for finding in checked.findings)))
    return tuple(done)


def known_ids() -> dict[str, tuple[Severity, str]]:
    """Every id but those of edges, sorted, with its usual severity and a sentence that says what it is about."""
    from ..checks import all_checks

    return dict(sorted({**{one.id: (one.severity, one.why) for one in all_checks()}, **BUILD_FINDINGS}.items()))


def errors_of(
    settings: Settings, output: SiteOutput, catalog: Catalog, proceed: Callable[[], None]
) -> tuple[Finding, ...]:
    """What checks find in a site that keeps it from being published, beside what its build has found already.

    ``proceed`` is called before each page is read and before each check, and may raise.
    """
    from ..checks import all_checks

    def read(path: str) -> bytes:
        proceed()
        return output.read(path)

    subject = _subject(settings, output, catalog, read, silent)
    checks = [one for one in all_checks() if one.severity == "error" and one.id not in output.settings.check.off]
    found: dict[Finding, None] = {}
    for one in checks:
        proceed()
        found |= dict.fromkeys(finding for finding in one.run(subject) if finding.severity == "error")
    return tuple(_with_line(one, settings.lines()) for one in found if one not in output.findings)


def _subject(
    settings: Settings,
    output: SiteOutput,
    catalog: Catalog,
    read: Callable[[str], bytes],
    report: Callable[[str], None],
) -> Subject:
    from ..checks import Subject

    return Subject(
        project=settings.project,
        catalog_folders=settings.catalog_folders,
        template_folders=settings.template_folders,
        settings=output.settings,
        catalog=catalog,
        texts=output.texts,
        manifest=output.manifest,
        read=read,
        report=report,
    )


def _check_site(settings: Settings, output: SiteOutput, catalog: Catalog, report: Callable[[str], None]) -> CheckedSite:
    from ..checks import all_checks

    site = output.settings
    subject = _subject(settings, output, catalog, output.read, report)
    found = list(output.findings)
    for one in all_checks():
        report(f"{site.site.name}: {one.id}")
        found += one.run(subject)
    exactness = {}
    for edge in output.edges:
        if proof := edge.compiled.proof:
            exactness[edge.folder] = proof.figures
            found += proof.findings
    off = site.check.off
    counts = {name: sum(finding.id == name for finding in found) for name in off}
    return CheckedSite(
        site.site.name,
        len(output.manifest.files),
        _in_order(finding for finding in found if finding.id not in off),
        tuple(SwitchedOff(site.site.name, name, off[name], counts[name]) for name in sorted(off)),
        subject.completeness,
        exactness,
    )


def stopping(error: InvalidInput) -> Iterable[Finding]:
    """What stopped the build of a site, each thing once, under the id of the check that is about the same."""
    for fault in dict.fromkeys(error.faults):
        yield Finding(error.check or "build", "error", fault.message, fault.where, error.hint)


def _with_line(finding: Finding, lines: KeyLines) -> Finding:
    return replace(finding, where=lines.placed(finding.where)) if finding.where else finding


def _in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda one: (_SEVERITIES.index(one.severity), one.id)))


def _require_known_ids(sites: Iterable[SiteSettings]) -> None:
    from ..edges import kinds
    from ..validation import near_miss

    known = known_ids()
    of_edges = tuple(f"{kind}-" for kind in kinds())
    faults = [
        Fault(f"{one.where}.check.off.{name}", f"there is no check of that name{near_miss(name, known)}")
        for one in sites
        for name in one.check.off
        if name not in known and not name.startswith(of_edges)
    ]
    if faults:
        raise InvalidInput(faults, hint="errgen check prints the id of each finding in brackets")

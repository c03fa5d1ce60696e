"""The manifest: every page of one site with its digest, and the neutral rules that say which answer gets which page.

Everything downstream of rendering reads this and nothing else. Standard library only, because an unchanged build and
every command that publishes begin by reading one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ._manifest_reader import Reader, WrongShapeError
from .errors import Fault, InvalidInput
from .model import (
    EXTENSIONS,
    MAINTENANCE,
    MEDIA_TYPES,
    Codes,
    File,
    Format,
    Manifest,
    Page,
    Rule,
    Scope,
    Site,
    contains,
)

SCHEMA_VERSION = 1
SCHEMA_FILE = Path(__file__).parent / "schemas" / "manifest.schema.json"
ALL_FORMATS: tuple[Format, ...] = tuple(EXTENSIONS)
"""In the order of rules."""


def build(pages: Iterable[Page], site: Site) -> Manifest:
    """The manifest of ``pages``: files by path, rules in the order in which the first match wins.

    Rules come by language (the site's order), then format, then the page for planned work, own pages, families and
    catch-alls, so that a code without a page of its own in some language meets its family's rule there.

    Raises InvalidInput where two pages claim one path.
    """
    claimed: dict[str, Page] = {}
    faults = []
    for page in pages:
        if page.path in claimed:
            message = f"claims the file pages/{page.path}, as {claimed[page.path].entry.source} does"
            faults.append(Fault(str(page.entry.source), message))
        else:
            claimed[page.path] = page
    if faults:
        raise InvalidInput(faults, hint="give one of the two another code or another family key")
    files = tuple(_file(claimed[path]) for path in sorted(claimed))
    rules = _rules(claimed.values(), site.languages)
    content = _content(site.name, site.theme, site.languages, files, rules, site.scopes)
    return Manifest(site.name, site.theme, site.languages, files, rules, _digest(content), site.scopes)


def page_key(page: str) -> tuple[str, str]:
    """The language and the key in a rule's ``page``: ``en/404.problem.json`` is of ``en`` and ``404``."""
    language, _, name = page.partition("/")
    return language, name.partition(".")[0]


def is_own_page(rule: Rule) -> bool:
    """Whether the rule's page is one code's own and not a family's."""
    return page_key(rule.page)[1].isdecimal()


def is_catch_all(rule: Rule) -> bool:
    """Whether the rule stands for a whole range, like 400..499 or 1000..1999, whatever else names codes of it."""
    return len(rule.codes) == 1 and rule.codes[0][0] % 100 == 0 and rule.codes[0][1] - rule.codes[0][0] >= 99


def first_match(manifest: Manifest, code: int, format: Format, language: str) -> Rule | None:  # noqa: A002
    """The rule that decides for ``code`` in this format and language when no planned work is announced.

    None where no page stands for it.
    """
    for rule in manifest.rules:
        if not rule.maintenance and rule.format == format and rule.language == language and contains(rule.codes, code):
            return rule
    return None


def dumps(manifest: Manifest) -> bytes:
    """``manifest`` as JSON: sorted keys, indented by two, a final newline; the same bytes for the same manifest."""
    content = _content(
        manifest.site, manifest.theme, manifest.languages, manifest.files, manifest.rules, manifest.scopes
    )
    content["release"] = manifest.release
    return (json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def loads(data: bytes, where: str = "manifest.json") -> Manifest:
    """The manifest in ``data``; ``where`` names the file in messages.

    Raises InvalidInput where it is not JSON, has another schema version, lacks something, or is not what its
    ``release`` says it is.
    """
    try:
        raw = json.loads(data.decode())
    except ValueError as error:  # includes undecodable bytes
        raise _invalid(where, f"is not JSON: {error}") from None
    if not isinstance(raw, dict):
        raise _invalid(where, "is not a JSON object")
    version = raw.get("schema_version")
    if version != SCHEMA_VERSION:
        raise _invalid(where, f"has the schema version {version!r}, and this errgen reads {SCHEMA_VERSION}")
    try:
        manifest = Reader(raw).manifest()
    except WrongShapeError as wrong:
        raise _invalid(f"{where}: {wrong.path}", wrong.message) from None
    content = {key: value for key, value in raw.items() if key != "release"}
    if _digest(content) != manifest.release:
        raise _invalid(f"{where}: release", "is not the digest of the rest, so the file was changed after it was built")
    return manifest


def _invalid(where: str, message: str) -> InvalidInput:
    return InvalidInput([Fault(where, message)], hint="make it anew with: errgen build")


def _file(page: Page) -> File:
    return File(
        path=f"pages/{page.path}",
        sha256=hashlib.sha256(page.content).hexdigest(),
        bytes=len(page.content),
        media_type=MEDIA_TYPES[page.format],
        format=page.format,
        language=page.language,
        profile=page.profile,
        key=page.entry.key,
        code=page.entry.code,
        csp=page.csp,
    )


def _rules(pages: Iterable[Page], languages: tuple[str, ...]) -> tuple[Rule, ...]:
    """One rule per page, whatever profiles it was made for: those differ in what an edge fills in, not in when."""
    rules: dict[tuple[int, int, int, Codes, str], Rule] = {}
    for page in pages:
        entry = page.entry
        maintenance = entry.key == MAINTENANCE
        rank = -1 if maintenance else 2 if entry.catch_all else 1 if entry.code is None else 0
        place = (languages.index(page.language), ALL_FORMATS.index(page.format), rank, entry.codes, entry.key)
        rules[place] = Rule(
            codes=entry.codes,
            origin=entry.origin,
            format=page.format,
            language=page.language,
            page=page.path.partition("/")[2],
            weight=entry.weight,
            status=entry.serve_status,
            retry_after=entry.retry_after,
            maintenance=maintenance,
        )
    return tuple(rules[place] for place in sorted(rules))


def _content(
    site: str,
    theme: str,
    languages: tuple[str, ...],
    files: tuple[File, ...],
    rules: tuple[Rule, ...],
    scopes: tuple[Scope, ...],
) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "site": site,
        "theme": theme,
        "languages": list(languages),
        "files": [_file_content(file) for file in files],
        "rules": [_rule_content(rule) for rule in rules],
        **({"scopes": [scope_content(scope) for scope in scopes]} if scopes else {}),
    }


def _file_content(file: File) -> dict[str, Any]:
    return {
        "path": file.path,
        "sha256": file.sha256,
        "bytes": file.bytes,
        "media_type": file.media_type,
        "format": file.format,
        "language": file.language,
        "profile": file.profile,
        **({"family": file.key} if file.code is None else {"code": file.code}),
        **({"csp": {name: list(sources) for name, sources in file.csp.items()}} if file.csp else {}),
    }


def _rule_content(rule: Rule) -> dict[str, Any]:
    content: dict[str, Any] = {
        "codes": _codes_content(rule.codes),
        "origin": rule.origin,
        "format": rule.format,
        "language": rule.language,
        "page": rule.page,
        "weight": rule.weight,
    }
    if rule.status is not None:
        content["status"] = rule.status
    if rule.retry_after is not None:
        content["retry_after"] = rule.retry_after
    if rule.maintenance:
        content["maintenance"] = True
    return content


def scope_content(scope: Scope) -> dict[str, Any]:
    """A scope as files have it. An absent key is every host or every path."""
    content: dict[str, Any] = {"format": scope.format}
    if scope.hosts:
        content["hosts"] = list(scope.hosts)
    if scope.paths:
        content["paths"] = list(scope.paths)
    return content


def _codes_content(codes: Codes) -> list[int | str]:
    return [low if low == high else f"{low}..{high}" for low, high in codes]


def _digest(content: Mapping[str, Any]) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()

"""The manifest -> what Cloudflare needs: custom error rules in order, the assets they name, and a report."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

from ...model import Compiled, Finding, Manifest
from .._edge import Read
from .delivery import Delivery
from .maintenance import Mode, announce, announced_report, usual_mode
from .options import Options
from .proof import prove
from .report import findings_of, report_of
from .retry_after import in_company, retry_after
from .rules import Asset
from .selection import select
from .terraform import module


@dataclass(frozen=True, slots=True)
class CloudflareRules:
    """What to publish: ``rules`` in order, without foreign ones, and the assets that they name.

    ``announced`` is the same release while planned work is announced. ``headers`` are rules for response headers, as
    usual, and ``announced_headers`` while planned work is announced.
    """

    rules: tuple[dict[str, Any], ...]
    assets: tuple[Asset, ...]
    report: dict[str, Any]
    findings: tuple[Finding, ...]
    announced: Mode
    headers: tuple[dict[str, Any], ...] = ()
    announced_headers: tuple[dict[str, Any], ...] = ()


def compile_files(manifest: Manifest, read: Read, options: Options) -> Compiled:
    """``ruleset.json``, ``ruleset.maintenance.json`` where the site has that page, ``assets.json``, ``report.json``.

    Where the options ask for Retry-After, ``ruleset.headers.json`` and the same for planned work. And all but planned
    work as ``terraform.tf.json``, where there are rules at all.
    """
    compiled = compile_rules(manifest, read, options)
    proof = prove(manifest, read, options, compiled.rules, compiled.assets)
    assets = [{"name": one.name, "page": one.page_path, "sha256": one.sha256} for one in compiled.assets]
    files = {
        "ruleset.json": _json({"rules": list(compiled.rules)}),
        "assets.json": _json(assets),
        "report.json": _json({**compiled.report, "exactness": proof.figures}),
    }
    if compiled.rules:
        files["terraform.tf.json"] = _json(
            module(manifest.site, compiled.rules, compiled.headers, compiled.assets, options, options.pages)
        )
    if compiled.announced.obstacle is None:
        files["ruleset.maintenance.json"] = _json({"rules": list(compiled.announced.rules)})
    if options.retry_after:
        files["ruleset.headers.json"] = _json({"rules": list(compiled.headers)})
        if compiled.announced.obstacle is None:
            files["ruleset.headers.maintenance.json"] = _json({"rules": list(compiled.announced_headers)})
    return Compiled(files, compiled.findings, proof)


def compile_rules(manifest: Manifest, read: Read, options: Options) -> CloudflareRules:
    """The rules and assets of a site within the limits of ``options``.

    ``read`` gives a page's bytes by its path in the manifest. Deterministic; what is not served as it could be is in
    the report with the reason.
    """
    delivery = Delivery.of(manifest, read, options)
    selection = select(manifest, delivery, options)
    usual = usual_mode(delivery, selection.default, selection.further)
    announced = announce(delivery, usual)
    report = report_of(manifest, options, selection, usual.rules, len(usual.assets))
    findings = findings_of(manifest, options, selection, report)
    report["maintenance"] = announced_report(usual.allocation, announced, options.quota.rules)
    waits = retry_after(manifest.site, options, usual, announced)
    report["retry_after"] = waits.report
    if announced.obstacle is None:
        report["maintenance"]["retry_after"] = waits.announced_report
    return CloudflareRules(
        in_company(usual.rules, waits.rules),
        usual.assets,
        report,
        (*findings, *waits.findings),
        dataclasses.replace(announced, rules=in_company(announced.rules, waits.announced)),
        waits.rules,
        waits.announced,
    )


def _json(content: object) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()

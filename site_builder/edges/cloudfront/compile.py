"""The manifest -> the parts of a distribution's configuration, for the API and for Terraform, and a report."""

from __future__ import annotations

import json

from ...model import Compiled, Manifest
from .access import bucket_policy, cache_behavior
from .options import Options
from .report import findings_of, report_of
from .responses import announced_responses, custom_error_responses, responses_of
from .terraform import module


def compile_files(manifest: Manifest, options: Options) -> Compiled:
    """Everything below ``edges/cloudfront/``. No page is among it: the host has them, at the paths named here."""
    responses = responses_of(manifest, options)
    contents = {
        "bucket_policy.json": bucket_policy(manifest.site, options),
        "cache_behavior.json": cache_behavior(manifest.site, options),
        "custom_error_responses.json": custom_error_responses(responses),
        "report.json": report_of(manifest, options, responses),
        "terraform.tf.json": module(manifest.site, responses, options),
    }
    if announced := announced_responses(manifest, options):
        contents["custom_error_responses.maintenance.json"] = custom_error_responses(announced)
    files = {name: _json(content) for name, content in contents.items()}
    return Compiled(files, findings_of(manifest, options, responses))


def _json(content: object) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()

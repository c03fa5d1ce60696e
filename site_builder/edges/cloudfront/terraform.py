"""The same for Terraform: a module without resources, whose outputs are put into a distribution of the user's own.

Error responses and behaviors are blocks of ``aws_cloudfront_distribution`` and no resources of their own. So a file can
neither add them to a distribution that is written elsewhere, nor overlay that without replacing its other blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .access import CACHING_OPTIMIZED, METHODS, distribution_arn, origin_id, pages_arn, path_pattern, statement_id
from .options import Options
from .responses import Response


def usage(site: str) -> list[str]:
    """How to use the module, in Terraform's own language, line by line."""
    module = f"module.errgen_{site}"
    response = ("error_code", "response_code", "response_page_path", "error_caching_min_ttl")
    behavior = (
        "path_pattern",
        "target_origin_id",
        "viewer_protocol_policy",
        "allowed_methods",
        "cached_methods",
        "cache_policy_id",
        "compress",
    )
    return [
        f'module "errgen_{site}" {{',
        '  source           = "./cloudfront" # this folder',
        "  bucket           = aws_s3_bucket.pages.id",
        "  distribution_arn = aws_cloudfront_distribution.main.arn",
        "}",
        "",
        "# in aws_cloudfront_distribution.main, this behavior before every other that takes the same addresses:",
        *_dynamic("ordered_cache_behavior", f"[{module}.ordered_cache_behavior]", behavior),
        *_dynamic("custom_error_response", f"{module}.custom_error_responses", response),
        "",
        "# in the aws_iam_policy_document of the bucket's policy:",
        f"source_policy_documents = [{module}.bucket_policy]",
    ]


def _dynamic(block: str, values: str, arguments: Sequence[str]) -> list[str]:
    width = max(map(len, arguments))
    return [
        f'dynamic "{block}" {{',
        f"  for_each = {values}",
        "  content {",
        *(f"    {argument:{width}} = {block}.value.{argument}" for argument in arguments),
        "  }",
        "}",
    ]


def module(site: str, responses: Sequence[Response], options: Options) -> dict[str, Any]:
    """``terraform.tf.json``, with the names of arguments of Terraform's provider ``hashicorp/aws``."""
    return {
        "//": "A module without resources. How to use it stands in report.json, under terraform.",
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}},
        "variable": {
            "bucket": _variable("The name of the bucket that holds the pages.", options.bucket),
            "distribution_arn": _variable(
                "The ARN of the distribution that reads them.",
                distribution_arn(options) if options.aws_account and options.distribution else None,
            ),
            "origin_id": _variable("The id of the bucket's origin in the distribution.", origin_id(site, options)),
        },
        "data": {"aws_iam_policy_document": {"pages": {"statement": _statement(site, options)}}},
        "output": {
            "custom_error_responses": _output(
                "One custom_error_response block for each.", [_response(one) for one in responses]
            ),
            "ordered_cache_behavior": _output("The ordered_cache_behavior block of the pages.", _behavior(options)),
            "bucket_policy": _output(
                "What the bucket's policy has to allow.", "${data.aws_iam_policy_document.pages.json}"
            ),
        },
    }


def _variable(description: str, default: str | None) -> dict[str, str]:
    return {"type": "string", "description": description, **({"default": default} if default else {})}


def _output(description: str, value: object) -> dict[str, object]:
    return {"description": description, "value": value}


def _response(response: Response) -> dict[str, Any]:
    return {
        "error_code": response.code,
        "response_code": response.status,
        "response_page_path": response.path,
        "error_caching_min_ttl": response.caching_seconds,
    }


def _behavior(options: Options) -> dict[str, Any]:
    return {
        "path_pattern": path_pattern(options),
        "target_origin_id": "${var.origin_id}",
        "viewer_protocol_policy": "allow-all",
        "allowed_methods": list(METHODS),
        "cached_methods": list(METHODS),
        "cache_policy_id": CACHING_OPTIMIZED,
        "compress": True,
    }


def _statement(site: str, options: Options) -> dict[str, Any]:
    return {
        "sid": statement_id(site),
        "effect": "Allow",
        "principals": {"type": "Service", "identifiers": ["cloudfront.amazonaws.com"]},
        "actions": ["s3:GetObject"],
        "resources": [pages_arn("${var.bucket}", options)],
        "condition": {"test": "StringEquals", "variable": "AWS:SourceArn", "values": ["${var.distribution_arn}"]},
    }

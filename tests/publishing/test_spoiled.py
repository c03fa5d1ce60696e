from __future__ import annotations

from dataclasses import replace

import pytest

from site_builder.model import Finding
from site_builder.publishing.expected import Expected, Probe
from site_builder.publishing.reply import Reply
from site_builder.publishing.spoiled import findings, spoilers
from site_builder.rendering.csp import csp_of

PAGE = b"<html lang=en><style>p{color:red}</style><script>let a</script><p>Hello"
HASHES = csp_of(PAGE)
STYLE, SCRIPT = f"'{HASHES['style-src'][0]}'", f"'{HASHES['script-src'][0]}'"
WANTED = Expected(
    "page",
    "html",
    "own",
    503,
    "text/html",
    "pages/cloudflare/pt-BR/503.html",
    PAGE,
    page_wait=120,
    keeps_headers=True,
    by_website=True,
)


def found(status: int = 503, wanted: Expected = WANTED, /, **headers: str | tuple[str, ...]) -> list[tuple[str, str]]:
    """What is said, and what the policy has to allow, for an answer with these headers."""
    lines = {name.replace("_", "-"): value if isinstance(value, tuple) else (value,) for name, value in headers.items()}
    made = spoilers(wanted, Reply(status, "text/html", PAGE, lines))
    return [(one.fact, " ".join(one.sources)) for one in made]


def blocks(part: str, said: str, source: str) -> tuple[str, str]:
    return f"the Content-Security-Policy blocks the page's {part} ({said})", source


NO_STYLE, NO_SCRIPT = blocks("style", "style-src 'self'", STYLE), blocks("script", "script-src 'self'", SCRIPT)


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("", []),
        ("frame-ancestors 'none'; upgrade-insecure-requests", []),
        ("default-src 'self'", [blocks("style", "default-src 'self'", STYLE),
                                blocks("script", "default-src 'self'", SCRIPT)]),
        ("STYLE-SRC 'self';script-src 'self'", [NO_STYLE, NO_SCRIPT]),
        ("style-src 'self'; style-src 'unsafe-inline'", [NO_STYLE]),
        ("default-src 'none'; style-src 'unsafe-inline'; script-src 'Unsafe-Inline'", []),
        (f"default-src 'none'; style-src {STYLE}; script-src {SCRIPT}", []),
        (f"style-src {SCRIPT} 'unsafe-inline'", [blocks("style", f"style-src {SCRIPT} 'unsafe-inline'", STYLE)]),
        ("script-src 'unsafe-inline' 'nonce-x'", [blocks("script", "script-src 'unsafe-inline' 'nonce-x'", SCRIPT)]),
        ("style-src 'self'; style-src-elem 'unsafe-inline'", []),
        ("script-src 'unsafe-inline', style-src 'self'", [NO_STYLE]),
        (("script-src 'self'", "style-src 'self'"), [NO_SCRIPT, NO_STYLE]),
    ],
)  # fmt: skip
def test_a_policy_of_the_website_that_blocks_the_page(
    policy: str | tuple[str, ...], said: list[tuple[str, str]]
) -> None:
    assert found(content_security_policy=policy) == said


def test_a_policy_that_only_reports_blocks_nothing() -> None:
    assert found(content_security_policy_report_only="default-src 'none'") == []


@pytest.mark.parametrize(
    ("status", "value", "spoils"),
    [
        (503, "public", True),
        (503, "max-age=60", True),
        (503, 'private, Max-Age="060"', True),
        (503, "s-maxage=1", True),
        (429, "public, max-age=31536000, immutable", True),
        (404, "public, max-age=600", False),
        (503, "max-age=0", False),
        (503, "max-age=0, s-maxage=00", False),
        (503, "private", False),
        (503, "no-store, max-age=60", False),
        (503, "no-cache, public", False),
        (503, "", False),
    ],
)
def test_failures_that_caches_may_keep(status: int, value: str, spoils: bool) -> None:
    fact = f"Cache-Control: {value} lets caches keep the failure when it is over"
    assert found(status, cache_control=value) == ([(fact, "")] if spoils else [])


@pytest.mark.parametrize(
    ("value", "said"),
    [("120", []), ("Sat, 21 Nov 2026 09:00:00 GMT", []), ("", []),
     ("3600", [("Retry-After: 3600 is sent with a page that says 120 seconds", "")])],
)  # fmt: skip
def test_seconds_that_are_not_those_of_the_page(value: str, said: list[tuple[str, str]]) -> None:
    assert found(retry_after=value) == said
    assert found(503, replace(WANTED, page_wait=None), retry_after=value) == []
    assert found(503, replace(WANTED, by_website=False), retry_after=value) == []


def test_headers_of_the_answer_that_the_page_took_the_place_of() -> None:
    headers = {
        "location": "/login",
        "refresh": "5",
        "content_disposition": "attachment",
        "link": "</a.css>; rel=preload",
        "etag": '"1"',
        "last_modified": "Sat, 21 Nov 2026 09:00:00 GMT",
        "content_language": "en, de",
    }
    language = ("Content-Language: en, de is sent with a page in pt-BR", "")
    assert found(**headers) == [
        language,
        ("Location: /login sends programs that follow it away from the page", ""),
        ("Refresh: 5 has browsers leave the page", ""),
        ("Content-Disposition: attachment has browsers store the page instead of showing it", ""),
        (
            "Link: </a.css>; rel=preload is about the page that was asked for, and has browsers load what the error "
            "page does not use",
            "",
        ),
        ('ETag: "1" is of the page that was asked for, so that a cache may take the error for it', ""),
        (
            "Last-Modified: Sat, 21 Nov 2026 09:00:00 GMT is of the page that was asked for, so that a cache may take "
            "the error for it",
            "",
        ),
    ]
    assert found(503, replace(WANTED, keeps_headers=False), **headers) == [language]
    assert found(content_language="de, PT-br") == []
    assert found(503, replace(WANTED, kind="passed"), cache_control="public", **headers) == []


def test_each_thing_is_said_once_with_all_of_its_codes() -> None:
    policy = {"content-security-policy": ("style-src 'none'",)}
    seen = []
    for code, style in [(503, b"<style>a{}</style>"), (404, b"<style>b{}</style>"), (502, b"<style>a{}</style>")]:
        reply = Reply(code, "text/html", style, policy)
        seen += [(Probe(code, "origin", "browser", ()), one) for one in spoilers(WANTED, reply)]
    sources = " ".join(
        sorted(f"'{csp_of(style)['style-src'][0]}'" for style in (b"<style>a{}</style>", b"<style>b{}</style>"))
    )
    assert findings("cloudflare zone x", seen) == (
        Finding(
            "verify-csp",
            "warning",
            "the Content-Security-Policy blocks the page's style (style-src 'none') (with 404 502..503)",
            "cloudflare zone x",
            f"let the website's errors go without that policy, or allow the page in style-src: {sources}",
        ),
    )

"""Tables typed by hand from what the catalog has to meet, so that a slip in the catalog cannot hide in its own data.

Sources: Cloudflare's page "Error responses" (developers.cloudflare.com/fundamentals/reference/error-responses/) for
categories, retry times, names and titles of structured answers; Cloudflare's pages on 5xx and 1xxx errors for which
codes exist; the IANA HTTP Status Code Registry for codes and phrases.
"""

from __future__ import annotations

from collections.abc import Mapping

CATEGORIES_5XX: Mapping[str, tuple[int, ...]] = {
    "origin": (502, 504, 520, 521, 522, 523, 524),
    "cloudflare": (500,),
    "ssl": (525, 526),
}
"""Table "5xx error categories"."""

CATEGORIES_1XXX: Mapping[str, tuple[int, ...]] = {
    "access_denied": (1005, 1006, 1007, 1008, 1010, 1012, 1106, 1107, 1108, 1109),
    "rate_limit": (1015, 1025, 1027, 1200),
    "dns": (1001, 1016),
    "config": (1004, 1014, 1033, 1043, 1047, 1049),
    "tls": (1017, 1028, 1029, 1044),
    "legal": (1026, 1039),
    "worker": (1042, 1100, 1101, 1102, 1103, 1104, 1105),
    "rewrite": (1036, 1037),
    "snippet": (1201, 1202, 1203, 1204, 1205, 1206),
    "unsupported": (1045,),
}
"""Table "1xxx error categories"; its codes are examples."""

RETRY_AFTER_5XX: Mapping[int, int | None] = {
    500: 30,
    502: 60,
    504: 120,
    520: 60,
    521: 120,
    522: 120,
    523: 120,
    524: 120,
    525: None,
    526: None,
}
"""Table "5xx Retry-After values", in seconds. None is "N/A (not retryable)"."""

RETRY_AFTER_1XXX: Mapping[int, tuple[int, str]] = {
    1004: (120, "DNS resolution error"),
    1015: (30, "Rate limited"),
    1033: (120, "Argo Tunnel error"),
    1038: (60, "HTTP headers limit exceeded"),
    1200: (60, "Cache connection limit"),
    1205: (5, "Too many redirects"),
}
"""Table "1xxx Retry-After values": seconds and "Error name". No other 1xxx code is retryable."""

ERROR_NAMES: Mapping[int, str] = {522: "connection_timeout", 1015: "rate_limited"}
"""The names that the page prints: in the example, and in the description of ``error_name``."""

TITLES: Mapping[int, str] = {522: "Connection timed out"}
"""The title that the page's example prints, without "Error 522: "."""

HTTP_PHRASES: Mapping[int, str] = {
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    409: "Conflict",
    410: "Gone",
    411: "Length Required",
    412: "Precondition Failed",
    413: "Content Too Large",
    414: "URI Too Long",
    415: "Unsupported Media Type",
    416: "Range Not Satisfiable",
    417: "Expectation Failed",
    418: "Unused",  # "(Unused)" in the registry
    421: "Misdirected Request",
    422: "Unprocessable Content",
    423: "Locked",
    424: "Failed Dependency",
    425: "Too Early",
    426: "Upgrade Required",
    428: "Precondition Required",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    451: "Unavailable For Legal Reasons",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    505: "HTTP Version Not Supported",
    506: "Variant Also Negotiates",
    507: "Insufficient Storage",
    508: "Loop Detected",
    510: "Not Extended",  # "Not Extended (OBSOLETED)" in the registry
    511: "Network Authentication Required",
}
"""Every registered status of 4xx and 5xx with its phrase."""

CLOUDFLARE_5XX = (520, 521, 522, 523, 524, 525, 526, 527, 530)
"""The statuses that only Cloudflare uses."""

CLOUDFLARE_1XXX = (
    *(1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015, 1016, 1017),
    *(1018, 1019, 1020, 1021, 1022, 1023, 1024, 1025, 1026, 1027, 1028, 1029, 1033, 1034, 1035, 1036, 1037, 1038),
    *(1039, 1040, 1041, 1042, 1043, 1044, 1045, 1047, 1049),
    *(1100, 1101, 1102, 1103, 1104, 1105, 1106, 1107, 1108, 1109),
    *(1200, 1201, 1202, 1203, 1204, 1205, 1206),
)
"""Every known 1xxx code."""

"""Problem details as XML (``application/problem+xml``; RFC 9457, appendix B): the members of the JSON, in its order."""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from ..model import Profile
from .problem import Value

NAMESPACE = "urn:ietf:rfc:7807"
"""RFC 9457 keeps the namespace of the specification that it replaces."""


def dumps(values: Mapping[str, Value], profile: Profile, lang: str) -> bytes:
    """``values`` as XML in UTF-8. Text that looks like a token is escaped, the profile's tokens are live."""
    lines = []
    for name, value in values.items():
        text = escape(("true" if value else "false") if isinstance(value, bool) else str(value))
        live = name in ("instance", "ray_id") and value == profile.ray_id
        lines.append(f"  <{name}>{text if live else text.replace('::', '&#58;&#58;')}</{name}>\n")
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<problem xmlns="{NAMESPACE}" xml:lang={quoteattr(lang)}>\n'
    return f"{head}{''.join(lines)}</problem>\n".encode()

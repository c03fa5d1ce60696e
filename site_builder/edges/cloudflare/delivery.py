"""How a page gets to Cloudflare: as an asset that it fetches and stores, or in the rule itself.

JSON and Markdown are always in the rules. Where HTML goes, ``delivery`` of the edge's table says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ...model import File, Manifest, Rule
from .._edge import Read, pages_of
from .options import Options
from .rules import MOST_ASSET, MOST_CONTENT, Asset, asset_of, make_rule

AN_ASSET = "an asset"
INLINE_CONTENT = "inline content"


@dataclass(frozen=True, slots=True)
class Delivery:
    """The way of each page of one site. ``read`` gives a page's bytes, ``pages`` its file by what rules call it."""

    manifest: Manifest
    read: Read
    options: Options
    pages: Mapping[str, File]

    @classmethod
    def of(cls, manifest: Manifest, read: Read, options: Options) -> Delivery:
        """The delivery that ``options`` ask for."""
        return cls(manifest, read, options, pages_of(manifest, "cloudflare"))

    def by_asset(self, rule: Rule, *, inline_first: bool = False) -> bool:
        """Whether the rule's page needs an asset.

        ``inline_first`` is for a page that goes into its rule wherever it fits, unless all HTML has to.
        """
        if rule.format != "html" or self.options.delivery == "inline":
            return False
        fits = self.pages[rule.page].bytes <= MOST_CONTENT
        return not (fits and (inline_first or self.options.delivery == "auto"))

    def body(self, rule: Rule, *, inline_first: bool = False) -> Asset | bytes:
        """What the rule serves: the asset that it names, or the content that stands in it."""
        file = self.pages[rule.page]
        if self.by_asset(rule, inline_first=inline_first):
            return asset_of(self.manifest.site, rule.page, file)
        return self.read(file.path)

    def rule(self, rule: Rule, expression: str, body: Asset | bytes) -> dict[str, Any]:
        """The rule of Cloudflare that serves ``body`` where ``expression`` holds."""
        language = None if rule.language == self.manifest.languages[0] else rule.language
        return make_rule(self.manifest.site, rule, expression, body, language)

    def obstacle(self, rule: Rule, *, inline_first: bool = False) -> str | None:
        """Why Cloudflare would not take the rule's page; None where it would."""
        size = self.pages[rule.page].bytes
        asset = self.by_asset(rule, inline_first=inline_first)
        kind, most = (AN_ASSET, MOST_ASSET) if asset else (INLINE_CONTENT, MOST_CONTENT)
        return f"it has {size:,} bytes, and {kind} may have {most:,}" if size > most else None

    def too_large(self, rules: Iterable[Rule]) -> dict[str, str]:
        """The pages of ``rules`` that Cloudflare would not take, with the reason."""
        reasons = ((rule.page, self.obstacle(rule)) for rule in rules)
        return {page: reason for page, reason in reasons if reason}

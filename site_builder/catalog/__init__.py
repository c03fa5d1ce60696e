"""catalog/ -> Catalog: errors and families with their texts, languages and translations, every fault as file:line."""

from .contents import DEFAULT_LANGUAGE, PSEUDO_LANGUAGE, TEXT_FIELDS, Catalog, Translation
from .loading import load
from .prose import PROSE_FIELDS, link_problem, prose_problems

__all__ = [
    "DEFAULT_LANGUAGE",
    "PROSE_FIELDS",
    "PSEUDO_LANGUAGE",
    "TEXT_FIELDS",
    "Catalog",
    "Translation",
    "link_problem",
    "load",
    "prose_problems",
]

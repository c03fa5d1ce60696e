"""The language files of an overlay -> the words and texts of each language, with what stands in for missing ones.

A language that lacks something takes it from the others of its fallback chain that are written in the same script:
``de-AT`` from ``de``. So a project's de-AT.yaml holds only what Austrians say in another way. A string of the interface
that none of them has is taken from English and noted as borrowed: a build makes no pages in such a language, because a
page is in one language as a whole. An entry that lacks a text has no page of its own in the language: there its family
answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..errors import Fault
from ..languages import direction, fallback_chain, script
from ..model import Language
from .consistency import text_faults
from .contents import DEFAULT_LANGUAGE, TEXT_FIELDS, Translation, WrittenText
from .overlay import INTERFACE, Draft, LanguageDraft, Overlay

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_PLACEHOLDER = re.compile(r"\{([a-z_]*)\}")


@dataclass(slots=True)
class Localised:
    """By tag, what ``Catalog`` has under the same names."""

    languages: dict[str, Language] = field(default_factory=dict)
    translations: dict[str, dict[str, Translation]] = field(default_factory=dict)
    texts: dict[str, dict[str, WrittenText]] = field(default_factory=dict)
    borrowed: dict[str, tuple[str, ...]] = field(default_factory=dict)


def localise(overlay: Overlay, faults: list[Fault]) -> Localised:
    """Every language that the overlay has read. What is wrong with them is added to ``faults``."""
    drafts = {**overlay.entries, **overlay.families}
    english = overlay.languages.get(DEFAULT_LANGUAGE)
    known = {name: str(written.value) for name, written in english.first.items()} if english else {}
    made = Localised()
    for tag, draft in sorted(overlay.languages.items()):
        if not _TAG.fullmatch(tag):
            faults.append(Fault(str(draft.source), f"'{tag}' is not a language tag like en, de or pt-BR"))
            continue
        faults.extend(_interface_faults(draft.interface, known))
        if tag == DEFAULT_LANGUAGE:
            faults.extend(_english_faults(draft, known, drafts))
            strings = {name: str(value) for name, value in draft.interface.values.items()}
            made.languages[tag] = Language(tag, direction(tag), strings)
            continue
        faults.extend(_entry_faults(draft, drafts))
        made.texts[tag] = _texts(draft)
    own = dict(made.texts)
    for tag in own:
        _fill(tag, own, overlay, made)
    return made


def _interface_faults(interface: Draft, known: Mapping[str, str]) -> Iterator[Fault]:
    from .schema import unknown_key

    for name, written in interface.fields.items():
        text = written.value
        if name not in known:
            yield interface.fault(name, unknown_key(name, known))
        elif not isinstance(text, str) or not text.strip():
            yield interface.fault(name, "must be a text; put numbers and the words true, false and null in quotes")
        elif set(_PLACEHOLDER.findall(text)) != set(_PLACEHOLDER.findall(known[name])):
            expected = " and ".join(f"{{{name}}}" for name in sorted(set(_PLACEHOLDER.findall(known[name])))) or "none"
            yield interface.fault(name, f"must have the same placeholders as in English: {expected}")
    for name, source in interface.blank.items():
        if name not in known:
            yield Fault(str(source), f"{INTERFACE}.{name}: {unknown_key(name, known)}")


def _english_faults(english: LanguageDraft, known: Mapping[str, str], entries: Mapping[str, Draft]) -> Iterator[Fault]:
    """English has every string, and its errors stand in http.yaml and the files beside it."""
    from .schema import unknown_key

    for key, draft in english.entries.items():
        message = unknown_key(key, [INTERFACE])
        if key in entries:
            message = f"English texts of errors stand in a file of catalog/ itself; here is only {INTERFACE}"
        yield Fault(str(draft.source), f"{key}: {message}")
    missing = [name for name in known if name not in english.interface.fields]
    if missing:
        yield Fault(str(english.interface.source), f"{INTERFACE}: lacks {', '.join(missing)}")


def _entry_faults(language: LanguageDraft, known: Mapping[str, Draft]) -> Iterator[Fault]:
    from .schema import TranslatedTexts, unknown_key, validated

    for key, draft in language.entries.items():
        if key not in known:
            yield Fault(str(draft.source), f"{key}: {unknown_key(key, [*known, INTERFACE])}")
            continue
        values = {**dict.fromkeys(draft.blank), **draft.values}
        texts = validated(TranslatedTexts, values)
        if isinstance(texts, list):
            for name, message in texts:
                where = draft.blank[name] if name in draft.blank else draft.where(name)
                yield Fault(str(where), f"{key}.{name}: {message}")
    yield from text_faults(language.entries)


def _texts(language: LanguageDraft) -> dict[str, WrittenText]:
    """Every text of the file by its name, blank ones too."""
    texts = {}
    for draft in (language.interface, *language.entries.values()):
        for name, source in draft.blank.items():
            texts[f"{draft.key}.{name}"] = WrittenText("", source)
        for name, written in draft.fields.items():
            texts[f"{draft.key}.{name}"] = WrittenText(str(written.value), written.source)
    return texts


def _fill(tag: str, own: Mapping[str, Mapping[str, WrittenText]], overlay: Overlay, made: Localised) -> None:
    """Fill one language's gaps from the languages that may stand in for it, and note what they had not either."""
    chain = [one for one in fallback_chain(tag, [*own, DEFAULT_LANGUAGE]) if one == tag or script(one) == script(tag)]
    english = _english(overlay) if DEFAULT_LANGUAGE in chain else {}
    layers = [english if one == DEFAULT_LANGUAGE else own[one] for one in chain]
    texts: dict[str, WrittenText] = {}
    for layer in layers:
        for name, written in layer.items():
            if not texts.get(name) or (written.text and not texts[name].text):
                texts[name] = written
    made.texts[tag] = texts
    made.translations[tag] = _translations(texts, [overlay.languages[one] for one in chain], overlay)
    strings, borrowed = {}, []
    if words := made.languages.get(DEFAULT_LANGUAGE):
        for name, string in words.strings.items():
            translated = texts.get(f"{INTERFACE}.{name}")
            if not translated or not translated.text:
                borrowed.append(name)
            strings[name] = translated.text if translated and translated.text else string
    made.languages[tag] = Language(tag, direction(tag), strings)
    if borrowed:
        made.borrowed[tag] = tuple(borrowed)


def _english(overlay: Overlay) -> dict[str, WrittenText]:
    """The English texts as a layer, for ``en-GB``."""
    interface = overlay.languages[DEFAULT_LANGUAGE].interface if DEFAULT_LANGUAGE in overlay.languages else None
    texts = {}
    for draft in (*((interface,) if interface else ()), *overlay.entries.values(), *overlay.families.values()):
        for name, written in draft.fields.items():
            if draft is interface or name in TEXT_FIELDS:
                texts[f"{draft.key}.{name}"] = WrittenText(str(written.value), written.source)
    return texts


def _translations(
    texts: Mapping[str, WrittenText], chain: Sequence[LanguageDraft], overlay: Overlay
) -> dict[str, Translation]:
    """The entries that have all their texts."""
    translations = {}
    for key, draft in {**overlay.entries, **overlay.families}.items():
        title, headline, detail, advice = (
            written.text if (written := texts.get(f"{key}.{name}")) else "" for name in TEXT_FIELDS
        )
        if title and headline and detail and advice:
            source = next((one.entries[key].source for one in chain if key in one.entries), draft.source)
            translations[key] = Translation(title, headline, detail, advice, source)
    return translations

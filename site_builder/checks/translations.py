"""Translations: texts that are missing, that follow an older English text, or that no person has reviewed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from ._check import Problem, site_check
from ._subject import Subject

_MOST_NAMES = 8


@site_check(
    "missing-translation",
    "warning",
    "An entry without all its texts is answered by a wider page in that language; below check.complete it is an error.",
)
def missing_translation(subject: Subject) -> Iterator[Problem]:
    """Languages that lack texts."""
    wanted = subject.settings.check.complete
    for one in subject.completeness:
        if one.missing:
            names = ", ".join(text.name for text in one.missing[:_MOST_NAMES])
            more = ", …" if len(one.missing) > _MOST_NAMES else ""
            message = f"{one.tag} lacks {len(one.missing)} of {one.wanted} texts, {one.percent} % are there"
            too_few = one.percent < wanted
            yield Problem(
                message + (f" and the site wants {wanted} %" if too_few else "") + f": {names}{more}",
                str(one.missing[0].source),
                f"translate them; all of them are listed by: errgen translate {one.tag}",
                "error" if too_few else None,
            )


@site_check("stale-translation", "warning", "The English text has changed since it was translated.")
def stale_translation(subject: Subject) -> Iterator[Problem]:
    """Translations of an English text that is no longer there, each at the language that it is written in."""
    seen: set[tuple[str, str]] = set()
    for one in subject.completeness:
        for text in one.stale:
            tag = PurePosixPath(text.source.file).stem
            place = (tag, text.name)
            if place in seen:  # de-AT has it from de
                continue
            seen.add(place)
            yield Problem(
                f"{text.name} in {tag} was made from an older English text",
                str(text.source),
                f"compare it with the English of today, “{text.english}”, and correct it in "
                f"catalog/languages/{tag}.yaml; where it still holds, say so: "
                f'errgen translate {tag} --reviewed-by "NAME" {text.name}',
            )


@site_check(
    "unreviewed-translation",
    "error",
    "Fewer texts than check.reviewed asks for have been read by a person who speaks the language.",
)
def unreviewed_translation(subject: Subject) -> Iterator[Problem]:
    """Languages that too little of has been reviewed."""
    wanted = subject.settings.check.reviewed
    for one in subject.completeness:
        if one.percent_reviewed < wanted:
            yield Problem(
                f"{one.reviewed} of {one.wanted} texts in {one.tag} are reviewed, {one.percent_reviewed} %, and the "
                f"site wants {wanted} %",
                f"{subject.settings.where}.check.reviewed",
                f'when somebody has read them: errgen translate {one.tag} --reviewed-by "NAME" KEY, or --all',
            )


CHECKS = (missing_translation, stale_translation, unreviewed_translation)

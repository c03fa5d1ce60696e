"""The command ``translate``: begin a language, see how far it is, and say who has reviewed what."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import json_option, project_option
from .printing import print_json

if TYPE_CHECKING:
    from ..app.translate import Translated
    from ..catalog.completeness import Text

_MOST_LINES = 20


@click.command()
@project_option
@click.argument("tag", metavar="TAG")
@click.argument("keys", metavar="[KEY]...", nargs=-1)
@click.option(
    "--reviewed-by",
    metavar="NAME",
    help="Who has read the texts of these keys and found them right.",
)
@click.option("--all", "everything", is_flag=True, help="With --reviewed-by: every text that is there.")
@json_option
def translate(
    project: Path, tag: str, keys: tuple[str, ...], reviewed_by: str | None, everything: bool, as_json: bool
) -> None:
    """Begin a language, or tell what is missing in it and what English has changed since. Writes over no text.

    Example:  errgen translate cs

    When a person has read texts (KEY is like 404, 404.headline or interface):

    \b
      errgen translate cs --reviewed-by "Jana Nováková" 404 503
    """
    from ..app.translate import translate as use_case

    done = use_case(project, tag, reviewed_by=reviewed_by, keys=keys, everything=everything)
    if as_json:
        print_json(_as_json(done))
        return
    state = done.completeness
    if done.created:
        click.echo(f"wrote {done.created}")
    if not reviewed_by:
        _print_texts("missing", state.missing)
        _print_texts("stale, its English has changed", state.stale)
    if done.recorded:
        click.echo(f"noted the English of {_counted(done.recorded, 'new text')}")
    if reviewed_by:
        click.echo(f"{_counted(done.reviewed, 'text')} reviewed by {' '.join(reviewed_by.split())}")
    click.echo(
        f"{state.tag}: {state.percent} % of {_counted(state.wanted, 'text')} translated, {state.percent_reviewed} % "
        f"reviewed: {len(state.missing)} missing, {len(state.stale)} stale, {_counted(state.draft, 'draft')}, "
        f"{state.reviewed} reviewed"
    )


def _print_texts(what: str, found: Sequence[Text]) -> None:
    for one in found[:_MOST_LINES]:
        click.echo(f"{one.source}: {one.name}: {what}")
    if len(found) > _MOST_LINES:
        click.echo(f"… and {len(found) - _MOST_LINES} more; --json lists them all")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _as_json(done: Translated) -> dict[str, Any]:
    state = done.completeness
    return {
        "language": state.tag,
        "created": str(done.created) if done.created else None,
        "wanted": state.wanted,
        "percent": state.percent,
        "percent_reviewed": state.percent_reviewed,
        "draft": state.draft,
        "reviewed": state.reviewed,
        "extra": state.extra,
        "missing": [_text_json(one) for one in state.missing],
        "stale": [_text_json(one) for one in state.stale],
    }


def _text_json(one: Text) -> dict[str, str]:
    return {"text": one.name, "kind": one.kind, "where": str(one.source), "english": one.english}

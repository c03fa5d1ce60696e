"""A site's own colours in the place of a theme's, in both schemes, so that everything can still be read.

A theme's colours are custom properties with values like ``#0f6b62``, in ``:root {…}`` of its style.css and, for the
dark scheme, in ``@media (prefers-color-scheme: dark) { :root {…} }``. In errgen.toml ``accent`` stands for ``--accent``
and ``accent_dark`` for the same in the dark scheme. What a site leaves to errgen:

- the dark shade of a colour is the nearest to it that passes in the theme's dark scheme;
- ``on-accent``, what is written on ``accent``, is the theme's own where that passes, otherwise black or white.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..errors import Fault, InvalidInput
from ..model import Finding, Site
from ..validation import near_miss
from .contrast import nearest, passes, ratio, shown
from .stylesheet import blocks, minified
from .theme import SHIPPED
from .theme_file import Pair

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
DARK = "@media (prefers-color-scheme:dark)"
NOUNS: Mapping[str, str] = {"text": "text needs", "lines": "lines need"}

_COLOR = re.compile(r"(?:^|;)--([a-z][a-z0-9-]*):(#(?:[0-9a-fA-F]{3}){1,2})(?=;|$)")


_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a stylesheet by property, in each scheme; ``dark`` is that of ``light`` where nothing changes."""

    light: Mapping[str, str]
    dark: Mapping[str, str]

    def of(self, scheme: Scheme) -> Mapping[str, str]:
        """The colours of one scheme."""
        return self.light if scheme == "light" else self.dark


def palette(css: str) -> Palette:
    """The colours that ``css`` declares."""
    light: dict[str, str] = {}
    dark: dict[str, str] = {}
    for selector, body in blocks(minified(css)):
        if selector == ":root":
            light.update(_COLOR.findall(body))
        elif selector.replace("media(", "media (") == DARK:
            for inner, declarations in blocks(body):
                if inner == ":root":
                    dark.update(_COLOR.findall(declarations))
    return Palette(light, {**light, **dark})


def known_pairs(pairs: Sequence[Pair], theirs: Palette) -> tuple[Pair, ...]:
    """The pairs of which the stylesheet has both colours: a project may have a stylesheet of its own for a theme."""
    return tuple(pair for pair in pairs if pair.front in theirs.light and pair.ground in theirs.light)


def theme_findings(pairs: Sequence[Pair], theirs: Palette, stylesheet: str, css: str) -> Iterator[Finding]:
    """Colours of a theme's pairs that its stylesheet does not have, and pairs of its own that cannot be told apart.

    ``stylesheet`` is the name of the file that holds ``css``. Findings are where they can be mended: in the stylesheet,
    unless that comes with errgen and the pair is a project's.
    """
    missing: dict[str, dict[str, None]] = {}
    for pair in pairs:
        for name in (pair.front, pair.ground):
            if name not in theirs.light:
                where = stylesheet if pair.where.startswith(SHIPPED) else pair.where
                missing.setdefault(where, {})[f"--{name}"] = None
    for where, names in missing.items():
        yield Finding(
            id="contrast-unknown",
            severity="warning",
            message=("" if where == stylesheet else f"{stylesheet} ")
            + f"has no colours {', '.join(names)} in :root, so their contrast is not looked at",
            where=where,
            hint="give it these custom properties, or name under contrast: those that it has",
        )
    for pair in known_pairs(pairs, theirs):
        for scheme in SCHEMES:
            colors = theirs.of(scheme)
            if (found := ratio(colors[pair.front], colors[pair.ground])) < pair.needs:
                yield Finding(
                    id="contrast",
                    severity="error",
                    message=f"--{pair.front} on --{pair.ground}, {scheme}: {_too_little(pair, colors, found)}",
                    where=pair.where
                    if stylesheet.startswith(SHIPPED)
                    else f"{stylesheet}:{_line(css, pair.front, colors[pair.front], scheme)}",
                    hint=_hint(nearest(colors[pair.front], ((colors[pair.ground], pair.needs),))),
                )


def _line(css: str, name: str, color: str, scheme: Scheme) -> int:
    """The line on which a colour is declared: in the dark scheme the last one with this value, otherwise the first."""
    bare = _COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), css)
    places = [found.start() for found in re.finditer(rf"--{name}\s*:\s*{color}", bare)]
    return css.count("\n", 0, places[-1 if scheme == "dark" else 0]) + 1 if places else 1


def site_stylesheet(site: Site, pairs: Sequence[Pair], theirs: Palette) -> str:
    """The site's colours as a stylesheet to follow the theme's. Raises InvalidInput for names and colours that fail."""
    where = f"errgen.toml: site.{site.name}.colors"
    given: dict[Scheme, dict[str, str]] = {"light": {}, "dark": {}}
    keys: dict[tuple[Scheme, str], str] = {}
    faults = []
    for key, color in site.colors.items():
        scheme: Scheme = "dark" if key.endswith("_dark") else "light"
        name = key.removesuffix("_dark").replace("_", "-")
        if name not in theirs.light:
            faults.append(
                Fault(f"{where}.{key}", f"the theme {site.theme} has no such colour{near_miss(name, theirs.light)}")
            )
        given[scheme][name] = color
        keys[scheme, name] = key
    if faults:
        raise InvalidInput(faults, hint="name the colours as the theme's style.css does, without the two dashes")
    made: dict[Scheme, Mapping[str, str]] = {}
    for scheme in SCHEMES:
        wanted = given[scheme] if scheme == "light" else {**given["light"], **given["dark"]}
        colors = {**theirs.of(scheme), **wanted}
        own = dict(wanted)
        if scheme == "dark":
            for name in wanted.keys() - given["dark"].keys():
                others = _others(name, pairs, colors, without=f"on-{name}")
                own[name] = colors[name] = nearest(wanted[name], others) or colors[name]
        for name in wanted:
            own.update(_written_on(name, wanted, pairs, colors, theirs))
            colors.update(own)
        made[scheme] = dict(sorted(own.items()))
        faults += _faults(where, keys, scheme, wanted, pairs, colors)
    if faults:
        raise InvalidInput(
            faults, hint="take the shade that is named, or a colour with more contrast", check="contrast"
        )
    return _css(made["light"], made["dark"])


def _written_on(
    name: str, wanted: Mapping[str, str], pairs: Sequence[Pair], colors: Mapping[str, str], theirs: Palette
) -> Mapping[str, str]:
    """What stands on a colour of the site, where the site does not say: the theme's, otherwise black or white."""
    front = f"on-{name}"
    if front in wanted or front not in colors:
        return {}
    others = _others(front, pairs, colors)
    candidates = (colors[front], theirs.light[front], theirs.dark[front], "#ffffff", "#000000")
    chosen = next((color for color in candidates if passes(color, others)), colors[front])
    return {front: chosen}


def _others(
    name: str, pairs: Sequence[Pair], colors: Mapping[str, str], without: str = ""
) -> tuple[tuple[str, float], ...]:
    """What ``name`` has to be told apart from, and by how much."""
    found = []
    for pair in pairs:
        if name in (pair.front, pair.ground):
            other = pair.ground if name == pair.front else pair.front
            if other not in (name, without):
                found.append((colors[other], pair.needs))
    return tuple(found)


def _faults(
    where: str,
    keys: Mapping[tuple[Scheme, str], str],
    scheme: Scheme,
    wanted: Mapping[str, str],
    pairs: Sequence[Pair],
    colors: Mapping[str, str],
) -> Iterator[Fault]:
    for pair in pairs:
        found = ratio(colors[pair.front], colors[pair.ground])
        name = next((name for name in (pair.front, pair.ground) if name in wanted), None)
        if name is None or found >= pair.needs:
            continue
        key = keys.get((scheme, name)) or keys["light", name]
        near = nearest(colors[name], _others(name, pairs, colors, without=f"on-{name}"))
        message = _too_little(pair, colors, found) + (f"; {_hint(near)}" if near else "")
        yield Fault(f"{where}.{key}", message + (" (dark scheme)" if scheme == "dark" else ""))


def _too_little(pair: Pair, colors: Mapping[str, str], found: float) -> str:
    needs = f"{NOUNS[pair.kind]} {pair.needs:g}:1"
    return f"{colors[pair.front]} on {colors[pair.ground]} has a contrast of {shown(found)}, and {needs}"


def _hint(shade: str | None) -> str:
    return f"the nearest shade that passes is {shade}" if shade else "no shade of it passes"


def _css(light: Mapping[str, str], dark: Mapping[str, str]) -> str:
    def rule(colors: Mapping[str, str]) -> str:
        return ":root{" + ";".join(f"--{name}:{color}" for name, color in colors.items()) + "}"

    return (rule(light) if light else "") + (f"{DARK}{{{rule(dark)}}}" if dark else "")

"""errgen.toml -> Settings. Host and edge tables stay raw here: each module's own Options validates its own."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import Fault, InvalidInput, from_os_error
from ..model import Site

if TYPE_CHECKING:
    from .lines import KeyLines

FILE_NAME = "errgen.toml"
LINK_SCHEMES = ("https://", "http://", "mailto:", "tel:", "/")


@dataclass(frozen=True, slots=True)
class CheckSettings:
    """``[site.NAME.check]``: how strict ``errgen check`` is.

    ``complete`` and ``reviewed`` are the percentages of a language's texts below which it fails. ``off`` maps the id of
    a finding that is not wanted to the reason. ``words`` are spelled right. ``cloudfront`` are files in the project,
    each a distribution's configuration as ``aws cloudfront get-distribution-config`` prints it.
    """

    complete: int = 100
    reviewed: int = 0
    off: Mapping[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    cloudfront: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """One ``[site.NAME]`` of errgen.toml: the brand, and where its pages go. ``host`` and ``edges`` are unchecked.

    ``overrides`` are the site's own texts: language, then entry or family, then field.
    """

    site: Site
    host: Mapping[str, Any] | None
    edges: tuple[Mapping[str, Any], ...]
    overrides: Mapping[str, Mapping[str, Mapping[str, str]]]
    check: CheckSettings = CheckSettings()

    @property
    def where(self) -> str:
        """The key path of this site, for messages: ``errgen.toml: site.default``."""
        return f"{FILE_NAME}: site.{self.site.name}"

    def place_of_own(self, language: str, key: str, field: str) -> str | None:
        """The key path of one of ``overrides``, for messages; None where the site has no such text of its own."""
        if field not in self.overrides.get(language, {}).get(key, {}):
            return None
        named = field if language == self.site.languages[0] else f"{language}.{field}"
        return f"{self.where}.overrides.{key}.{named}"


@dataclass(frozen=True, slots=True)
class Settings:
    """A project: its folder and its sites in the order of errgen.toml, whose ``text`` it was read from."""

    project: Path
    sites: tuple[SiteSettings, ...]
    text: str = field(default="", repr=False, compare=False)

    @property
    def catalog_folders(self) -> tuple[Path, ...]:
        """What ships first, the project's own last, so that the project's wins."""
        return overlay(self.project, "catalog")

    @property
    def has_own_catalog(self) -> bool:
        """Whether the last of the catalog folders is in the project, and not only among what ships."""
        return (self.project.resolve() / "catalog").is_dir()

    @property
    def template_folders(self) -> tuple[Path, ...]:
        """The project's own first, what ships last, as a template loader searches them."""
        return tuple(reversed(overlay(self.project, "templates")))

    def lines(self) -> KeyLines:
        """The line of each key of errgen.toml as it was when it was read."""
        from .lines import KeyLines

        return KeyLines(self.text)


def shipped() -> Path:
    """The folder that holds the catalog and the templates that come with errgen: in a wheel, or in its repository."""
    here = Path(__file__).resolve().parent.parent
    installed = here / "shipped"
    return installed if installed.is_dir() else here.parent


def overlay(project: Path, name: str) -> tuple[Path, ...]:
    """The folders called ``name`` that count for a project, what ships first."""
    base = shipped() / name
    own = project.resolve() / name
    return (base, own) if own.is_dir() and own != base else (base,)


def load(project: Path) -> Settings:
    """Read ``project``/errgen.toml. Raises InvalidInput with every fault, LocalFilesFailed where it is unreadable."""
    path = project / FILE_NAME
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise InvalidInput(
            [Fault(str(path), "there is no such file, so this folder is not an errgen project")],
            hint="make a project with: errgen init mysite  (or name one with -C DIR after the command)",
        ) from None
    except UnicodeDecodeError as error:
        raise InvalidInput(
            [Fault(FILE_NAME, f"is not UTF-8: byte {error.start} cannot be decoded")], hint="save it as UTF-8"
        ) from None
    except OSError as error:
        raise from_os_error(error, path, "read the settings") from error
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, line = _toml_position(str(error), text)
        raise InvalidInput([Fault(f"{FILE_NAME}:{line}", message)], hint="correct the TOML on that line") from None
    return Settings(project, _sites(raw, project), text)


def _toml_position(message: str, text: str) -> tuple[str, int]:
    match = re.search(r"\(at line (\d+), column \d+\)", message)
    if match:
        return message.replace(match.group(), "").strip(), int(match.group(1))
    return message.replace("(at end of document)", "").strip() + " before the file ends", text.count("\n") + 1


def _sites(raw: Mapping[str, Any], project: Path) -> tuple[SiteSettings, ...]:
    from ..validation import HINT, unknown_key
    from .site_table import read_site

    faults = [Fault(f"{FILE_NAME}: {key}", unknown_key(key, ["site"])) for key in raw if key != "site"]
    tables = raw.get("site")
    if not isinstance(tables, dict) or not tables:
        faults.append(Fault(FILE_NAME, "has no [site.NAME] table; a project needs at least one site"))
        raise InvalidInput(faults, hint='begin with: [site.default]  name = "Example"  home = "https://example.com/"')
    sites = []
    for name, table in tables.items():
        where = f"{FILE_NAME}: site.{name}"
        if not re.fullmatch(r"[a-z0-9]{1,32}", name):
            message = "a site's name has only the letters a-z and digits, 32 at most, because rules are named after it"
            faults.append(Fault(where, message + _suggested_name(name)))
            continue
        try:
            sites.append(read_site(name, table, where, project))
        except InvalidInput as invalid:
            faults.extend(invalid.faults)
    faults += _shared_hosts(sites)
    if faults:
        raise InvalidInput(faults, hint=HINT)
    return tuple(sites)


def _shared_hosts(sites: Sequence[SiteSettings]) -> list[Fault]:
    """Sites that would switch the same release back and forth."""
    faults = []
    seen: dict[str, str] = {}
    for one in sites:
        place = repr(sorted((key, value) for key, value in (one.host or {}).items() if key != "public_url"))
        if one.host and place in seen:
            message = f"is the host of the site {seen[place]} too; give each site a path or prefix of its own"
            faults.append(Fault(f"{one.where}.host", message))
        seen.setdefault(place, one.site.name)
    return faults


def _suggested_name(name: str) -> str:
    plain = re.sub(r"[^a-z0-9]", "", name.lower())[:32]
    return f"; try [site.{plain}]" if plain else ""

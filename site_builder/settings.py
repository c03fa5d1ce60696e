"""errgen.toml -> Settings. Host and edge tables stay raw here: each module's own Options validates its own."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from .errors import Fault, InvalidInput, from_os_error
from .model import Site

FILE_NAME = "errgen.toml"
LINK_SCHEMES = ("https://", "http://", "mailto:", "tel:", "/")


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """One ``[site.NAME]`` of errgen.toml: the brand, and where its pages go. ``host`` and ``edges`` are unchecked."""

    site: Site
    host: Mapping[str, Any] | None
    edges: tuple[Mapping[str, Any], ...]
    overrides: Mapping[str, Mapping[str, str]]

    @property
    def where(self) -> str:
        """The key path of this site, for messages: ``errgen.toml: site.default``."""
        return f"{FILE_NAME}: site.{self.site.name}"


@dataclass(frozen=True, slots=True)
class Settings:
    """A project: its folder and its sites in the order of errgen.toml."""

    project: Path
    sites: tuple[SiteSettings, ...]

    @property
    def catalog_folders(self) -> tuple[Path, ...]:
        """What ships first, the project's own last, so that the project's wins."""
        return overlay(self.project, "catalog")

    @property
    def template_folders(self) -> tuple[Path, ...]:
        """The project's own first, what ships last, as a template loader searches them."""
        return tuple(reversed(overlay(self.project, "templates")))


def shipped() -> Path:
    """The folder that holds the catalog and the templates that come with errgen: in a wheel, or in its repository."""
    here = Path(__file__).resolve().parent
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
    return Settings(project, _sites(raw))


def _toml_position(message: str, text: str) -> tuple[str, int]:
    match = re.search(r"\(at line (\d+), column \d+\)", message)
    if match:
        return message.replace(match.group(), "").strip(), int(match.group(1))
    return message.replace("(at end of document)", "").strip() + " before the file ends", text.count("\n") + 1


def _sites(raw: Mapping[str, Any]) -> tuple[SiteSettings, ...]:
    from pydantic import AfterValidator, Field

    from .validation import HINT, Table, unknown_key, validate

    def link(value: str) -> str:
        if not value.startswith(LINK_SCHEMES) or re.search(r"[\s<>\"]", value):
            raise ValueError(f"'{value}' is not a link: it starts with https://, mailto:, tel: or / and has no blanks")
        return value

    def absolute(value: str) -> str:
        if not value.startswith(("https://", "http://")) or re.search(r"[\s<>\"]", value):
            raise ValueError(f"'{value}' is not an absolute address: it starts with https://")
        return value if value.endswith(("/", "#")) else value + "/"

    def tag(value: str) -> str:
        if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", value):
            raise ValueError(f"'{value}' is not a language tag like en, de or pt-BR")
        return value

    link_type = Annotated[str, AfterValidator(link)]

    class Override(Table):
        title: str | None = Field(None, min_length=1)
        headline: str | None = Field(None, min_length=1)
        detail: str | None = Field(None, min_length=1)
        what_you_should_do: str | None = Field(None, min_length=1)

    class SiteTable(Table):
        name: str = Field(min_length=1, max_length=100)
        theme: str = Field("plain", pattern=r"^[a-z0-9][a-z0-9_-]*$")
        languages: list[Annotated[str, AfterValidator(tag)]] = Field(["en"], min_length=1)
        home: link_type
        contact: link_type | None = None
        status_page: link_type | None = None
        type_base: Annotated[str, AfterValidator(absolute)] | None = None
        overrides: dict[str, Override] = Field(default_factory=dict)
        host: dict[str, Any] | None = None
        edge: list[dict[str, Any]] = Field(default_factory=list)

    faults = [Fault(f"{FILE_NAME}: {key}", unknown_key(key, ["site"])) for key in raw if key != "site"]
    tables = raw.get("site")
    if not isinstance(tables, dict) or not tables:
        faults.append(Fault(FILE_NAME, "has no [site.NAME] table; a project needs at least one site"))
        raise InvalidInput(faults, hint='begin with: [site.default]  name = "Example"  home = "https://example.com/"')
    sites = []
    for name, table in tables.items():
        where = f"site.{name}"
        if not re.fullmatch(r"[a-z0-9]{1,32}", name):
            message = "a site's name has only the letters a-z and digits, 32 at most, because rules are named after it"
            faults.append(Fault(f"{FILE_NAME}: {where}", message + _suggested_name(name)))
            continue
        try:
            parsed = validate(SiteTable, table, f"{FILE_NAME}: {where}")
        except InvalidInput as invalid:
            faults.extend(invalid.faults)
            continue
        if len(set(parsed.languages)) != len(parsed.languages):
            faults.append(Fault(f"{FILE_NAME}: {where}.languages", "names a language twice"))
        site = Site(
            name=name,
            title=parsed.name,
            theme=parsed.theme,
            languages=tuple(parsed.languages),
            home=parsed.home,
            contact=parsed.contact,
            status_page=parsed.status_page,
            type_base=parsed.type_base,
        )
        overrides = {key: value.model_dump(exclude_none=True) for key, value in parsed.overrides.items()}
        sites.append(SiteSettings(site, parsed.host, tuple(parsed.edge), overrides))
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

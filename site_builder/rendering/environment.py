"""The template engine, and its failures put into words with the template's file and line."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    UndefinedError,
    nodes,
)
from jinja2.utils import missing
from markupsafe import Markup

from ..errors import ErrgenError, Fault, InvalidInput, from_os_error
from .compiled import COMPILED, SYNTAX, parsed
from .html import Alternate, Link, MaintenanceFacts, PageContext, Step
from .inheritance import refuse_strays
from .script import minified as minified_script
from .stylesheet import minified
from .theme import DESCRIPTION, SHARED, find_theme, search_path, shown

VARIABLES = ("page", "styles", "colors", "scripts")


class _Environment(Environment):
    """Jinja as its users expect it of ``page.strings``: ``copy`` is a string there and not what every dict can do."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


class _Loader(FileSystemLoader):
    """Reads templates; one that cannot be read is named as its user knows it.

    ``read`` has the files that were, by whether they were for HTML.
    """

    def __init__(self, path: Sequence[Path], roots: Sequence[Path]) -> None:
        super().__init__([*path, *roots])
        self._places = (*path, *roots)  # the roots for THEME/FILE
        self._roots = roots
        self.read: dict[bool, dict[str, None]] = {True: {}, False: {}}

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        try:
            found = super().get_source(environment, template)
        except TemplateNotFound:
            raise
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            message = f"is not UTF-8: byte {error.start} cannot be decoded"
            raise InvalidInput([Fault(f"{self.file_of(template)}:{line}", message)]) from None
        except OSError as error:
            raise from_os_error(error, self.file_of(template), "read the template") from error
        self.read[bool(environment.autoescape)][self.file_of(template)] = None
        return found

    def load(
        self,
        environment: Environment,
        name: str,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - Jinja calls it so
    ) -> Template:
        """A template to be rendered. Raises InvalidInput for blocks that would be left out, and for circles."""

        def parse(template: str) -> nodes.Template:
            source, file, _ = self.get_source(environment, template)
            return parsed(source, template, file)

        refuse_strays(name, parse, self.file_of)
        return super().load(environment, name, globals)

    def file_of(self, template: str) -> str:
        """The file that holds a template: ``templates/plain/page.html.j2``."""
        found = next((path for place in self._places if (path := place / template).is_file()), None)
        return shown(found, self._roots) if found else f"templates/{template}"


class Templates:
    """The templates of one theme: ``template_folders`` are roots, the one searched first at the front.

    Every failure of a template is raised as InvalidInput with ``templates/THEME/FILE:LINE``.
    """

    def __init__(self, template_folders: Sequence[Path], theme: str, where: str) -> None:
        self.folders = tuple(template_folders)
        self.theme = find_theme(self.folders, theme, where)
        self.path = search_path(self.folders, self.theme)
        self._loader = _Loader(self.path, self.folders)
        self._html = self._environment(autoescape=True)
        self._markdown = self._environment(autoescape=False)
        self._compiled: dict[str, Template] = {}

    def html(self, name: str, page: PageContext, colors: Markup) -> str:
        """The HTML template ``name`` filled in; plain strings that it writes are escaped."""
        return self._render(self._html, name, {"page": page, "colors": lambda: colors})

    def markdown(self, name: str, values: Mapping[str, object]) -> str:
        """The Markdown template ``name`` filled in; nothing is escaped here."""
        return self._render(self._markdown, name, values)

    def file_of(self, name: str) -> str:
        """The file that holds template ``name``, as its user knows it."""
        return self._loader.file_of(name)

    def files(self, *, html: bool) -> tuple[str, ...]:
        """The files that were read so far for HTML or for Markdown, as their user knows them, in that order."""
        return tuple(self._loader.read[html])

    def source(self, name: str) -> str:
        """What the file ``name`` of the theme holds."""
        with self._in_words(name):
            return self._loader.get_source(self._html, name)[0]

    def _environment(self, *, autoescape: bool) -> Environment:
        environment = _Environment(
            loader=self._loader,
            autoescape=autoescape,  # not for Markdown, whose texts prose.py has made harmless
            undefined=_Undefined,
            auto_reload=False,
            bytecode_cache=COMPILED[autoescape],
            **SYNTAX,
        )
        environment.globals = {"styles": self._styles, "scripts": self._scripts} if autoescape else {}
        return environment

    def _render(self, environment: Environment, name: str, values: Mapping[str, object]) -> str:
        with self._in_words(name):
            template = self._compiled.get(name)
            if template is None:
                template = self._compiled[name] = environment.get_template(name)
            return template.render(values)

    @lru_cache(maxsize=16)  # noqa: B019 - one renderer lives as long as a build
    def _styles(self, name: str) -> Markup:
        source, _, _ = self._loader.get_source(self._html, name)
        return Markup(minified(source))  # noqa: S704 - a stylesheet of the theme, with nothing that ends the element

    @lru_cache(maxsize=16)  # noqa: B019 - one renderer lives as long as a build
    def _scripts(self, name: str) -> Markup:
        source, _, _ = self._loader.get_source(self._html, name)
        return Markup(minified_script(source))  # noqa: S704 - a script of the theme, with nothing that ends the element

    @contextmanager
    def _in_words(self, name: str) -> Iterator[None]:
        try:
            yield
        except ErrgenError:
            raise
        except TemplateSyntaxError as error:
            where = f"{self._shown(error.filename) or self.file_of(error.name or name)}:{error.lineno}"
            message = error.message or "is not a template"
            raise InvalidInput([Fault(where, message)], hint="correct the template on that line") from None
        except TemplateNotFound as error:
            raise self._not_found(error, name) from None
        except Exception as error:
            where = self._line(error.__traceback__) or ""
            if not where and not isinstance(error, TemplateError):
                raise
            text = str(error) if isinstance(error, UndefinedError) else f"{type(error).__name__}: {error}"
            if isinstance(error, RecursionError):
                text = "the template includes itself, or another that includes it"
            hint = 'what a template sees is listed in the README, under "A theme of your own"'
            raise InvalidInput([Fault(where or self.file_of(name), text)], hint=hint) from None

    def _not_found(self, error: TemplateNotFound, name: str) -> InvalidInput:
        missing_name = str(error.name or name)
        if missing_name == name and not self.theme.inherits:
            key = self.theme.key
            file = self.file_of(f"{key}/{DESCRIPTION}")
            hint = f'write "inherits: plain" into theme.yaml, or make templates/{key}/{name}'
            return InvalidInput([Fault(file, f"the theme has no {name} and inherits from no other theme")], hint=hint)
        folders = self.path
        if "/" in missing_name:
            folders = [path for root in self.folders for path in root.glob("*") if path.name != SHARED]
        files = [path for folder in folders for path in folder.glob("*") if path.is_file()]
        there = sorted({f"{path.parent.name}/{path.name}" if "/" in missing_name else path.name for path in files})
        near = difflib.get_close_matches(missing_name, there, n=1)
        where = self._line(error.__traceback__) or f"templates/{self.theme.key}"
        message = f"there is no template '{missing_name}'" + (f"; did you mean {near[0]}?" if near else "")
        looked_in = ", ".join(f"templates/{key}" for key in (self.theme.key, *self.theme.inherits, SHARED))
        return InvalidInput([Fault(where, message)], hint=f"templates are looked for in {looked_in}")

    def _line(self, traceback: TracebackType | None) -> str | None:
        """The innermost line of a template that a traceback went through."""
        where = None
        while traceback is not None:
            file = self._shown(traceback.tb_frame.f_code.co_filename)
            where = f"{file}:{traceback.tb_lineno}" if file else where
            traceback = traceback.tb_next
        return where

    def _shown(self, file: str | None) -> str | None:
        path = Path(file or "")
        return shown(path, self.folders) if any(path.is_relative_to(folder) for folder in self.folders) else None


class _Undefined(StrictUndefined):
    """A name that a template uses and that there is not, with the nearest one that there is."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        name = str(self._undefined_name)
        if self._undefined_obj is missing:
            near = difflib.get_close_matches(name, VARIABLES, n=1)
            if not near and name in _PAGE_FIELDS:
                near = [f"page.{name}"]
            if not near:
                near = [f"page.{field}" for field in difflib.get_close_matches(name, _PAGE_FIELDS, n=1)]
            return f"there is no variable '{name}'" + (f"; did you mean {near[0]}?" if near else "")
        if self._undefined_obj is None and name in _MAINTENANCE_FIELDS:
            return f"page.maintenance is None on every page but maintenance, so that it has no '{name}' there"
        if self._undefined_obj is None and name in _LINK_FIELDS:
            return f"a Link that the site does not have is None and has no '{name}'"
        owner, known = _members(self._undefined_obj)
        near = difflib.get_close_matches(name, known, n=1)
        there = f"; there are: {', '.join(known)}" if 0 < len(known) < 5 else ""
        return f"{owner} has no '{name}'" + (f"; did you mean {near[0]}?" if near else there)


_PAGE_FIELDS = tuple(field.name for field in fields(PageContext))
_MAINTENANCE_FIELDS = tuple(field.name for field in fields(MaintenanceFacts))
_LINK_FIELDS = tuple(field.name for field in fields(Link))


def _members(thing: Any) -> tuple[str, Sequence[str]]:
    if isinstance(thing, PageContext | Link | Step | Alternate | MaintenanceFacts):
        owner = {PageContext: "page", MaintenanceFacts: "page.maintenance"}.get(type(thing), "")
        owner = owner or f"{'an' if isinstance(thing, Alternate) else 'a'} {type(thing).__name__}"
        return owner, [field.name for field in fields(thing)]
    if isinstance(thing, Mapping):
        return "page.strings", [str(key) for key in thing]
    return ("nothing" if thing is None else f"a {type(thing).__name__}"), ()


Rendering = Callable[[str, object], str]

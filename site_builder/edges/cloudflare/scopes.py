"""Which requests a rule is for, by host and path, as tests of the Rules language.

``http.request.uri.path`` is the path as the zone's URL normalization leaves it
(developers.cloudflare.com/rules/normalization/); a host is compared in lower case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...model import Format, Scope
from .rules import SERVED_BY

HOST = "lower(http.host)"
PATH = "http.request.uri.path"


def hosts_test(hosts: Sequence[str]) -> str:
    """The test that a request is for one of ``hosts``: ``api.example.com``, ``*.example.com``. At least one."""
    exact = [host for host in hosts if "*" not in host]
    below = [f'ends_with({HOST}, "{host.removeprefix("*")}")' for host in hosts if "*" in host]
    return _any([*_equal(HOST, exact), *below])


def paths_test(paths: Sequence[str]) -> str:
    """The test that a request is for one of ``paths``, an asterisk standing for any characters. At least one."""
    exact = [path for path in paths if "*" not in path]
    begun = [path for path in paths if path.find("*") == len(path) - 1]
    others = [path for path in paths if path not in exact and path not in begun]
    tests = [f'starts_with({PATH}, "{path[:-1]}")' for path in begun]
    tests += [f'{PATH} strict wildcard "{path}"' for path in others]
    return _any([*_equal(PATH, exact), *tests])


def scope_test(scope: Scope) -> str:
    """The test that a request is in ``scope``."""
    tests = [hosts_test(scope.hosts)] if scope.hosts else []
    tests += [paths_test(scope.paths)] if scope.paths else []
    return f"({' and '.join(tests)})" if len(tests) > 1 else tests[0]


@dataclass(frozen=True, slots=True)
class ScopeTests:
    """The tests that a format is decided by host and path; formats of no scope are not in ``tests``."""

    tests: Mapping[Format, str] = field(default_factory=dict)

    @classmethod
    def of(cls, scopes: Sequence[Scope]) -> ScopeTests:
        """Those of a site's scopes, of which the first that a request is in decides.

        A scope of plain text or XML is none here: no rule serves these.
        """
        tests: dict[Format, list[str]] = {}
        before: list[tuple[Format, str]] = []
        for scope in scopes:
            wanted = SERVED_BY.get(scope.format)
            test = scope_test(scope)
            if wanted:
                others = [other for format_, other in before if format_ != wanted]
                alone = f"({test} and not {_any(others)})" if others else test
                tests.setdefault(wanted, []).append(alone)
            before.append((wanted or scope.format, test))
        return cls({wanted: _any(parts) for wanted, parts in tests.items()})

    def elsewhere(self, wanted: Format) -> str | None:
        """The test that another format than ``wanted`` is decided; None where there is no such scope."""
        others = [test for format_, test in self.tests.items() if format_ != wanted]
        return _any(others) if others else None


def _equal(name: str, values: Sequence[str]) -> list[str]:
    if len(values) < 2:
        return [f'{name} eq "{value}"' for value in values]
    return [f"{name} in {{{' '.join(f'{chr(34)}{value}{chr(34)}' for value in values)}}}"]


def _any(tests: Sequence[str]) -> str:
    """One of ``tests``, in parentheses."""
    if len(tests) == 1 and tests[0].startswith("("):
        return tests[0]
    return f"({' or '.join(tests)})"

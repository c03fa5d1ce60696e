"""Where an expression holds, for every failure and every client at once: one integer, with a bit for each of both.

Failures are rows and clients columns; the bit of a cell is ``row * width + column``. What reads only a failure is
evaluated once for all clients and the other way round, and ``and``, ``or`` and ``not`` are those of integers.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from ...rules_language import Expression, compile_expression
from ...rules_language.tree import Combination, Constant, LogicalOperator, Not
from .subexpressions import Place, Values, places_of, value_at

Cells: TypeAlias = int
"""A set of cells."""

_JOINED: Mapping[LogicalOperator, Callable[[Cells, Cells], Cells]] = {
    "and": operator.and_,
    "or": operator.or_,
    "xor": operator.xor,
}


class Grid:
    """All failures with all clients. Each is given as the fields that expressions can read of it.

    Failures have the same fields, all of them; other fields are of clients. There is at least one client.
    """

    def __init__(self, failures: Sequence[Values], clients: Sequence[Values]) -> None:
        self._failures, self._clients = failures, clients
        self._of_failures = frozenset(failures[0] if failures else ())
        self.width = len(clients)
        self.every: Cells = (1 << len(failures) * self.width) - 1
        self._row: Cells = (1 << self.width) - 1
        # The first cell of every row: times columns, they are all cells of these columns.
        self._first_cells: Cells = self.every // self._row
        self._known: dict[Expression, Cells] = {}
        # By the identity of a part, which is kept beside: hashing a tree costs more than this.
        self._seen: dict[int, tuple[Expression, Cells]] = {}
        self._alike: dict[tuple[bool, frozenset[Place]], Sequence[tuple[Values, Cells]]] = {}

    def holds(self, expression: Expression) -> Cells:
        """The cells where ``expression`` holds."""
        found = self._seen.get(id(expression))
        if found is None:
            found = self._seen[id(expression)] = (expression, self._holds(expression))
        return found[1]

    def rows(self, rows: Iterable[int]) -> Cells:
        """All cells of these rows."""
        first_cells = sum(1 << row * self.width for row in rows)
        return (first_cells << self.width) - first_cells  # times a whole row

    def columns(self, columns: Iterable[int]) -> Cells:
        """All cells of these columns."""
        return sum(1 << column for column in columns) * self._first_cells

    def rows_of(self, cells: Cells) -> list[int]:
        """The rows that have one of ``cells``, ascending."""
        return [row for row in range(len(self._failures)) if cells >> row * self.width & self._row]

    def columns_of(self, cells: Cells) -> list[int]:
        """The columns that have one of ``cells``, ascending."""
        any_row = functools.reduce(operator.or_, (cells >> row * self.width for row in self.rows_of(cells)), 0)
        return [column for column in range(self.width) if any_row >> column & 1]

    def first_of(self, cells: Cells) -> tuple[int, int]:
        """Row and column of the first of ``cells``, of which there is one at least."""
        return divmod((cells & -cells).bit_length() - 1, self.width)

    def _holds(self, expression: Expression) -> Cells:
        if isinstance(expression, Constant):
            return self.every if expression.value else 0
        if isinstance(expression, Not):
            return self.every ^ self.holds(expression.operand)
        if isinstance(expression, Combination):
            return functools.reduce(_JOINED[expression.operator], map(self.holds, expression.operands))
        if expression not in self._known:
            self._known[expression] = self._where(expression)
        return self._known[expression]

    def _where(self, part: Expression) -> Cells:
        """Evaluate a part once for each difference that it can see."""
        test = compile_expression(part)
        read = places_of(part)
        cells = 0
        for failure, first_cells in self._alike_in(read, rows=True):
            for client, columns in self._alike_in(read, rows=False):
                if test({**client, **failure}):
                    cells |= first_cells * columns
        return cells

    def _alike_in(self, read: frozenset[Place], *, rows: bool) -> Sequence[tuple[Values, Cells]]:
        """Rows, or columns, that are alike in what is read: one for all, and where they are.

        Rows are where their first cell is, columns where their cell is in the first row.
        """
        places = frozenset(place for place in read if (place[0] in self._of_failures) == rows)
        if (rows, places) not in self._alike:
            all_values, step = (self._failures, self.width) if rows else (self._clients, 1)
            self._alike[rows, places] = list(_alike(all_values, places, step))
        return self._alike[rows, places]


def _alike(all_values: Sequence[Values], read: Iterable[Place], step: int) -> Iterator[tuple[Values, Cells]]:
    found: dict[str, tuple[Values, Cells]] = {}
    for index, values in enumerate(all_values):
        key = repr([value_at(place, values) for place in read])
        first, places = found.get(key, (values, 0))
        found[key] = (first, places | 1 << index * step)
    yield from found.values()

"""Many edges are read at once, and none is waited for once one has failed."""

from __future__ import annotations

import threading
from typing import Any, cast

import pytest

from site_builder.edges._remote import Remote
from site_builder.errors import RemoteFailed
from site_builder.publishing.reading import AT_ONCE, FEW, read_all


class Edge:
    """Gives its name as its state; ``waits`` until it is closed, ``fails`` otherwise."""

    def __init__(self, name: str, *, waits: bool = False, fails: BaseException | None = None) -> None:
        self.name = name
        self.closed = threading.Event()
        self._waits = waits
        self._fails = fails

    def read(self) -> str:
        if self._waits:
            self.closed.wait()
            raise RemoteFailed("was closed")
        if self._fails:
            raise self._fails
        return self.name

    def close(self) -> None:
        self.closed.set()


def read(edges: list[Edge]) -> tuple[list[Any], list[str]]:
    said: list[str] = []
    return read_all(cast("list[Remote[Any]]", edges), said.append), said


@pytest.mark.parametrize("count", [0, 1, FEW, FEW + 1, 3 * AT_ONCE])
def test_states_are_in_the_order_of_the_edges(count: int) -> None:
    edges = [Edge(str(number)) for number in range(count)]
    states, said = read(edges)
    assert states == [edge.name for edge in edges]
    assert [text.rpartition("reading ")[2] for text in said] == states
    assert count < FEW or said[-1] == f"{count} of {count}: reading {count - 1}"
    assert not any(edge.closed.is_set() for edge in edges)


@pytest.mark.parametrize("failure", [RemoteFailed("refused"), KeyboardInterrupt()])
def test_a_failure_ends_what_the_others_wait_for(failure: BaseException) -> None:
    edges = [Edge("first"), Edge("second", fails=failure), *(Edge("waits", waits=True) for _ in range(2 * AT_ONCE))]
    with pytest.raises(type(failure)):
        read(edges)
    assert all(edge.closed.is_set() for edge in edges)

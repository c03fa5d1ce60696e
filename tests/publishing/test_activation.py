"""The switch of a host whose answer is lost: what is said is what clients get."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from site_builder import manifest as manifests
from site_builder.errors import PartlyApplied, RemoteFailed
from site_builder.publishing import Journal, Target, apply, survey

from .memory_host import MemoryHost
from .world import Clock, build

ONE, TWO = build("1"), build("2")


class Unreliable(MemoryHost):
    """A host that switches, or does not, and answers nothing to that. Nor to questions after it, where it is gone."""

    def __init__(self, *, switches: bool, ends: BaseException | None = None, gone: bool = False) -> None:
        super().__init__(by_content=True)
        self.is_reliable = True
        self._switches, self._gone = switches, gone
        self._ends = ends or RemoteFailed("the line was cut", where=self.name)

    def activate(self, release: str, manifest: bytes) -> None:
        if self._switches or self.is_reliable:
            super().activate(release, manifest)
        if not self.is_reliable:
            self._cut = True
            raise self._ends

    _cut = False

    def current(self) -> str | None:
        if self._cut and self._gone:
            raise RemoteFailed("cannot be reached", where=self.name)
        return super().current()


def publish(host: Unreliable, folder: Path) -> list[str]:
    """Publish version 1 while the host is reliable, and then 2; gives what was done at it, as the audit has it."""
    for built in (ONE, TWO):
        target = Target(built.manifest, manifests.dumps(built.manifest), built.read, host, ())
        apply(target, survey(target), journal=Journal(folder, {}, Clock()))
        host.is_reliable = False
    lines = [json.loads(line) for line in (folder / "audit.jsonl").read_text().splitlines()]
    return [f"{line['action']} {line.get('cut_off', '')}".strip() for line in lines]


def test_one_that_was_carried_out_is_no_failure(tmp_path: Path) -> None:
    host = Unreliable(switches=True)
    assert publish(host, tmp_path) == ["activate", f"activate {host.name}: the line was cut"]
    assert host.current() == TWO.manifest.release


def test_one_that_was_not_is_the_failure_that_it_is(tmp_path: Path) -> None:
    host = Unreliable(switches=False)
    with pytest.raises(RemoteFailed, match="the line was cut"):
        publish(host, tmp_path)
    assert host.current() == ONE.manifest.release


def test_ctrl_c_after_it_says_what_is_live(tmp_path: Path) -> None:
    host = Unreliable(switches=True, ends=KeyboardInterrupt())
    with pytest.raises(PartlyApplied, match="interrupted after the new answers went live at "):
        publish(host, tmp_path)
    assert host.current() == TWO.manifest.release


@pytest.mark.parametrize("switches", [True, False])
def test_one_of_which_nobody_knows_is_said_to_be_that(tmp_path: Path, switches: bool) -> None:
    host = Unreliable(switches=switches, gone=True)
    with pytest.raises(PartlyApplied) as caught:
        publish(host, tmp_path)
    assert caught.value.message == f"it is not known which release is current: {host.name}: the line was cut"
    assert str(caught.value.hint).startswith("whichever is, its pages are complete; run the same command again")

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from fmn.errors import OperatorError
from fmn.infra import metrics
from fmn.settings import SpoolSettings
from fmn.sources.spool.backlog import Backlog
from fmn.sources.spool.sqlite_spool import ReceivedMessage, Spool, SpoolError
from tests.factories.counters import counted
from tests.hypothesis_profiles import scaled
from tests.unit.fmn.sources.spool.test_sqlite_spool import LARGE, received


class Disk(Spool):
    """A spool on a disk that may be full."""

    full = False
    unreadable = False

    def peek(self, limit: int) -> tuple[int, list[ReceivedMessage]]:
        if self.unreadable:
            raise SpoolError("no disk")
        return super().peek(limit)

    def put(self, messages: Sequence[ReceivedMessage]) -> None:
        if self.full:
            raise SpoolError("no room")
        super().put(messages)


def numbers_of(messages: Sequence[ReceivedMessage]) -> list[int]:
    return [int(each.message.msg_id.rpartition("-")[2]) for each in messages]


def drained(backlog: Backlog) -> list[int]:
    found = []
    while (portion := backlog.peek()) is not None:
        found += numbers_of(portion.messages)
        backlog.acknowledge(portion)
    return found


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path / "spool.sqlite", 1)


@pytest.fixture
def backlog(disk: Disk) -> Iterator[Backlog]:
    made = Backlog(disk, Spool(None, 1))
    yield made
    made.close()


class BacklogMachine(RuleBasedStateMachine):
    """A backlog beside a list, on a disk that is full at times."""

    @initialize()
    def open(self) -> None:
        self._directory = tempfile.TemporaryDirectory()
        self._waiting: list[int] = []
        self._last = 0
        self._begin()

    def _begin(self) -> None:
        self._disk = Disk(Path(self._directory.name, "spool.sqlite"), 10)
        self._backlog = Backlog(self._disk, Spool(None, 10))

    @rule(count=st.integers(1, 150))
    def put(self, count: int) -> None:
        new = list(range(self._last + 1, self._last + count + 1))
        self._backlog.put(received(*new))
        self._waiting += new
        self._last += count

    @rule()
    def drain_some(self) -> None:
        portion = self._backlog.peek()
        assert (portion is None) == (not self._waiting)
        if portion is not None:
            found = numbers_of(portion.messages)
            assert found == self._waiting[:len(found)]
            self._backlog.acknowledge(portion)
            del self._waiting[:len(found)]

    @rule(full=st.booleans())
    def change_the_disk(self, full: bool) -> None:
        self._disk.full = full

    @precondition(lambda self: not self._disk.full)
    @rule()
    def restart(self) -> None:
        self._backlog.close()
        self._begin()

    @invariant()
    def is_empty_when_nothing_waits(self) -> None:
        assert self._backlog.empty == (not self._waiting)

    def teardown(self) -> None:
        assert drained(self._backlog) == self._waiting
        self._backlog.close()
        self._directory.cleanup()


TestBacklogMachine = BacklogMachine.TestCase
TestBacklogMachine.settings = settings(max_examples=scaled(25), stateful_step_count=15, deadline=None)


def test_what_the_disk_does_not_take_waits_in_memory_until_it_does(backlog: Backlog, disk: Disk) -> None:
    # Given a disk that becomes full
    backlog.put(received(1))
    disk.full = True
    with capture_logs() as logs:
        backlog.put(received(2))
        backlog.put(received(3))
    assert [line["event"] for line in logs] == ["spool can't be written, messages wait in memory"]
    assert disk.messages == 1
    # When there's room on it again, then all of them are there at the next message
    disk.full = False
    backlog.put(received(4))
    assert disk.messages == 4
    assert drained(backlog) == [1, 2, 3, 4]


def test_gives_up_the_newest_when_everything_is_full_and_says_which(disk: Disk) -> None:
    before = counted("fmn_spool_dropped")
    told: list[tuple[datetime, datetime]] = []
    backlog = Backlog(disk, Spool(None, 1), on_dropped=lambda *gap: told.append(gap))
    # When more comes than there's room for on the disk and in memory
    with capture_logs() as logs:
        for number in range(0, 300, 20):
            backlog.put(received(*range(number, number + 20), body=LARGE))
        found = []
        for _ in range(2):
            portion = backlog.peek()
            assert portion is not None
            found += numbers_of(portion.messages)
            backlog.acknowledge(portion)
        backlog.put(received(300))
    # Then what came first is there, and the rest is counted
    found += drained(backlog)
    missing = 301 - len(found)
    assert found == [*range(300 - missing), 300]
    assert counted("fmn_spool_dropped") == before + missing
    # And it's said where to look for it
    [line] = [line for line in logs if line["event"] == "messages are missing"]
    first, last = received(300 - missing, 299)
    assert line["messages"] == missing
    assert (line["since"], line["until"]) == (first.at.isoformat(), last.at.isoformat())
    assert told == [(first.at, last.at)]
    backlog.close()


def test_a_disk_that_cannot_be_read_holds_up_nothing_else(backlog: Backlog, disk: Disk) -> None:
    backlog.put(received(1))
    disk.full = disk.unreadable = True
    with capture_logs() as logs:
        backlog.put(received(2))
        assert drained(backlog) == [2]
    assert [line["event"] for line in logs] == [
        "spool can't be written, messages wait in memory", "spool can't be read"]
    disk.unreadable = False
    assert drained(backlog) == [1]


def test_a_stop_leaves_everything_to_the_next_process(disk: Disk, tmp_path: Path) -> None:
    backlog = Backlog(disk, Spool(None, 1))
    disk.full = True
    backlog.put(received(1, 2))
    disk.full = False
    backlog.close()
    following = Backlog.from_settings(SpoolSettings(directory=tmp_path))
    assert drained(following) == [1, 2]
    following.close()


def test_a_stop_without_a_disk_says_what_is_lost() -> None:
    backlog = Backlog.from_settings(SpoolSettings())
    backlog.put(received(1, 2))
    with capture_logs() as logs:
        backlog.close()
    assert [(line["event"], line["messages"]) for line in logs] == [
        ("stopped with messages not stored", 2)]


def test_says_how_much_waits_where(backlog: Backlog, disk: Disk) -> None:
    spooled, drained_before = counted("fmn_spool_spooled"), counted("fmn_spool_drained")
    backlog.put(received(1, 2))
    disk.full = True
    backlog.put(received(3))
    assert gauge("disk") == 2
    assert gauge("memory") == 1
    drained(backlog)
    assert gauge("disk") == gauge("memory") == 0
    assert counted("fmn_spool_spooled") == spooled + 3
    assert counted("fmn_spool_drained") == drained_before + 3


def test_says_how_much_an_earlier_process_left_and_when_another_one_is_done_with_it(
    backlog: Backlog, tmp_path: Path,
) -> None:
    backlog.put(received(1))
    other = Backlog.from_settings(SpoolSettings(directory=tmp_path))
    assert gauge("disk") == 1
    # When another one drains what both know of
    drained(backlog)
    metrics.spool_messages.labels("disk").set(1)
    # Then this one notices when it looks
    assert other.peek() is None
    assert gauge("disk") == 0
    other.close()


def gauge(place: str) -> float | None:
    return REGISTRY.get_sample_value("fmn_spool_messages", {"place": place})


def test_a_directory_that_cannot_be_made_is_a_mistake_in_the_settings(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    directory = tmp_path / "file" / "spool"
    with pytest.raises(OperatorError, match=r"fmn\.spool\.directory = .*/file/spool can't be made"):
        Backlog.from_settings(SpoolSettings(directory=directory))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "fmn-test", place], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("only root mounts a small file system, and not everywhere")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


@pytest.mark.skipif(shutil.which("mount") is None, reason="there's no mount here")
def test_a_disk_that_is_full_loses_nothing(small_disk: Path) -> None:
    # Given a disk on which others have left little room
    others = small_disk / "others"
    others.write_bytes(bytes(600_000))
    backlog = Backlog.from_settings(SpoolSettings(directory=small_disk))
    for number in range(0, 100, 10):
        backlog.put(received(*range(number, number + 10), body=LARGE))
    assert gauge("memory")
    # When there's more again
    others.unlink()
    backlog.put(received(100))
    # Then all is there
    assert drained(backlog) == list(range(101))
    backlog.close()

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from fmn.catalog import Message
from fmn.sources.spool.sqlite_spool import ReceivedMessage, Spool, SpoolError
from tests.factories.messages import NOON, make_message
from tests.hypothesis_profiles import scaled
from tests.vectors.json_values import values

#: Bytes: too much for a page, so that a message is more than one.
LARGE = "x" * 10_000


def received(*numbers: int, body: object = None) -> list[ReceivedMessage]:
    return [
        ReceivedMessage(make_message(number, body=body), NOON + timedelta(seconds=number))
        for number in numbers]


def numbers_in(spool: Spool) -> list[int]:
    _, messages = spool.peek(1_000_000)
    return [int(each.message.msg_id.rpartition("-")[2]) for each in messages]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spool.sqlite"


@pytest.fixture
def spool(path: Path) -> Iterator[Spool]:
    with closing(Spool(path, 10)) as made:
        yield made


def test_large_messages_are_read_a_few_at_a_time(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fmn.sources.spool.sqlite_spool.BATCH_BYTES", 2 * len(LARGE))
    spool.put(received(1, 2, 3, body={"text": LARGE}))

    last, messages = spool.peek(100)

    assert len(messages) == 2
    spool.delete_up_to(last)
    assert numbers_in(spool) == [3]


class SpoolMachine(RuleBasedStateMachine):
    """A spool of two processes beside a list: both have the same messages, in that order."""

    def __init__(self) -> None:
        super().__init__()
        self._directory = tempfile.TemporaryDirectory()
        self._path = Path(self._directory.name) / "spool.sqlite"
        self._waiting: list[int] = []
        self._last = 0

    @initialize()
    def open(self) -> None:
        # Two processes that share a file.
        self._spools = [Spool(self._path, 10), Spool(self._path, 10)]

    @rule(who=st.integers(0, 1), count=st.integers(1, 5))
    def put(self, who: int, count: int) -> None:
        new = list(range(self._last + 1, self._last + count + 1))
        self._spools[who].put(received(*new))
        self._waiting += new
        self._last += count

    @rule(who=st.integers(0, 1), choice=st.randoms(use_true_random=False))
    def put_what_is_there_already(self, who: int, choice: random.Random) -> None:
        if self._waiting:
            self._spools[who].put(received(choice.choice(self._waiting)))

    @rule(who=st.integers(0, 1), limit=st.integers(1, 5))
    def drain(self, who: int, limit: int) -> None:
        last, messages = self._spools[who].peek(limit)
        assert [each.message.msg_id for each in messages] == [
            make_message(number).msg_id for number in self._waiting[:limit]]
        assert [each.at for each in messages] == [each.at for each in received(*self._waiting[:limit])]
        if messages:
            self._spools[who].delete_up_to(last)
        del self._waiting[:limit]

    @rule(who=st.integers(0, 1))
    def restart(self, who: int) -> None:
        self._spools[who].close()
        self._spools[who] = Spool(self._path, 10)

    @invariant()
    def is_the_list(self) -> None:
        for spool in self._spools:
            assert numbers_in(spool) == self._waiting
            assert spool.messages == len(self._waiting)

    def teardown(self) -> None:
        for spool in self._spools:
            spool.close()
        self._directory.cleanup()


TestSpoolMachine = SpoolMachine.TestCase
TestSpoolMachine.settings = settings(max_examples=scaled(20), stateful_step_count=15, deadline=None)


@settings(max_examples=scaled(50), deadline=None)
@given(body=values, signer=st.text(), sent_at=st.datetimes(timezones=st.just(UTC)),
       headers=st.dictionaries(st.text(), values, max_size=3), source=st.text())
def test_what_comes_out_is_what_went_in(
    body: object, signer: str, sent_at: datetime, headers: dict[str, object], source: str,
) -> None:
    message = Message("2026-1", "org.example.dev.oven.cake", sent_at, body, signer, headers, source)
    with closing(Spool(None, 1)) as spool:
        spool.put([ReceivedMessage(message, NOON)])
        [(again, at)] = spool.peek(1)[1]
    # NaN isn't equal to itself, and in UTC there's no hour that comes twice.
    assert (repr(again), at) == (repr(replace(message, sent_at=sent_at.replace(fold=0))), NOON)


@settings(max_examples=scaled(60), deadline=None)
@given(share=st.floats(0, 1), batches=st.integers(1, 6), ending=st.sampled_from(["", "-wal"]))
def test_a_file_that_is_cut_anywhere_has_its_first_batches_or_is_set_aside(
    share: float, batches: int, ending: str,
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        # Given the files of a process that died, one of them cut off somewhere
        living, path = Path(directory, "living.sqlite"), Path(directory, "spool.sqlite")
        with closing(Spool(living, 10)) as spool:
            for batch in range(batches):
                spool.put(received(2 * batch, 2 * batch + 1))
            for end in ("", "-wal"):
                content = Path(f"{living}{end}").read_bytes()
                kept = content[:round(share * len(content))] if end == ending else content
                Path(f"{path}{end}").write_bytes(kept)

        # When the next process looks into it, then it sees whole batches, the first ones
        with closing(Spool(path, 10)) as spool:
            try:
                found = numbers_in(spool)
            except SpoolError:
                found = numbers_in(spool)
                assert found == []
                assert list(Path(directory).glob("spool.sqlite.damaged-*"))
            assert found in [list(range(2 * n)) for n in range(batches + 1)]
            # And takes what comes next
            spool.put(received(100))
            assert numbers_in(spool) == [*found, 100]


def test_takes_no_more_than_it_may_and_more_again_later(spool: Spool, path: Path) -> None:
    spool = Spool(path, 1)
    # When it gets more than there's room for
    kept: list[int] = []
    with pytest.raises(SpoolError, match="full"):  # noqa: PT012 - it has to come at some time
        for number in range(1000):
            spool.put(received(number, body=LARGE))
            kept.append(number)
    # Then what it had is there
    assert 50 < len(kept) < 105
    assert numbers_in(spool) == kept
    assert path.stat().st_size <= 1024 * 1024
    # And when some of it is gone there's room again
    last, _ = spool.peek(10)
    spool.delete_up_to(last)
    spool.put(received(2000, body=LARGE))
    assert numbers_in(spool) == [*kept[10:], 2000]
    spool.close()


def test_all_or_none_of_a_batch_is_there(path: Path) -> None:
    with closing(Spool(path, 1)) as spool:
        spool.put(received(1))
        with pytest.raises(SpoolError):
            spool.put(received(*range(2, 200), body=LARGE))
        assert numbers_in(spool) == [1]


def test_becomes_small_when_all_is_gone(spool: Spool, path: Path) -> None:
    spool.put(received(*range(100), body=LARGE))
    spool.delete_up_to(spool.peek(100)[0])
    assert spool.messages == 0
    assert sum(file.stat().st_size for file in path.parent.iterdir()) < 100_000
    assert spool.bytes < 50_000


def test_what_cannot_be_deleted_does_not_come_back(spool: Spool, path: Path) -> None:
    spool.put(received(1, 2, 3))
    last, _ = spool.peek(2)
    # Given somebody who hangs while they write
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("fmn.sources.spool.sqlite_spool.BUSY_SECONDS", 0.01)
            spool.close()
            with pytest.raises(SpoolError, match="locked"):
                spool.delete_up_to(last)
    assert numbers_in(spool) == [3]
    assert spool.messages == 1


def test_a_row_that_nobody_can_read_holds_up_no_other(spool: Spool, path: Path) -> None:
    spool.put(received(1, 2, 3))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("UPDATE messages SET content = '{\"msg' WHERE number = 2")
    assert numbers_in(spool) == [1, 3]


def test_a_file_that_is_none_is_set_aside(spool: Spool, path: Path) -> None:
    path.write_bytes(b"not what it should be" * 1000)
    with pytest.raises(SpoolError):
        spool.put(received(1))
    spool.put(received(1))
    assert numbers_in(spool) == [1]
    [aside] = path.parent.glob("spool.sqlite.damaged-*")
    assert aside.read_bytes().startswith(b"not what")


#: Puts batches of two, and says so after each.
PUTS = """
import sys
from pathlib import Path
from fmn.sources.spool.sqlite_spool import Spool
from tests.unit.fmn.sources.spool.test_sqlite_spool import received
spool = Spool(Path(sys.argv[1]), 100)
for number in range(0, 100_000, 2):
    spool.put(received(number, number + 1))
    print(number + 1, flush=True)
"""


def test_a_killed_process_leaves_all_that_it_said_it_had_kept(path: Path) -> None:
    root = Path(__file__).parents[5]
    process = subprocess.Popen(
        [sys.executable, "-c", PUTS, path], cwd=root, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    # When it's killed at some moment
    said = [int(process.stdout.readline()) for _ in range(random.randint(5, 50))]
    process.send_signal(signal.SIGKILL)
    said += map(int, process.stdout.read().split())
    process.wait()
    process.stdout.close()
    # Then all batches of which it said so are there, and no half of another
    with closing(Spool(path, 100)) as spool:
        found = numbers_in(spool)
    assert found == list(range(len(found)))
    assert len(found) in {said[-1] + 1, said[-1] + 3}



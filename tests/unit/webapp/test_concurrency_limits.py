"""Requests in progress, counted by whoever makes them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.servers.waiting import wait_until
from webapp.concurrency_limits import InProgress, Sending

#: Seconds that nobody waits in vain here.
LONG = 60.0


def test_one_more_than_may_be_is_told_so_once_it_has_waited() -> None:
    in_progress = InProgress(wait_seconds=0.01)

    assert [in_progress.enter("mallory", 2) for _ in range(3)] == [True, True, False]


def test_others_dont_notice() -> None:
    in_progress = InProgress(wait_seconds=0.01)
    while in_progress.enter("mallory", 2):
        pass

    assert in_progress.enter("alice", 2)


def test_whoever_waits_goes_on_when_an_earlier_one_is_done() -> None:
    in_progress = InProgress(LONG)
    assert in_progress.enter("alice", 1)

    with ThreadPoolExecutor(1) as threads:
        second = threads.submit(in_progress.enter, "alice", 1)
        in_progress.leave("alice")
        assert second.result(LONG)


def test_only_one_waits_so_that_others_have_threads() -> None:
    # Given somebody whose request is in progress, and a second one that waits
    in_progress = InProgress(LONG)
    assert in_progress.enter("mallory", 1)
    with ThreadPoolExecutor(1) as threads:
        second = threads.submit(in_progress.enter, "mallory", 1)
        wait_until(lambda: in_progress.waiting == 1, LONG, "nobody waits")

        # Then a third one is refused at once
        assert not in_progress.enter("mallory", 1)

        in_progress.leave("mallory")
        assert second.result(LONG)


def test_nothing_is_kept_of_whoever_is_done() -> None:
    in_progress = InProgress(wait_seconds=0.01)
    for number in range(100):
        assert in_progress.enter(f"person {number}", 1)
        assert not in_progress.enter(f"person {number}", 1)
        in_progress.leave(f"person {number}")

    assert in_progress.known == 0


class TestSending:
    """What comes piece by piece is in progress until it's sent."""

    def sending(self, in_progress: InProgress, *pieces: bytes) -> Sending:
        assert in_progress.enter("alice", 1)
        return Sending(iter(pieces), [lambda: in_progress.leave("alice")])

    def test_is_over_after_the_last_piece(self) -> None:
        in_progress = InProgress()
        sending = self.sending(in_progress, b"a", b"b")
        assert next(sending) == b"a"
        assert in_progress.known == 1

        assert list(sending) == [b"b"]
        assert in_progress.known == 0

    def test_is_over_once_if_the_client_goes(self) -> None:
        in_progress = InProgress()
        sending = self.sending(in_progress, b"a", b"b")

        sending.close()
        sending.close()
        assert in_progress.known == 0

    def test_is_over_if_it_fails(self) -> None:
        def failing() -> Iterator[bytes]:
            yield b"a"
            raise RuntimeError

        in_progress = InProgress()
        assert in_progress.enter("alice", 1)
        sending = Sending(failing(), [lambda: in_progress.leave("alice")])

        with pytest.raises(RuntimeError):
            list(sending)
        assert in_progress.known == 0

    def test_is_over_if_no_server_ever_gets_it(self) -> None:
        in_progress = InProgress()
        sending = self.sending(in_progress, b"a")

        del sending
        assert in_progress.known == 0

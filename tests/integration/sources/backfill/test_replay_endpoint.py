"""Asking publishers that keep what they sent, over ZeroMQ."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import zmq

from fmn.sources.backfill import replay_endpoint
from fmn.sources.backfill.backfill_source import BackfillSourceError
from fmn.sources.backfill.replay_endpoint import ReplayEndpoint
from fmn.sources.backfill.time_windows import BackfillWindow
from tests.servers.ports import free_port

WINDOW = BackfillWindow(1_770_000_000, 1_770_000_600)
Answers = Callable[[Any], Sequence[bytes]]


@contextmanager
def endpoint(answer: Answers) -> Iterator[str]:
    """An endpoint that answers one question, or none if it has nothing to say."""
    address = f"tcp://127.0.0.1:{free_port()}"
    ends = threading.Event()

    def run() -> None:
        with zmq.Context() as context, context.socket(zmq.REP) as socket:
            socket.setsockopt(zmq.LINGER, 0)
            socket.bind(address)
            while not ends.is_set():
                if socket.poll(20) and (said := answer(json.loads(socket.recv()))):
                    socket.send_multipart(said)
                    socket.poll(1000)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield address
    finally:
        ends.set()
        thread.join()


def told(answer: Answers, *, timeout: float = 5.0, most_bytes: int = 10_000) -> list[object]:
    with endpoint(answer) as address:
        source = ReplayEndpoint(address, timeout, most_bytes=most_bytes)
        try:
            return [body for bodies in source.messages(WINDOW) for body in bodies]
        finally:
            source.close()


def test_a_window_is_asked_for_and_all_of_it_is_read() -> None:
    asked: list[Any] = []

    def answer(query: Any) -> Sequence[bytes]:
        asked.append(query)
        return [json.dumps({"msg_id": f"2026-{number}", "seq_id": number}).encode() for number in range(3)]

    assert told(answer) == [{"msg_id": f"2026-{number}", "seq_id": number} for number in range(3)]
    assert asked == [{"time": [WINDOW.start, WINDOW.end]}]


def test_large_answers_are_decoded_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_endpoint, "MAX_BYTES", 30)
    frames = [json.dumps({"msg_id": number}).encode() for number in range(5)]
    with endpoint(lambda _: frames) as address:
        source = ReplayEndpoint(address, 5.0)
        portions = [[body["msg_id"] for body in bodies] for bodies in source.messages(WINDOW)]  # type: ignore[index]
        source.close()

    assert portions == [[0, 1], [2, 3], [4]]


def test_nothing_is_nothing() -> None:
    assert told(lambda _: [b"error: 'There was no match for the given query'"]) == []


@pytest.mark.parametrize(("answer", "reason"), [
    (lambda _: [b"error: 'Ill-format \"time\" field'"], "answers 'Ill-format"),
    (lambda _: [b"[" * 5000], "answers"),
    (lambda _: (), "didn't answer within 0.3 seconds"),
    (lambda _: [b'"' + b"x" * 20_000 + b'"'], "didn't answer within 0.3 seconds"),
])
def test_what_goes_wrong_is_told(answer: Answers, reason: str) -> None:
    with pytest.raises(BackfillSourceError, match=reason):
        told(answer, timeout=0.3)

"""A source in memory whose sender keeps what isn't acknowledged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from datetime import datetime
from threading import Event

from fmn.catalog import Message
from fmn.sources.contract import Batch
from fmn.sources.spool.sqlite_spool import ReceivedMessage
from tests.factories.messages import NOON, make_message


class AcknowledgedSource:
    """Gives batches of numbered messages, and notes what it's told of them."""

    def __init__(self, *batches: Batch, name: str = "queue", fails: Exception | None = None) -> None:
        self.name, self.acknowledges = name, True
        self._batches, self._fails = batches, fails
        self.acknowledged: list[Batch] = []
        self.stored_messages: list[Message] = []
        self.waited = Event()

    def running(self) -> nullcontext[None]:
        return nullcontext()

    def batches(self, stop: Event) -> Iterator[Batch]:
        yield from self._batches
        if self._fails is not None:
            raise self._fails

    def safe(self, batch: Batch) -> None:
        self.acknowledged.append(batch)

    def stored(self, messages: Sequence[Message]) -> None:
        self.stored_messages += messages

    def dropped(self, since: datetime, until: datetime) -> None:
        raise AssertionError("nothing is dropped that a sender keeps")

    def waiting(self) -> None:
        self.waited.set()

    def problem(self) -> str:
        return ""


def batch_of(*numbers: int, source: str = "queue") -> Batch:
    """A batch of numbered messages."""
    messages = [make_message(number) for number in numbers]
    return Batch([
        ReceivedMessage(Message(each.msg_id, each.topic, each.sent_at, each.body, source=source), NOON)
        for each in messages])

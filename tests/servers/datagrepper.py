"""An archive of the bus that answers like datagrepper, over real HTTP, and spoils its answers as told."""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.servers.receiver import Answer, Received, Receiver

Body = Mapping[str, Any]
#: What datagrepper refuses to exceed.
MAX_ROWS = 100


class Datagrepper(Receiver):
    """Has what was :meth:`archived`. ``planned`` are what the next answers are, or what becomes of them."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[dict[str, Any]] = []
        self.planned: deque[Callable[[Answer], Answer]] = deque()
        #: Called before each answer: an archive goes on while one reads in it.
        self.meanwhile: Callable[[], object] = lambda: None
        #: Whether messages of the same second come in another order with each answer.
        self.shuffles = False

    @property
    def address(self) -> str:
        """What FMN is told."""
        return f"{self.url}/raw"

    @property
    def search_address(self) -> str:
        """The same for messages in the form of AMQP."""
        return f"{self.url}/v2/search"

    @property
    def queries(self) -> list[dict[str, int]]:
        """What was asked, in order."""
        return [
            {name: int(value) for name, value in _query(received).items() if value.isdecimal()}
            for received in self.received]

    def archived(self, frames: list[bytes]) -> None:
        """Keep a message that was on the bus, as the history service does: changed a little."""
        body = json.loads(frames[1])
        self.bodies.append({
            **body, "timestamp": float(body["timestamp"]), "source_name": "datanommer",
            "source_version": "0.9.1", "headers": {}})

    def archived_delivery(
        self, msg_id: str, topic: str, body: Any, sent_at: datetime, headers: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep a message that came over AMQP: nobody signed it."""
        given = {"fedora_messaging_schema": "base.message", "sent-at": sent_at.isoformat(), **(headers or {})}
        self.bodies.append({
            "msg_id": msg_id, "topic": topic, "msg": body, "headers": given, "signature": None,
            "certificate": None, "crypto": None, "i": 0, "username": None, "category": topic.split(".")[3],
            "timestamp": float(int(sent_at.timestamp())), "source_name": "datanommer",
            "source_version": "1.4.0"})

    def answer(self, received: Received) -> Answer:
        """The page that is asked for."""
        self.meanwhile()
        page = self._page(_query(received), searches=received.path.startswith("/v2/search"))
        return self.planned.popleft()(page) if self.planned else page

    def _page(self, query: Mapping[str, str], *, searches: bool) -> Answer:
        start, end = int(query["start"]), int(query["end"])
        number, rows = int(query["page"]), int(query["rows_per_page"])
        assert query["order"] == "asc"
        assert 1 <= rows <= MAX_ROWS
        turn = len(self.received) if self.shuffles else 0
        found = sorted(
            (body for body in self.bodies if start <= body["timestamp"] <= end),
            key=lambda body: (body["timestamp"], hash((body["msg_id"], turn)) if turn else 0))
        shown = found[(number - 1) * rows:number * rows]
        if searches:
            shown = [_as_delivery(body) for body in shown]
        return page_of(shown, total=len(found), pages=math.ceil(len(found) / rows))


def page_of(bodies: object, *, total: int, pages: int) -> Answer:
    """An answer in datagrepper's form."""
    said = {"arguments": {}, "count": total, "pages": pages, "raw_messages": bodies, "total": total}
    return Answer(body=json.dumps(said).encode(), headers={"Content-Type": "application/json"})


def _as_delivery(body: Body) -> dict[str, Any]:
    return {
        "body": body["msg"], "headers": body["headers"], "id": body["msg_id"], "priority": 0, "queue": None,
        "topic": body["topic"]}


def is_busy(_answer: Answer) -> Answer:
    """It can't answer now."""
    return Answer(500, b'{"error": "QueuePool limit reached"}')


def is_truncated(answer: Answer) -> Answer:
    """Half of the JSON comes, and nobody says that there was more."""
    return replace(answer, body=answer.body[:len(answer.body) // 2])


def is_slow(_answer: Answer) -> Answer:
    """Nothing comes."""
    return Answer(hangs=True)


def is_a_page_for_people(_answer: Answer) -> Answer:
    """A proxy says something."""
    return Answer(body=b"<html>Down for maintenance</html>")


def _query(received: Received) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(received.path).query))

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from structlog.testing import capture_logs

from fmn.infra.db import Base, Database
from fmn.ledger.unreadable import UnreadableMessage, unreadable_messages
from fmn.sources.unreadable_keeper import MAX_PENDING, UnreadableKeeper
from tests.factories.messages import NOON


def unreadable(number: int) -> UnreadableMessage:
    return UnreadableMessage.of("queue", NOON, f"org.example.{number}", "not-json", "", b"{")


def test_keeps_the_newest_until_the_database_is_there(tmp_path: Path) -> None:
    # Given a database that is away, and more messages than there's room for
    with closing(Database(f"sqlite:///{tmp_path}/fmn.sqlite")) as database:
        keeper = UnreadableKeeper(database)
        with capture_logs() as logs:
            for start in (0, MAX_PENDING):
                keeper.add(unreadable(start + number) for number in range(MAX_PENDING // 2 + 10))
                keeper.flush()
        assert [line["event"] for line in logs] == ["unreadable messages can't be kept, later again"]
        # When it's back, then it has the newest of them, in order
        Base.metadata.create_all(database.engine)
        keeper.flush()
        keeper.flush()
        with database.reading() as session:
            topics = [row.topic for row in reversed(unreadable_messages(session, 1_000))]
        numbers = [*range(MAX_PENDING // 2 + 10), *range(MAX_PENDING, MAX_PENDING + MAX_PENDING // 2 + 10)]
        assert topics == [f"org.example.{number}" for number in numbers[-MAX_PENDING:]]

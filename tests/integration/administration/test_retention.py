"""Years of history, pruned in small transactions, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, text, update

from fmn.administration import retention
from fmn.administration.models import AuditEntry
from fmn.administration.retention import delete_expired
from fmn.digests.closing import close_due_digests
from fmn.filters.editing import add_filter, edit_filter, remove_filter
from fmn.filters.expressions import Rule
from fmn.filters.models import Filter, StoredExpression, Undo
from fmn.filters.spec import FilterSpec
from fmn.filters.undo import undo
from fmn.infra.db import Base, Database
from fmn.ledger import messages
from fmn.ledger.deliveries import finish_sent
from fmn.ledger.models import Delivery, DeliveryState, Digest, Notification, StoredMessage
from fmn.people.models import Preference
from fmn.settings import HistorySettings
from tests.factories.messages import NO_THROTTLING, NOON, recorded, stored
from tests.factories.people import Person, change_preference, make_person

pytestmark = pytest.mark.dialects

A_DAY = timedelta(days=1)
SETTINGS = HistorySettings(days=14, delivery_days=90, audit_days=365)
TABLES = (StoredMessage, Notification, Delivery, Digest)


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH_ROWS", 3)
    monkeypatch.setattr(messages, "NOTIFICATIONS_AT_ONCE", 2)


def counts(database: Database, *tables: type[Base]) -> Sequence[int]:
    with database.reading() as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def heard(database: Database, number: int, days: int, *people: Person, sent: bool = True) -> int:
    """A message from so many days ago that concerns people, who were sent it if it was so; returns its id."""
    then = NOON - days * A_DAY
    [message] = stored(database, number, now=then)
    deliveries = recorded(database, [message], *(one.recipient for one in people), now=then).deliveries
    with database.transaction() as session:
        if sent:
            finish_sent(session, deliveries.get("email", ()), then)
    return message


def test_years_of_history_go_and_what_waits_stays(database: Database) -> None:
    # Given what waits for years: to be matched, to be sent, to be digested
    people = [make_person(database, nick) for nick in ("alice", "bob", "carol", "dave", "eve")]
    digested = make_person(database, "tom", digest_count=2)
    unmatched = stored(database, 200, now=NOON - 960 * A_DAY)
    unsent = heard(database, 201, 960, people[0], sent=False)
    # and digests that were sent, and one that isn't full
    for number in (100, 101):
        heard(database, number, 950, digested)
    sent = close_due_digests(database, NOON - 950 * A_DAY, 10, NO_THROTTLING)["email"]
    with database.transaction() as session:
        finish_sent(session, sent, NOON - 950 * A_DAY)
    undigested = heard(database, 202, 940, digested, sent=False)
    # and what people were sent since then, month by month
    for number in range(30):
        heard(database, number, 901 - number * 30, *people[:1 + number % 5])
    with database.transaction() as session:
        session.add_all([
            AuditEntry(actor="root", action="looked", subject=str(days), happened_at=NOON - days * A_DAY)
            for days in (*range(700, 360, -30), 20)])

    # When that is pruned, twice
    for _ in range(2):
        delete_expired(database, SETTINGS, NOON)

    # Then what waits is there, with all that it needs
    with database.reading() as session:
        left = session.scalars(select(StoredMessage.id).where(StoredMessage.received_at < NOON - 14 * A_DAY))
        assert set(left) == {*unmatched, unsent, undigested}
        waiting = session.scalars(select(Delivery).where(Delivery.state == DeliveryState.WAITING)).one()
        assert session.get_one(Notification, waiting.notification_id).message_id == unsent
        # and of the rest only what is young enough: two of three months' deliveries, two weeks of messages
        ended = session.scalars(
            select(Delivery.finished_at).where(Delivery.state == DeliveryState.SENT)).all()
        assert len(ended) == 4 + 5, ended
        assert all(each is not None and each > NOON - 90 * A_DAY for each in ended)
        assert session.scalars(select(Digest)).all() == []
        assert session.scalars(select(AuditEntry.subject)).all() == ["20"]
    assert counts(database, Notification) == [2]

    # and once that is done with, nothing is left for ever
    with database.transaction() as session:
        session.execute(update(StoredMessage).values(matched_at=NOON))
        session.execute(update(Delivery).values(state=DeliveryState.SENT, finished_at=NOON))
    change_preference(database, digested, digest_count=None, digest_seconds=60)
    closed = close_due_digests(database, NOON + 1_000 * A_DAY, 10, NO_THROTTLING)
    with database.transaction() as session:
        finish_sent(session, closed["email"], NOON + 1_000 * A_DAY)
    delete_expired(database, SETTINGS, NOON + 2_000 * A_DAY)
    assert counts(database, *TABLES) == [0, 0, 0, 0]


def test_no_transaction_deletes_more_than_a_little(database: Database) -> None:
    # Given messages that concern more people than fit into one step
    people = [make_person(database, nick) for nick in ("alice", "bob", "carol", "dave", "eve")]
    for number in range(4):
        heard(database, number, 100, *people)
    deleted: list[int] = []

    def note(_connection: object, cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("DELETE"):
            deleted.append(getattr(cursor, "rowcount", 0))

    event.listen(database.engine, "after_cursor_execute", note)
    delete_expired(database, SETTINGS, NOON)
    event.remove(database.engine, "after_cursor_execute", note)
    assert counts(database, *TABLES) == [0, 0, 0, 0]
    assert max(deleted) <= retention.BATCH_ROWS


def test_expressions_go_that_nobody_asks_and_no_undo_brings_back(database: Database) -> None:
    # Given a filter that asks something else now, and one that was deleted just now
    alice = make_person(database, packages=("kernel", "moss"))
    with database.transaction() as session:
        edit_filter(session, alice.filter_ids[0], lambda spec: spec.replaced(expression=Rule("koji_tag")))
        removed = remove_filter(session, alice.filter_ids[1])
    delete_expired(database, SETTINGS, NOON)
    with database.reading() as session:
        bodies = session.scalars(select(StoredExpression.body).order_by(StoredExpression.id)).all()
        assert bodies == [{"rule": "package_filter", "with": {"package": "moss"}}, {"rule": "koji_tag"}]
    # Then that one can come back, and once it can't any more, its expression goes
    with database.transaction() as session:
        assert undo(session, alice.user_id, removed).names == ["moss"]
        remove_filter(session, alice.filter_ids[1])
        session.execute(update(Undo).values(created_at=NOON - 2 * A_DAY))
    delete_expired(database, SETTINGS, NOON)
    assert counts(database, Undo, StoredExpression) == [0, 1]
    # and what is asked again is stored again
    with database.transaction() as session:
        add_filter(session, session.get_one(Preference, alice.preference_id), FilterSpec(
            name="again", expression=Rule.of("package_filter", {"package": "moss"})))
    assert counts(database, Filter, StoredExpression) == [2, 2]


@pytest.mark.parametrize("statement", [
    "SELECT id FROM messages WHERE received_at < now() ORDER BY received_at LIMIT 1000",
    "SELECT id FROM notifications WHERE message_id IN (1, 2, 3)",
    "SELECT id, created_at FROM deliveries WHERE id > 7 ORDER BY id LIMIT 1000",
    "SELECT id FROM deliveries WHERE digest_id = 7",
    "SELECT id FROM deliveries WHERE notification_id = 7",
    "SELECT id FROM notifications WHERE digest_id = 7",
    "SELECT id, created_at FROM digests WHERE id > 7 ORDER BY id LIMIT 1000",
    "SELECT id, happened_at FROM audit_entries WHERE id > 7 ORDER BY id LIMIT 1000",
    "SELECT number FROM stream_events WHERE created_at < now() ORDER BY created_at LIMIT 1000",
    "SELECT revision FROM preference_changes WHERE changed_at < now() ORDER BY changed_at LIMIT 1000",
    "SELECT id FROM undos WHERE created_at < now() ORDER BY created_at LIMIT 1000",
    "SELECT id FROM mutes WHERE until < now() ORDER BY until LIMIT 1000",
    "SELECT id FROM confirmations WHERE created_at < now() ORDER BY created_at LIMIT 1000",
    "SELECT id FROM filters WHERE expression_id = 7",
])
def test_what_is_pruned_is_found_by_an_index(postgresql_database: Database, statement: str) -> None:
    with postgresql_database.transaction() as session:
        # Small tables are read through whatever indexes there are, unless PostgreSQL is told not to.
        session.execute(text("SET LOCAL enable_seqscan = off"))
        session.execute(text("SET LOCAL enable_sort = off"))
        plan = "\n".join(session.scalars(text(f"EXPLAIN {statement}")))
    assert "Seq Scan" not in plan
    assert "Sort" not in plan

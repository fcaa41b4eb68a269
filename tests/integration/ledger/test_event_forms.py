"""Events that are published in several forms count once, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from fmn.catalog import Message
from fmn.infra.db import Base, Database
from fmn.ledger.event_forms import FORMS_WITHIN, MAX_OCCURRENCES, prune_published_events
from fmn.ledger.messages import store
from fmn.ledger.models import PublishedEvent, RememberedId, StoredMessage
from tests.concurrency import at_once, wait_until_waiting
from tests.factories.messages import NOON
from tests.hypothesis_profiles import scaled

pytestmark = pytest.mark.dialects

SECOND = timedelta(seconds=1)
PROJECT = {"id": 42, "name": "moss", "version": "2.4"}
#: A mirror and a version, as their services tell of them in two forms.
FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "mirror v1": ("mirrormanager.host.updated", {"host_id": 7, "site_id": 1, "asn": 0, "bandwidth": 0}),
    "mirror v2": ("mirrormanager.host.updated.v2", {"agent": "mary", "host": {"id": 7, "name": "moss"}}),
    "version v1": ("anitya.project.version.update", {
        "project": PROJECT, "message": {"upstream_version": "2.4", "old_version": "2.3"}}),
    "version v2": ("anitya.project.version.update.v2", {
        "project": PROJECT, "message": {"upstream_versions": ["2.4", "2.3.1"], "old_version": "2.3"}}),
}


def form(
    name: str, number: int = 1, sent_at: datetime = NOON, signer: str = "", env: str = "prod",
) -> Message:
    title, body = FORMS[name]
    return Message(f"{name}-{number}", f"org.fedoraproject.{env}.{title}", sent_at, body, signer)


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/fmn.sqlite")
    Base.metadata.create_all(database.engine)
    yield database
    database.close()


def take(database: Database, *messages: Message) -> list[str]:
    """Take messages in; returns the ids of those that were stored."""
    with database.transaction() as session:
        rows = store(session, messages, NOON)
        return list(session.scalars(
            select(StoredMessage.msg_id).where(StoredMessage.id.in_(rows)).order_by(StoredMessage.id)))


@pytest.mark.parametrize("subject", ["mirror", "version"])
@pytest.mark.parametrize("first", ["v1", "v2"])
def test_the_first_form_counts(database: Database, subject: str, first: str) -> None:
    second = {"v1": "v2", "v2": "v1"}[first]

    assert take(database, form(f"{subject} {first}")) == [f"{subject} {first}-1"]
    assert take(database, form(f"{subject} {second}", sent_at=NOON + SECOND)) == []


def test_of_forms_that_come_together_the_latest_counts(database: Database) -> None:
    # Given a first form that doesn't say who did it, then whoever did hears of it nevertheless
    assert take(database, form("mirror v1"), form("mirror v2"), form("version v2"), form("version v1")) == [
        "mirror v2-1", "version v2-1"]


def test_a_form_alone_counts(database: Database) -> None:
    assert take(database, form("mirror v1")) == ["mirror v1-1"]
    assert take(database, form("version v2")) == ["version v2-1"]


def test_what_happens_again_within_seconds_counts_again(database: Database) -> None:
    # Given a mirror that's changed twice, when both changes are told in both forms
    assert take(database, form("mirror v1", 1)) == ["mirror v1-1"]
    assert take(database, form("mirror v2", 1, NOON + SECOND)) == []
    assert take(database, form("mirror v1", 2, NOON + 5 * SECOND)) == ["mirror v1-2"]
    assert take(database, form("mirror v2", 2, NOON + 6 * SECOND)) == []


def test_what_happens_again_hours_later_counts_again(database: Database) -> None:
    take(database, form("mirror v1"))

    assert take(database, form("mirror v2", 2, NOON + timedelta(hours=3))) == ["mirror v2-2"]


def test_a_message_that_comes_again_stays_known(database: Database) -> None:
    take(database, form("mirror v1"))
    take(database, form("mirror v2"))

    assert take(database, form("mirror v2"), form("mirror v1")) == []


@pytest.mark.parametrize("other", [
    form("mirror v2", env="stg"),
    form("mirror v2", signer="mirrors02"),
    Message("x", "org.fedoraproject.prod.mirrormanager.host.updated.v2", NOON, {"host": {"id": 8}}),
    Message("x", "org.fedoraproject.prod.mirrormanager.host.updated.v2", NOON, {"host": {}}),
    Message("x", "org.fedoraproject.prod.mirrormanager.host.deleted.v2", NOON, {"host": {"id": 7}}),
], ids=["environment", "signer", "mirror", "no mirror", "event"])
def test_other_events_are_told_apart(database: Database, other: Message) -> None:
    take(database, form("mirror v1"))

    assert take(database, other) == [other.msg_id]


def test_nothing_is_remembered_of_what_was_not_stored(database: Database) -> None:
    with database.transaction() as session:
        store(session, [form("mirror v1")], NOON)
        session.rollback()

    assert take(database, form("mirror v2")) == ["mirror v2-1"]


def test_it_takes_little_space(database: Database) -> None:
    # Given a mirror that somebody changes all the time
    take(database, *(form("mirror v1", n, NOON + n * SECOND) for n in range(MAX_OCCURRENCES + 20)))

    with database.transaction() as session:
        (event,) = session.scalars(select(PublishedEvent))
        assert len(event.occurrences) == MAX_OCCURRENCES
    # and when the history ends, it's forgotten
    with database.transaction() as session:
        assert prune_published_events(session, NOON, 10) == 0
        assert prune_published_events(session, NOON + timedelta(days=1), 10) == 1
        assert session.scalar(select(func.count()).select_from(PublishedEvent)) == 0


def test_two_who_store_two_forms_at_once_store_one(postgresql_database: Database) -> None:
    # Given a process that has stored a form and not committed
    with postgresql_database.transaction() as first:
        assert len(store(first, [form("mirror v1")], NOON)) == 1
        # When another one stores the other form, then it waits
        with ThreadPoolExecutor(1) as pool:
            second = pool.submit(take, postgresql_database, form("mirror v2"))
            wait_until_waiting(postgresql_database)
            first.commit()
            assert second.result() == []


def test_those_who_store_forms_of_the_same_events_do_not_block_each_other(
    postgresql_database: Database,
) -> None:
    taken = at_once(4, lambda n: take(postgresql_database, *(
        form(f"{subject} v{1 + n % 2}", n // 2) for subject in (["mirror", "version"][::1 - 2 * (n // 2)]))))

    assert Counter(name.split(" ")[0] for names in taken for name in names) == {"mirror": 2, "version": 2}


class Publication(NamedTuple):
    """Something that happens at a second, published in these forms this many seconds later."""

    at: int
    v1: int | None
    v2: int | None


#: What happens is further apart than its forms: which belong together is plain.
PUBLICATIONS = st.lists(
    st.tuples(st.sampled_from(["v1", "v2", "both"]), st.integers(0, 4), st.integers(0, 4)), max_size=6,
).map(lambda drawn: [
    Publication(10 * n, a if which != "v2" else None, b if which != "v1" else None)
    for n, (which, a, b) in enumerate(drawn)])


def messages_of(publications: Sequence[Publication]) -> list[Message]:
    return [
        form(name, n, NOON + (each.at + after) * SECOND) for n, each in enumerate(publications)
        for name, after in (("mirror v1", each.v1), ("mirror v2", each.v2)) if after is not None]


@settings(max_examples=scaled(25), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(PUBLICATIONS, st.data())
def test_whatever_is_published_in_both_forms_counts_once_however_it_comes(
    sqlite_database: Database, publications: list[Publication], data: st.DataObject,
) -> None:
    both = [each for each in publications if None not in (each.v1, each.v2)]
    with sqlite_database.transaction() as session:
        for table in (StoredMessage, RememberedId, PublishedEvent):
            session.execute(delete(table))
    # When they come by batches, in the order in which they were sent, some of them again
    coming = sorted(messages_of(both), key=lambda message: message.sent_at)
    counted: list[str] = []
    while coming:
        size = data.draw(st.integers(1, len(coming)))
        counted += take(sqlite_database, *coming[:size])
        assert take(sqlite_database, *coming[:size]) == []
        coming = coming[size:]
    # Then each counts, in one form
    assert sorted(name.rpartition("-")[2] for name in counted) == [str(n) for n in range(len(both))]


@settings(max_examples=scaled(25), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(PUBLICATIONS, st.randoms(use_true_random=False))
def test_nothing_is_lost_that_no_other_form_tells(
    sqlite_database: Database, publications: list[Publication], random: Any,
) -> None:
    with sqlite_database.transaction() as session:
        for table in (StoredMessage, RememberedId, PublishedEvent):
            session.execute(delete(table))
    messages = messages_of(publications)
    random.shuffle(messages)
    counted = [name for message in messages for name in take(sqlite_database, message)]
    # Each form is counted, or a message of the other form is in its place
    sent = Counter(message.title for message in messages)
    assert len(counted) >= max(sent.values(), default=0)
    assert len(counted) <= len(messages)


def test_forms_are_told_within_minutes() -> None:
    assert timedelta(minutes=1) <= FORMS_WITHIN < timedelta(hours=1)

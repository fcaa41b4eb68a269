"""Floods: more at once than anybody wants singly, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, select, text

from fmn.catalog import Message, catalog
from fmn.delivery.contract import RenderedDelivery
from fmn.delivery.rendering import render_deliveries
from fmn.digests.closing import close_due_digests
from fmn.digests.throttled_digest import MAX_LISTED, explanation
from fmn.infra.db import Database
from fmn.ledger.inbox import inbox
from fmn.ledger.messages import lock_unmatched, store
from fmn.ledger.models import Delivery, DeliveryKind, Notification
from fmn.ledger.throttling import IncomingNotification, recent_rate
from fmn.matching.batch_recorder import record
from fmn.matching.pipeline import MatchedMessage
from fmn.settings import FloodSettings
from tests.concurrency import at_once
from tests.factories.clocks import Clock
from tests.factories.matching import GivenRecipients
from tests.factories.messages import NOON
from tests.factories.people import Person, change_preference, make_person

THROTTLING = FloodSettings()
BUILT, FAILED, TAGGED = "koji_build_completed", "koji_build_failed", "koji_tag"
#: Messages that a worker takes at a time.
BATCH = 100
#: Batches that four workers take.
COUNT = 12


@dataclass
class World:
    """A bus, workers and a scheduler that is asked every minute."""

    database: Database
    clock: Clock = field(default_factory=Clock)
    number: int = 0

    def comes(self, count: int, who: Person, kind: str = BUILT) -> None:
        """So many messages of a kind concern somebody, and one worker matches them."""
        for start in range(0, count, BATCH):
            self.matches(self.take_in(min(BATCH, count - start), kind), who)

    def take_in(self, count: int, kind: str = BUILT) -> list[int]:
        example = catalog().events_by_name[kind].example_message()
        first, self.number = self.number, self.number + count
        messages: list[Message] = [
            replace(example, msg_id=f"2026-{number:06}") for number in range(first, self.number)]
        with self.database.transaction() as session:
            return store(session, messages, self.clock())

    def matches(self, ids: Sequence[int], who: Person) -> None:
        with self.database.transaction() as session:
            batch = [MatchedMessage(row, catalog().facts(row.message), [who.recipient])
                     for row in lock_unmatched(session, ids)]
            record(
                session, batch, self.clock(), THROTTLING,
                GivenRecipients.of(session, [one.matches for one in batch]))

    def passes(self, minutes: int) -> None:
        """Time, in which what is due is closed."""
        for _ in range(minutes):
            self.clock.turn(minutes=1)
            close_due_digests(self.database, self.clock(), 500, THROTTLING)

    def sent(self) -> list[RenderedDelivery]:
        """What went or goes out, in words."""
        with self.database.transaction() as session:
            ids = session.scalars(select(Delivery.id).order_by(Delivery.id)).all()
            found = render_deliveries(session, ids, catalog().describe, self.clock())
        words = [each.rendered for each in found]
        assert all(isinstance(each, RenderedDelivery) for each in words)
        return [each for each in words if isinstance(each, RenderedDelivery)]

    def sizes(self) -> list[int]:
        """How many notifications are in each of them."""
        return [each.count for each in self.sent()]


@pytest.fixture
def world(database: Database) -> World:
    """A quiet world, on each kind of database in turn."""
    return World(database)


def test_five_thousand_builds_in_ten_minutes_are_a_handful_of_mails(world: World) -> None:
    # Given Alice, who wants everything at once
    alice = make_person(world.database)
    # When five thousand builds are done within ten minutes
    for _ in range(10):
        world.comes(500, alice)
        world.passes(1)
    world.passes(60)
    # Then she has the first five singly, and a handful of digests with all the others
    sizes = world.sizes()
    assert sizes[:5] == [1] * 5
    assert len(sizes) <= 8
    assert sum(sizes) == 5_000
    # and is told once why
    assert [each.note for each in world.sent()] == [
        *[""] * 5, explanation(THROTTLING), *[""] * (len(sizes) - 6)]
    # and nothing takes longer than people read
    assert {len(each.items) for each in world.sent()[5:]} == {MAX_LISTED}
    # and all of them are in her inbox
    with world.database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Notification)) == 5_000
        page = inbox(session, alice.user_id, NOON)
        assert page.older is not None
        assert all(entry.deliveries for entry in page.entries)


def test_when_it_is_calm_again_everything_comes_at_once(world: World) -> None:
    alice = make_person(world.database)
    world.comes(20, alice)
    world.passes(30)
    assert world.sizes() == [1] * 5 + [15]
    # When a window went by without too much in it
    world.comes(1, alice)
    # Then that is sent at once
    assert world.sizes() == [1] * 5 + [15, 1]
    assert world.sent()[-1].note == ""


def test_throttling_that_comes_back_is_told_again(world: World) -> None:
    alice = make_person(world.database)
    world.comes(7, alice)
    world.passes(60)
    world.comes(7, alice)
    world.passes(2)
    assert world.sizes() == [*[1] * 5, 2, *[1] * 5, 2]
    assert [bool(each.note) for each in world.sent()] == [*[False] * 5, True, *[False] * 5, True]


def test_the_digests_of_throttling_have_their_pace(world: World) -> None:
    alice = make_person(world.database)
    times = []
    for minute in range(45):
        world.comes(2, alice)
        before = len(world.sizes())
        world.passes(1)
        times += [minute + 1] * (len(world.sizes()) - before)
    # Then the first comes soon, and the others in good time
    assert times == [4, 19, 34]


def test_what_is_of_another_kind_comes_at_once(world: World) -> None:
    alice = make_person(world.database)
    world.comes(20, alice)
    world.comes(1, alice, TAGGED)
    assert world.sizes() == [1] * 6


def test_too_much_of_all_kinds_is_too_much_as_well(world: World) -> None:
    # Given as much as is allowed, of many kinds
    alice = make_person(world.database)
    kinds = ["koji_build_started", "koji_build_deleted", "koji_build_cancelled", TAGGED, "koji_untag",
             "bodhi_update_comment"]
    for kind in kinds:
        world.comes(5, alice, kind)
    assert world.sizes() == [1] * 30
    # When one more comes, it waits
    world.comes(1, alice, "bodhi_update_request_stable")
    assert world.sizes() == [1] * 30
    # but nothing that is severe, as long as there's not too much of that
    world.comes(6, alice, FAILED)
    assert world.sizes() == [1] * 35
    world.passes(2)
    assert world.sizes() == [*[1] * 35, 2]


def test_who_collects_anyway_has_usual_digests(world: World) -> None:
    alice = make_person(world.database, digest_seconds=60)
    world.comes(20, alice)
    world.passes(1)
    assert world.sizes() == [20]
    assert world.sent()[0].note == ""


def test_who_changes_to_digests_in_throttling_has_one_of_those(world: World) -> None:
    alice = make_person(world.database)
    world.comes(20, alice)
    change_preference(world.database, alice, digest_seconds=3600)
    world.passes(59)
    assert world.sizes() == [1] * 5
    world.passes(1)
    assert world.sizes() == [*[1] * 5, 15]
    assert world.sent()[-1].note == ""


@pytest.mark.dialects
def test_contexts_and_people_have_throttling_of_their_own(world: World) -> None:
    alice, bob = make_person(world.database), make_person(world.database, "bob", context="irc")
    world.comes(20, alice)
    world.comes(3, bob)
    assert world.sizes() == [1] * 8
    world.passes(2)
    assert world.sizes() == [*[1] * 8, 15]


@pytest.mark.parametrize("each", [1, 4, 100])
def test_workers_that_match_at_once_send_no_more_than_one_would(world: World, each: int) -> None:
    # Given four workers with messages for Alice
    alice = make_person(world.database)
    batches = [world.take_in(each) for _ in range(COUNT)]
    # When they match at the same time, again and again
    while batches:
        at_once(4, lambda _: world.matches(batches.pop(), alice))
    # Then no more is sent singly than if one had done it, and nothing is lost
    assert world.sizes() == [1] * 5
    world.passes(60)
    assert world.sizes() == [*[1] * 5, COUNT * each - 5]


@pytest.mark.dialects
def test_throttling_is_counted_by_its_index(database: Database) -> None:
    """However much is in the inbox, and however high the flood is."""
    # Given a database that would use any index rather than read all and sort it
    plans: list[str] = []

    def explain(connection: Connection, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "OFFSET" in statement and "EXPLAIN" not in statement:
            how = "EXPLAIN QUERY PLAN" if database.embedded else "EXPLAIN"
            plans.append(str(connection.exec_driver_sql(f"{how} {statement}", parameters).all()))

    alice = make_person(database)
    with database.transaction() as session:
        if not database.embedded:
            for way in ("seqscan", "bitmapscan", "sort"):
                session.execute(text(f"SET LOCAL enable_{way} = off"))
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", explain)
        # When what came lately is counted
        arrival = IncomingNotification(alice.user_id, alice.context, catalog().events_by_name[BUILT])
        recent_rate(session, [arrival], NOON, THROTTLING)
    # Then by the index that was made for it
    assert plans
    assert all("ix_notifications_at_once" in plan for plan in plans)


@pytest.mark.dialects
def test_digests_of_throttling_go_to_every_channel(world: World) -> None:
    people: list[Any] = [
        make_person(world.database, nick, context=context, addresses=[nick])
        for nick, context in (("alice", "irc"), ("bob", "sse"), ("carol", "matrix"))]
    for person in people:
        world.comes(8, person)
    world.passes(2)
    with world.database.transaction() as session:
        digests = session.scalars(select(Delivery.context).where(Delivery.kind == DeliveryKind.DIGEST)).all()
    assert sorted(digests) == ["irc", "matrix", "sse"]


@pytest.mark.dialects
def test_quiet_hours_hold_throttling_up_too(world: World) -> None:
    alice = make_person(world.database)
    world.comes(20, alice)
    noon = world.clock()
    change_preference(
        world.database, alice, quiet_from=(noon + timedelta(minutes=1)).time(),
        quiet_until=(noon + timedelta(minutes=30)).time())
    world.passes(29)
    with world.database.transaction() as session:
        assert session.scalars(select(Delivery.kind)).all() == [DeliveryKind.SINGLE] * 5
    world.passes(1)
    assert world.sizes() == [*[1] * 5, 15]

"""What happens to an installation, in any order: to messages, workers, backends and people; and deaths."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import time, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from sqlalchemy import select

from fmn.catalog import catalog
from fmn.delivery.backend import Backend
from fmn.delivery.contract import ChannelDownError, RenderedDelivery
from fmn.delivery.retry import RetryPolicy
from fmn.digests.closing import close_due_digests
from fmn.filters.models import Filter
from fmn.infra.db import Database
from fmn.ledger.deliveries import enqueue_due
from fmn.ledger.messages import UnmatchedMessage, enqueue_unmatched, lock_unmatched, prune, store
from fmn.ledger.models import Delivery, DeliveryState, Notification, StoredMessage
from fmn.matching.batch_recorder import record
from fmn.matching.index.matching_index import Match
from fmn.matching.pipeline import MatchedMessage
from fmn.people.change_log import current_revision, record_change
from fmn.people.models import DetailValue, Preference
from fmn.people.schedule import schedule_of
from fmn.settings import FloodSettings
from tests.factories.clocks import Clock
from tests.factories.databases import empty
from tests.factories.fake_channels import BUSY, REFUSED, RecordingChannel
from tests.factories.matching import GivenRecipients
from tests.factories.messages import NOON, make_facts, make_message
from tests.factories.people import Person, change_preference, make_person, remove_address

CLAIM = timedelta(seconds=90)
GRACE = timedelta(seconds=30)
#: A digest holds few messages, so that some don't fit in.
MOST = 3
#: And it's soon that there are too many to be sent singly.
THROTTLING = FloodSettings(per_event=2, per_preference=3)

#: What a channel does with a delivery.
FATES = ("ok", "ok", "ok", "meanwhile", "busy", "refused", "down", "bug", "die before", "die after")

#: What happens, as often as it's likely to. All of it is one rule of the machine, for hypothesis likes to
#: leave rules out of a run, and most of these need most of the others before they have any effect.
HAPPENINGS = (
    "messages_arrive", "messages_arrive", "messages_arrive",
    "a_worker_matches", "a_worker_matches", "a_worker_matches", "a_worker_matches",
    "a_backend_delivers", "a_backend_delivers", "a_backend_delivers", "a_backend_delivers",
    "a_worker_closes_digests", "a_worker_closes_digests",
    "a_worker_sweeps", "a_worker_sweeps",
    "time_passes", "time_passes",
    "a_worker_prunes",
    "preferences_change_while_a_worker_matches",
    "a_context_is_switched",
    "digests_are_set",
    "hours_are_set",
    "an_address_is_removed_or_confirmed",
)

anyone = st.integers(0, 4)
seldom = st.integers(0, 4).map(lambda number: number == 4)


class DiedError(BaseException):
    """A process was killed."""


class LedgerHappenings(RuleBasedStateMachine):
    """Whatever happens to an installation. ``database`` is set by the test."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        empty(self.database)
        self.clock = Clock()
        #: How many messages came, and the first one that surely hasn't been pruned.
        self.number, self.kept_since = 0, 1
        #: Tasks that are on their way: ids of messages, and of deliveries.
        self.match_tasks: list[list[int]] = []
        self.deliver_tasks: list[list[int]] = []
        #: What the channel did, how often a process died after it, and what it's going to do.
        self.channel = RecordingChannel(before=self.suffer)
        self.died_with: Counter[str] = Counter()
        self.incomplete: list[RenderedDelivery] = []
        self.disturbing: list[RenderedDelivery] = []
        self.fates: list[str] = []
        self.in_hand: list[int] = []
        self.backend, self.other_backend = (
            Backend(self.database, {"email": self.channel}, catalog().describe,
                    retry=RetryPolicy(), claim_for=CLAIM, now=self.clock)
            for _ in range(2))
        self.people = self.make_people()
        #: By message, whom it concerns as long as their filters are on, and who heard of it.
        self.recipients: dict[int, list[Person]] = {}
        self.told: defaultdict[int, set[int]] = defaultdict(set)

    def make_people(self) -> list[Person]:
        return [
            make_person(self.database, "alice", addresses=["alice@example.org", "alice@example.com"]),
            make_person(self.database, "bob", digest_count=2),
            make_person(self.database, "carol", digest_seconds=60, digest_count=5),
            make_person(self.database, "dave", addresses=[], unconfirmed=["dave@example.org"]),
            make_person(self.database, "erin", oneshot=True),
        ]

    @rule(data=st.data(), happening=st.sampled_from(HAPPENINGS))
    def something_happens(self, data: st.DataObject, happening: str) -> None:
        getattr(self, happening)(data)

    # The bus

    def messages_arrive(self, data: st.DataObject) -> None:
        who = data.draw(st.lists(st.sets(anyone, min_size=1), min_size=1, max_size=3))
        news = range(self.number + 1, self.number + 1 + len(who))
        self.number += len(who)
        with self.database.transaction() as session:
            # those before came already, and come again
            first = max(self.kept_since, news[0] - 2)
            ids = store(session, map(make_message, range(first, news[-1] + 1)), self.clock())
        assert len(ids) == len(who)
        for message_id, concerned in zip(ids, who, strict=True):
            self.recipients[message_id] = [self.people[number] for number in concerned]
        if not data.draw(seldom):
            self.match_tasks.append(ids)

    # Workers

    def a_worker_matches(self, data: st.DataObject) -> None:
        if ids := task_of(self.match_tasks, data):
            self.match(ids, dies=data.draw(st.sampled_from(["never", "never", "never", "before", "after"])))

    def preferences_change_while_a_worker_matches(self, data: st.DataObject) -> None:
        ids = self.match_tasks[0] if self.match_tasks else []
        on = self.filters_that_are_on()
        with self.database.transaction() as session:
            revision = current_revision(session)
        changed = data.draw(st.just({}) | st.fixed_dictionaries({"enabled": st.booleans()}))
        change_preference(self.database, self.people[data.draw(anyone)], **changed)
        self.match_once(ids, on, revision)

    def match(self, ids: Sequence[int], *, dies: str = "never") -> None:
        """What :class:`fmn.matching.batch_matcher.BatchMatcher` does with an index of these filters."""
        with self.database.transaction() as session:
            revision = current_revision(session)
        self.match_once(ids, self.filters_that_are_on(), revision, dies=dies)

    def match_once(
        self, ids: Sequence[int], on: set[Match], revision: int, *, dies: str = "never",
    ) -> None:
        """Match with the filters that were on at a revision."""
        now_on = self.filters_that_are_on()
        with self.database.transaction() as session:
            batch = self.matched(lock_unmatched(session, ids), on)
            recipients = [[who.recipient for who in self.recipients[one.stored.id]] for one in batch]
            again = GivenRecipients.of(session, recipients, revision)
            found = record(session, batch, self.clock(), THROTTLING, again)
            if dies == "before":
                session.rollback()
                return
        fired: set[Match] = set()
        for message_id in (matched.stored.id for matched in batch):
            heard = {person.recipient for person in self.recipients[message_id]} & now_on - fired
            fired |= heard & {self.people[4].recipient}  # erin's filter is a one-shot one
            self.told[message_id] |= {
                person.preference_id for person in self.recipients[message_id] if person.recipient in heard}
        if dies != "after":
            self.send(found.deliveries)

    def matched(self, rows: Sequence[UnmatchedMessage], on: set[Match]) -> list[MatchedMessage]:
        return [
            MatchedMessage(row, make_facts(row.message), [
                person.recipient for person in self.recipients[row.id] if person.recipient in on])
            for row in rows
        ]

    def filters_that_are_on(self) -> set[Match]:
        with self.database.transaction() as session:
            rows = session.execute(
                select(Preference.user_id, Preference.context, Filter.expression_id)
                .join(Filter, Filter.preference_id == Preference.id)
                .where(Preference.enabled, Filter.enabled))
            return {Match(*row) for row in rows}

    def a_worker_closes_digests(self, data: st.DataObject) -> None:
        for _ in range(1 + data.draw(seldom)):
            found = close_due_digests(self.database, self.clock(), MOST, THROTTLING)
            if not data.draw(seldom):
                self.send(found)

    def send(self, deliveries: Mapping[str, Sequence[int]]) -> None:
        self.deliver_tasks += [list(ids) for ids in deliveries.values() if ids]

    # Backends

    def a_backend_delivers(self, data: st.DataObject) -> None:
        self.in_hand = task_of(self.deliver_tasks, data)
        self.fates = data.draw(st.lists(st.sampled_from(FATES), max_size=4))
        with suppress(DiedError):
            self.backend.deliver("email", self.in_hand)
        self.fates = []

    def suffer(self, delivery: RenderedDelivery) -> None:
        """What the channel does before it delivers."""
        if {item.notification_id for item in delivery.items} != self.content_of(delivery.key):
            self.incomplete.append(delivery)
        if self.is_night_for(delivery):
            self.disturbing.append(delivery)
        fate = self.fates.pop(0) if self.fates else "ok"
        self.clock.turn(seconds=7)
        if fate == "meanwhile":
            # another backend is given the same task, with better luck
            rest, self.fates = self.fates, []
            self.other_backend.deliver("email", self.in_hand)
            self.fates = rest
        if fate == "busy":
            raise BUSY
        if fate == "refused":
            raise REFUSED
        if fate == "down":
            raise ChannelDownError("connection refused")
        if fate == "bug":
            raise ZeroDivisionError
        if fate.startswith("die"):
            if fate == "die after":
                self.channel.delivered.append(delivery)
                self.died_with[delivery.key] += 1
            raise DiedError

    def is_night_for(self, delivery: RenderedDelivery) -> bool:
        """Whether its owner's quiet hours had begun when it was claimed."""
        with self.database.transaction() as session:
            rhythm = schedule_of(session.get_one(Preference, delivery.preference_id), "UTC")
        return bool(rhythm.quiet_until(self.clock()) and rhythm.quiet_until(self.clock() - CLAIM))

    # The scheduler

    def a_worker_sweeps(self, data: st.DataObject) -> None:
        self.sweep(lost=data.draw(seldom))

    def sweep(self, *, lost: bool = False) -> None:
        with self.database.transaction() as session:
            unmatched = enqueue_unmatched(session, self.clock(), GRACE, 100)
        with self.database.transaction() as session:
            due = enqueue_due(session, "email", self.clock(), GRACE, 100)
        if not lost:
            self.match_tasks += [unmatched] if unmatched else []
            self.send({"email": due})

    def a_worker_prunes(self, _data: st.DataObject) -> None:
        needed = {n.message_id for n in self.notifications() if not self.has_ended(n)} | self.unmatched()
        with self.database.transaction() as session:
            prune(session, self.clock(), 100)
        with self.database.transaction() as session:
            left = set(session.scalars(select(StoredMessage.id)))
        assert left >= needed
        self.kept_since = self.number + 1
        for gone in self.recipients.keys() - left:
            del self.recipients[gone]

    def time_passes(self, data: st.DataObject) -> None:
        self.clock.turn(seconds=data.draw(st.sampled_from([1, 20, 61, 91, 3600, 24 * 3600])))

    # People

    def a_context_is_switched(self, data: st.DataObject) -> None:
        change_preference(
            self.database, self.people[data.draw(anyone)], enabled=data.draw(st.booleans() | st.just(True)))

    def digests_are_set(self, data: st.DataObject) -> None:
        change_preference(
            self.database, self.people[data.draw(anyone)],
            digest_count=data.draw(st.none() | st.integers(2, 4)),
            digest_seconds=data.draw(st.none() | st.just(100)))

    def hours_are_set(self, data: st.DataObject) -> None:
        start, stop = data.draw(st.sampled_from([
            (None, None), (time(11), time(14)), (time(22), time(12, 1))]))
        change_preference(
            self.database, self.people[data.draw(anyone)], quiet_from=start, quiet_until=stop,
            clock_times=data.draw(st.sampled_from([[], ["12:02"], ["08:00", "12:30"]])))

    def an_address_is_removed_or_confirmed(self, data: st.DataObject) -> None:
        who = data.draw(anyone)
        person = self.people[who]
        with self.database.transaction() as session:
            addresses = session.scalars(
                select(DetailValue).where(DetailValue.preference_id == person.preference_id)).all()
        if addresses:
            remove_address(self.database, person, person.address_ids.index(addresses[0].id))
            return
        with self.database.transaction() as session:
            session.add(value := DetailValue(
                preference_id=person.preference_id, value=f"new{who}@example.org", confirmed_at=NOON))
            session.flush()
            record_change(session, [person.user_id])
        self.people[who] = Person(
            person.user_id, person.context, person.preference_id, person.filter_ids, person.expression_ids,
            [*person.address_ids, value.id])

    # What is in the ledger

    def notifications(self) -> Sequence[Notification]:
        with self.database.transaction() as session:
            return session.scalars(select(Notification)).all()

    def deliveries(self) -> Sequence[Delivery]:
        with self.database.transaction() as session:
            return session.scalars(select(Delivery)).all()

    def content_of(self, key: str) -> set[int]:
        (delivery,) = (delivery for delivery in self.deliveries() if delivery.key == key)
        return {n.id for n in self.notifications() if is_in(n, delivery)}

    def has_ended(self, notification: Notification) -> bool:
        """Whether it has deliveries and none of them waits."""
        theirs = [delivery.state for delivery in self.deliveries() if is_in(notification, delivery)]
        return bool(theirs) and DeliveryState.WAITING not in theirs

    def unmatched(self) -> set[int]:
        with self.database.transaction() as session:
            return set(session.scalars(select(StoredMessage.id).where(StoredMessage.matched_at.is_(None))))


def task_of(tasks: list[list[int]], data: st.DataObject) -> list[int]:
    """One of the tasks, empty if there are none; it's done then, or comes again."""
    if not tasks:
        return []
    task = data.draw(st.sampled_from(tasks))
    if not data.draw(seldom):
        tasks.remove(task)
    return task


def is_in(notification: Notification, delivery: Delivery) -> bool:
    return delivery.notification_id == notification.id or (
        delivery.digest_id is not None and delivery.digest_id == notification.digest_id)

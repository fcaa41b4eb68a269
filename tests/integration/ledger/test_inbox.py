"""Inboxes: what is in them, paging through them, and finding things, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from fmn.catalog import Severity, catalog
from fmn.filters.editing import remove_filter
from fmn.infra.db import Database
from fmn.ledger.inbox import InboxPage, back_from_snooze, inbox
from fmn.ledger.inbox_filter import EVERYTHING, IN_INBOX, Criterion, InboxFilter, Place, Subject
from fmn.ledger.inbox_paging import FIRST, PagePosition
from fmn.ledger.models import DeliveryState, Notification
from tests.factories.databases import empty
from tests.factories.inboxes import InboxOwner, SampleMessage, make_inbox_owner
from tests.factories.messages import NOON
from tests.factories.statements import statements_on
from tests.hypothesis_profiles import scaled

pytestmark = pytest.mark.dialects


def look(
    holder: InboxOwner, wanted: InboxFilter = IN_INBOX, place: PagePosition = FIRST, *, most: int = 50,
    max_searched: int = 1000,
) -> InboxPage:
    with holder.database.reading() as session:
        return inbox(session, holder.user_id, NOON, wanted, place, most=most, max_searched=max_searched)


def about(subject: Subject, *values: str, negated: bool = False) -> InboxFilter:
    return InboxFilter(criteria=(Criterion(subject, values, negated),))


def ids(page: InboxPage) -> list[int]:
    return [entry.id for entry in page.entries]


def put(holder: InboxOwner, notification_id: int, **state: datetime) -> None:
    """Change a notification's state, whoever does that."""
    with holder.database.transaction() as session:
        session.execute(update(Notification).where(Notification.id == notification_id).values(**state))


class TestWhatIsInIt:
    def test_nothing_at_first_nor_for_whom_nothing_is_set_up(self, database: Database) -> None:
        for contexts in (("email",), ()):
            alice = make_inbox_owner(database, f"alice in {contexts}", contexts)
            for wanted in (IN_INBOX, about(Subject.TEXT, "cake"), InboxFilter(contexts=frozenset({"irc"}))):
                assert look(alice, wanted) == InboxPage([])

    def test_what_was_sent_and_where_by_which_filter(self, database: Database) -> None:
        alice = make_inbox_owner(database)
        mail = alice.receives()
        talk = alice.receives(context="irc", state=DeliveryState.FAILED, reason="no such nick", read=True)

        second, first = look(alice).entries
        assert (first.id, first.context, first.filter_name) == (mail, "email", "By email")
        assert first.read_at is None
        assert first.message.topic == "org.example.dev.oven.cake.done"
        assert [(d.state, d.destination) for d in first.deliveries] == [
            (DeliveryState.SENT, "alice@example.org")]
        assert (second.id, second.context, second.read_at) == (talk, "irc", NOON)
        assert [(d.state, d.reason) for d in second.deliveries] == [(DeliveryState.FAILED, "no such nick")]

    def test_what_was_sent_together_and_what_waits_to_be(self, database: Database) -> None:
        alice = make_inbox_owner(database)
        together = alice.receives_digest([SampleMessage(), SampleMessage()])
        (waiting,) = alice.receives_digest([SampleMessage()], state=None)

        last, *sent = look(alice).entries
        assert (last.id, last.awaits_digest, last.deliveries) == (waiting, True, [])
        assert [entry.id for entry in sent] == together[::-1]
        assert [entry.awaits_digest for entry in sent] == [False, False]
        assert sent[0].deliveries == sent[1].deliveries
        assert [d.state for d in sent[0].deliveries] == [DeliveryState.SENT]

    def test_what_a_filter_let_through_that_is_deleted(self, database: Database) -> None:
        alice = make_inbox_owner(database)
        alice.receives()
        with database.transaction() as session:
            remove_filter(session, alice.filter_ids["email"])
        (entry,) = look(alice).entries
        assert (entry.filter_id, entry.filter_name) == (None, "")

    def test_nothing_of_somebody_else(self, database: Database) -> None:
        alice, mallory = make_inbox_owner(database), make_inbox_owner(database, "mallory")
        alice.receives()
        for wanted in (
                IN_INBOX, about(Subject.TEXT, "cake"), about(Subject.FILTER, str(alice.filter_ids["email"]))):
            assert look(mallory, wanted) == InboxPage([])

    def test_takes_no_more_statements_however_much_it_holds(self, database: Database) -> None:
        alice = make_inbox_owner(database)
        alice.receives()
        wanted = (IN_INBOX, InboxFilter(
            criteria=(Criterion(Subject.TEXT, ("cake",)), Criterion(Subject.STATE, (DeliveryState.SENT,)))))
        with statements_on(database) as few:
            for each in wanted:
                look(alice, each)
        for _ in range(20):
            alice.receives()
            alice.receives_digest([SampleMessage()] * 3, context="irc")
        with statements_on(database) as many:
            for each in wanted:
                look(alice, each, PagePosition(before=1000))
        assert len(many) <= len(few)


class TestFinding:
    @pytest.fixture
    def alice(self, database: Database) -> InboxOwner:
        return make_inbox_owner(database)

    def test_by_channel(self, alice: InboxOwner) -> None:
        mail, talk = alice.receives(), alice.receives(context="irc")
        assert ids(look(alice, InboxFilter(contexts=frozenset({"email"})))) == [mail]
        assert ids(look(alice, InboxFilter(contexts=frozenset({"irc"})))) == [talk]
        assert ids(look(alice, InboxFilter(contexts=frozenset({"pigeon"})))) == []

    def test_by_state(self, alice: InboxOwner) -> None:
        found = {state: alice.receives(state=state) for state in DeliveryState}
        digest = alice.receives_digest([SampleMessage(), SampleMessage()], state=DeliveryState.FAILED)
        (waiting,) = alice.receives_digest([SampleMessage()], state=None)
        assert ids(look(alice, about(Subject.STATE, DeliveryState.SENT))) == [found[DeliveryState.SENT]]
        assert ids(look(alice, about(Subject.STATE, DeliveryState.DROPPED))) == [found[DeliveryState.DROPPED]]
        assert ids(look(alice, about(Subject.STATE, DeliveryState.FAILED))) == [
            *digest[::-1], found[DeliveryState.FAILED]]
        assert ids(look(alice, about(Subject.STATE, DeliveryState.WAITING))) == [
            waiting, found[DeliveryState.WAITING]]

    def test_by_filter_application_and_whether_it_is_read(self, alice: InboxOwner) -> None:
        cake = alice.receives(read=True)
        update = alice.receives(SampleMessage(topic="org.example.prod.bodhi.update.comment"), context="irc")
        assert ids(look(alice, about(Subject.FILTER, str(alice.filter_ids["irc"])))) == [update]
        assert ids(look(alice, about(Subject.APPLICATION, "oven"))) == [cake]
        assert ids(look(alice, InboxFilter(unread=True))) == [update]
        oven = (Criterion(Subject.APPLICATION, ("oven",)),)
        assert ids(look(alice, InboxFilter(unread=True, criteria=oven))) == []

    def test_by_words_of_the_message(self, alice: InboxOwner) -> None:
        found = alice.receives(
            SampleMessage(usernames=("bob", "ünïcode"), agent='q"\\q', packages=("rpms/moss", "15%")))
        alice.receives(SampleMessage(
            topic="org.example.dev.oven.pie.done", agent=None, usernames=("tom",), packages=("fern", "500")))
        for text in ("CAKE", "cak", "Bo", "ünï", "moss", "rpms/MOSS", "000001", 'q"\\q', "5%", "oven.cake"):
            assert ids(look(alice, about(Subject.TEXT, text))) == [found], text
        for text in ("zebra", "cake zebra", "c_ke", "6%", "\\\\", "bob15", "doneq"):
            assert ids(look(alice, about(Subject.TEXT, text))) == [], text
        both = InboxFilter(criteria=(Criterion(Subject.TEXT, ("bob",)), Criterion(Subject.TEXT, ("cake",))))
        assert ids(look(alice, both)) == [found]

    def test_by_whom_and_what_it_concerns(self, alice: InboxOwner) -> None:
        found = alice.receives(SampleMessage(
            agent="mary", usernames=("mary", "tom"), packages=("rpms/moss", 'od"d'), groups=("bakers",)))
        other = alice.receives(SampleMessage(
            agent=None, usernames=("mary-ann",), packages=("moss-rpms", "container/fern")))
        for subject, value in (
                (Subject.AGENT, "mary"), (Subject.AGENT, "Mary"), (Subject.PERSON, "tom"),
                (Subject.PACKAGE, "moss"), (Subject.PACKAGE, "Moss"), (Subject.PACKAGE, "rpms/moss"),
                (Subject.PACKAGE, 'od"d'), (Subject.GROUP, "bakers"), (Subject.PERSON, "mary")):
            assert ids(look(alice, about(subject, value))) == [found], value
            assert ids(look(alice, about(subject, value, negated=True))) == [other], value
        for subject, value in (
                (Subject.AGENT, "mar"), (Subject.PERSON, "mar"), (Subject.PACKAGE, "container/moss"),
                (Subject.PACKAGE, "mos%"), (Subject.PACKAGE, "/moss"), (Subject.GROUP, "mary")):
            assert ids(look(alice, about(subject, value))) == [], value
        assert ids(look(alice, about(Subject.PACKAGE, "fern", "moss"))) == [other, found]

    def test_by_severity(self, alice: InboxOwner) -> None:
        broken = alice.receives(SampleMessage(event="koji_build_failed"))
        unknown = alice.receives()
        severity = catalog().events_by_name["koji_build_failed"].severity
        assert ids(look(alice, about(Subject.SEVERITY, severity))) == [broken]
        assert ids(look(alice, about(Subject.SEVERITY, severity, negated=True))) == [unknown]
        assert ids(look(alice, about(Subject.SEVERITY, *set(Severity) - {severity}))) == []

    def test_by_what_it_is_not(self, alice: InboxOwner) -> None:
        mail, talk = alice.receives(), alice.receives(context="irc", state=DeliveryState.FAILED)
        by_mail = str(alice.filter_ids["email"])
        with alice.database.transaction() as session:
            remove_filter(session, alice.filter_ids["irc"])
        assert ids(look(alice, about(Subject.FILTER, by_mail, negated=True))) == [talk]
        assert ids(look(alice, about(Subject.STATE, DeliveryState.FAILED, negated=True))) == [mail]
        assert ids(look(alice, InboxFilter(without_contexts=frozenset({"email"})))) == [talk]

    def test_by_day(self, alice: InboxOwner) -> None:
        first, second, third = (alice.receives(at=NOON + timedelta(days=day)) for day in range(3))
        assert ids(look(alice, InboxFilter(since=NOON + timedelta(days=1)))) == [third, second]
        assert ids(look(alice, InboxFilter(until=NOON + timedelta(days=1)))) == [first]

    def test_by_place(self, alice: InboxOwner) -> None:
        # Given one of each, one that's back from its snooze, and one that was done while it was snoozed
        unread, read = alice.receives(), alice.receives(read=True)
        done, snoozed, back, done_later = (alice.receives() for _ in range(4))
        put(alice, done, done_at=NOON, read_at=NOON)
        put(alice, snoozed, snoozed_until=NOON + timedelta(seconds=1))
        put(alice, back, snoozed_until=NOON)
        put(alice, done_later, snoozed_until=NOON + timedelta(days=1), done_at=NOON, read_at=NOON)

        found = {
            (tuple(map(str, sorted(places))), unread): ids(look(alice, InboxFilter(places, unread)))
            for number in range(4) for each in combinations(Place, number)
            for places in [frozenset(each)] for unread in (None, True, False)}
        assert found[("open",), None] == [back, read, unread]
        assert found[("open",), True] == [back, unread]
        assert found[("open",), False] == [read]
        assert found[("snoozed",), None] == [snoozed]
        assert found[("done",), None] == [done_later, done]
        assert found[("done", "open", "snoozed"), None] == [done_later, back, snoozed, done, read, unread]
        assert found[("done", "open", "snoozed"), False] == [done_later, snoozed, done, read]
        assert found[(), None] == found[("snoozed",), True] == found[("done",), True] == []
        with alice.database.reading() as session:
            assert [each.id for each in back_from_snooze(session, alice.user_id, NOON, 5)] == [back]

    @pytest.mark.parametrize("wanted", [about(Subject.TEXT, "zebra"), about(Subject.FILTER, str(0))])
    def test_says_how_far_it_looked_and_goes_on_from_there(
        self, alice: InboxOwner, wanted: InboxFilter,
    ) -> None:
        # Given something rare, and more that is newer than one page looks at
        days = [alice.receives(at=NOON + timedelta(days=number), context=("email", "irc")[number % 2])
                for number in range(5)]
        page = look(alice, wanted, max_searched=3)

        # Then the page says back to when it's complete, and the next one takes up there
        assert (ids(page), page.searched_until) == ([], NOON + timedelta(days=2))
        assert page.older == PagePosition(before=days[2])
        page = look(alice, wanted, page.older, max_searched=3)
        assert (ids(page), page.searched_until, page.older) == ([], None, None)

        # And the same the other way round
        page = look(alice, wanted, PagePosition(after=days[0]), max_searched=3)
        assert (page.newer, page.searched_until) == (PagePosition(after=days[3]), NOON + timedelta(days=3))
        assert page.older == PagePosition(before=days[0] + 1)


class TestPaging:
    def test_goes_back_and_forth(self, database: Database) -> None:
        alice = make_inbox_owner(database)
        got = [alice.receives(context=("email", "irc")[number % 2]) for number in range(7)][::-1]
        first = look(alice, most=3)
        assert (ids(first), first.newer) == (got[:3], None)
        assert first.older is not None
        second = look(alice, place=first.older, most=3)
        assert ids(second) == got[3:6]
        assert second.older is not None
        assert second.newer is not None
        third = look(alice, place=second.older, most=3)
        assert (ids(third), third.older) == (got[6:], None)
        assert ids(look(alice, place=second.newer, most=3)) == got[:3]

    @given(data=st.data())
    @settings(
        max_examples=scaled(20),
        # Each database has an instance of the class.
        suppress_health_check=[
            HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.differing_executors])
    def test_shows_each_once_while_others_arrive(self, database: Database, data: st.DataObject) -> None:
        # Given an inbox of several channels, of which some is wanted
        empty(database)
        alice, bob = make_inbox_owner(database), make_inbox_owner(database, "bob")
        contexts = st.lists(st.sampled_from(["email", "irc"]), max_size=7)
        wanted = data.draw(st.sampled_from([
            IN_INBOX, EVERYTHING, InboxFilter(contexts=frozenset({"irc"})), about(Subject.TEXT, "cake")]))
        sizes = {"most": data.draw(st.integers(1, 4)), "max_searched": data.draw(st.integers(1, 4))}

        def arrive(channels: list[str]) -> list[int]:
            for context in channels:
                bob.receives(context=context)
            return [alice.receives(context=context) for context in channels]

        there = arrive(data.draw(contexts))
        wanted_there = set(ids(look(alice, wanted)))
        assert set(there) >= wanted_there

        # When one pages to its end while more arrives, and from there to its beginning
        down: list[int] = []
        place: PagePosition | None = FIRST
        while place is not None:
            page = look(alice, wanted, place, **sizes)
            down += ids(page)
            place = page.older
            arrive(data.draw(contexts))
        up: list[int] = []
        place = PagePosition(after=0)
        while place is not None:
            page = look(alice, wanted, place, **sizes)
            up = [*ids(page), *up]
            place = page.newer

        # Then one sees each once: on the way down those that were there, on the way up the new ones, too
        assert down == sorted(wanted_there, reverse=True)
        assert up == ids(look(alice, wanted, most=len(up) + 1))

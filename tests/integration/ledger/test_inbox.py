"""Inboxes: what is in them, paging through them, and finding things, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fmn.filters.editing import remove_filter
from fmn.infra.db import Database
from fmn.ledger.inbox import InboxPage, inbox
from fmn.ledger.inbox_filter import MAX_WORDS, NO_RESTRICTION, InboxFilter
from fmn.ledger.inbox_paging import FIRST, PagePosition
from fmn.ledger.models import DeliveryState
from tests.factories.databases import empty
from tests.factories.inboxes import InboxOwner, SampleMessage, make_inbox_owner
from tests.factories.messages import NOON
from tests.factories.statements import statements_on
from tests.hypothesis_profiles import scaled

pytestmark = pytest.mark.dialects


def look(
    holder: InboxOwner, wanted: InboxFilter = NO_RESTRICTION, place: PagePosition = FIRST, *, most: int = 50,
    max_searched: int = 1000,
) -> InboxPage:
    with holder.database.reading() as session:
        return inbox(session, holder.user_id, wanted, place, most=most, max_searched=max_searched)


def ids(page: InboxPage) -> list[int]:
    return [entry.id for entry in page.entries]


class TestWhatIsInIt:
    def test_nothing_at_first_nor_for_whom_nothing_is_set_up(self, database: Database) -> None:
        for contexts in (("email",), ()):
            alice = make_inbox_owner(database, f"alice in {contexts}", contexts)
            for wanted in (NO_RESTRICTION, InboxFilter(text="cake"), InboxFilter(context="irc")):
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
                NO_RESTRICTION, InboxFilter(text="cake"), InboxFilter(filter_id=alice.filter_ids["email"])):
            assert look(mallory, wanted) == InboxPage([])

    def test_takes_no_more_statements_however_much_it_holds(self, database: Database) -> None:
        alice = make_inbox_owner(database)
        alice.receives()
        wanted = (NO_RESTRICTION, InboxFilter(text="cake", state=DeliveryState.SENT))
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
        assert ids(look(alice, InboxFilter(context="email"))) == [mail]
        assert ids(look(alice, InboxFilter(context="irc"))) == [talk]
        assert ids(look(alice, InboxFilter(context="pigeon"))) == []

    def test_by_state(self, alice: InboxOwner) -> None:
        found = {state: alice.receives(state=state) for state in DeliveryState}
        digest = alice.receives_digest([SampleMessage(), SampleMessage()], state=DeliveryState.FAILED)
        (waiting,) = alice.receives_digest([SampleMessage()], state=None)
        assert ids(look(alice, InboxFilter(state=DeliveryState.SENT))) == [found[DeliveryState.SENT]]
        assert ids(look(alice, InboxFilter(state=DeliveryState.DROPPED))) == [found[DeliveryState.DROPPED]]
        assert ids(look(alice, InboxFilter(state=DeliveryState.FAILED))) == [
            *digest[::-1], found[DeliveryState.FAILED]]
        assert ids(look(alice, InboxFilter(state=DeliveryState.WAITING))) == [
            waiting, found[DeliveryState.WAITING]]

    def test_by_filter_application_and_whether_it_is_read(self, alice: InboxOwner) -> None:
        cake = alice.receives(read=True)
        update = alice.receives(SampleMessage(topic="org.example.prod.bodhi.update.comment"), context="irc")
        assert ids(look(alice, InboxFilter(filter_id=alice.filter_ids["irc"]))) == [update]
        assert ids(look(alice, InboxFilter(application="oven"))) == [cake]
        assert ids(look(alice, InboxFilter(unread=True))) == [update]
        assert ids(look(alice, InboxFilter(unread=True, application="oven"))) == []

    def test_by_words_of_the_message(self, alice: InboxOwner) -> None:
        found = alice.receives(
            SampleMessage(usernames=("bob", "ünïcode"), agent='q"\\q', packages=("rpms/moss", "15%")))
        alice.receives(SampleMessage(
            topic="org.example.dev.oven.pie.done", agent=None, usernames=("tom",), packages=("fern", "500")))
        for text in ("CAKE", "cak", "Bo", "ünï", "moss", "rpms/MOSS", "000001", "bob cake", " moss\n bob ",
                     'q"\\q', "5%"):
            assert ids(look(alice, InboxFilter(text=text))) == [found], text
        for text in ("zebra", "cake zebra", "c_ke", "6%", "\\\\", "\0\ud800zebra"):
            assert ids(look(alice, InboxFilter(text=text))) == [], text

    def test_by_no_more_words_than_anyone_needs(self, alice: InboxOwner) -> None:
        found = alice.receives()
        assert ids(look(alice, InboxFilter(text="cake " * MAX_WORDS + "zebra"))) == [found]

    @pytest.mark.parametrize("wanted", [InboxFilter(text="zebra"), InboxFilter(filter_id=0)])
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
        wanted = data.draw(
            st.sampled_from([NO_RESTRICTION, InboxFilter(context="irc"), InboxFilter(text="cake")]))
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
        assert up == ids(look(alice, wanted))

"""Inboxes: what is in them, paging through them, and finding things, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fmn.filters.editing import remove_filter
from fmn.infra.db import Database
from fmn.ledger.inbox import Page, inbox
from fmn.ledger.inbox_filter import ANYTHING, MOST_WORDS, Wanted
from fmn.ledger.inbox_paging import FIRST, Place
from fmn.ledger.models import State
from tests.factories.databases import empty
from tests.factories.inboxes import Happening, Holder, make_holder
from tests.factories.messages import NOON
from tests.factories.statements import statements_on


def look(
    holder: Holder, wanted: Wanted = ANYTHING, place: Place = FIRST, *, most: int = 50,
    looked_at: int = 1000,
) -> Page:
    with holder.database.reading() as session:
        return inbox(session, holder.user_id, wanted, place, most=most, looked_at=looked_at)


def ids(page: Page) -> list[int]:
    return [entry.id for entry in page.entries]


class TestWhatIsInIt:
    def test_nothing_at_first_nor_for_whom_nothing_is_set_up(self, database: Database) -> None:
        for contexts in (("email",), ()):
            alice = make_holder(database, f"alice in {contexts}", contexts)
            for wanted in (ANYTHING, Wanted(text="cake"), Wanted(context="irc")):
                assert look(alice, wanted) == Page([])

    def test_what_was_sent_and_where_by_which_filter(self, database: Database) -> None:
        alice = make_holder(database)
        mail = alice.gets()
        talk = alice.gets(context="irc", state=State.FAILED, reason="no such nick", read=True)

        second, first = look(alice).entries
        assert (first.id, first.context, first.filter_name) == (mail, "email", "By email")
        assert first.read_at is None
        assert first.message.topic == "org.example.dev.oven.cake.done"
        assert [(d.state, d.destination) for d in first.deliveries] == [(State.SENT, "alice@example.org")]
        assert (second.id, second.context, second.read_at) == (talk, "irc", NOON)
        assert [(d.state, d.reason) for d in second.deliveries] == [(State.FAILED, "no such nick")]

    def test_what_was_sent_together_and_what_waits_to_be(self, database: Database) -> None:
        alice = make_holder(database)
        together = alice.gets_digest([Happening(), Happening()])
        (waiting,) = alice.gets_digest([Happening()], state=None)

        last, *sent = look(alice).entries
        assert (last.id, last.waits, last.deliveries) == (waiting, True, [])
        assert [entry.id for entry in sent] == together[::-1]
        assert [entry.waits for entry in sent] == [False, False]
        assert sent[0].deliveries == sent[1].deliveries
        assert [d.state for d in sent[0].deliveries] == [State.SENT]

    def test_what_a_filter_let_through_that_is_deleted(self, database: Database) -> None:
        alice = make_holder(database)
        alice.gets()
        with database.transaction() as session:
            remove_filter(session, alice.filter_ids["email"])
        (entry,) = look(alice).entries
        assert (entry.filter_id, entry.filter_name) == (None, "")

    def test_nothing_of_somebody_else(self, database: Database) -> None:
        alice, mallory = make_holder(database), make_holder(database, "mallory")
        alice.gets()
        for wanted in (ANYTHING, Wanted(text="cake"), Wanted(filter_id=alice.filter_ids["email"])):
            assert look(mallory, wanted) == Page([])

    def test_takes_no_more_statements_however_much_it_holds(self, database: Database) -> None:
        alice = make_holder(database)
        alice.gets()
        wanted = (ANYTHING, Wanted(text="cake", state=State.SENT))
        with statements_on(database) as few:
            for each in wanted:
                look(alice, each)
        for _ in range(20):
            alice.gets()
            alice.gets_digest([Happening()] * 3, context="irc")
        with statements_on(database) as many:
            for each in wanted:
                look(alice, each, Place(before=1000))
        assert len(many) <= len(few)


class TestFinding:
    @pytest.fixture
    def alice(self, database: Database) -> Holder:
        return make_holder(database)

    def test_by_channel(self, alice: Holder) -> None:
        mail, talk = alice.gets(), alice.gets(context="irc")
        assert ids(look(alice, Wanted(context="email"))) == [mail]
        assert ids(look(alice, Wanted(context="irc"))) == [talk]
        assert ids(look(alice, Wanted(context="pigeon"))) == []

    def test_by_state(self, alice: Holder) -> None:
        found = {state: alice.gets(state=state) for state in State}
        digest = alice.gets_digest([Happening(), Happening()], state=State.FAILED)
        (waiting,) = alice.gets_digest([Happening()], state=None)
        assert ids(look(alice, Wanted(state=State.SENT))) == [found[State.SENT]]
        assert ids(look(alice, Wanted(state=State.DROPPED))) == [found[State.DROPPED]]
        assert ids(look(alice, Wanted(state=State.FAILED))) == [*digest[::-1], found[State.FAILED]]
        assert ids(look(alice, Wanted(state=State.WAITING))) == [waiting, found[State.WAITING]]

    def test_by_filter_application_and_whether_it_is_read(self, alice: Holder) -> None:
        cake = alice.gets(read=True)
        update = alice.gets(Happening(topic="org.example.prod.bodhi.update.comment"), context="irc")
        assert ids(look(alice, Wanted(filter_id=alice.filter_ids["irc"]))) == [update]
        assert ids(look(alice, Wanted(application="oven"))) == [cake]
        assert ids(look(alice, Wanted(unread=True))) == [update]
        assert ids(look(alice, Wanted(unread=True, application="oven"))) == []

    def test_by_words_of_the_message(self, alice: Holder) -> None:
        found = alice.gets(
            Happening(usernames=("bob", "ünïcode"), agent='q"\\q', packages=("rpms/moss", "15%")))
        alice.gets(Happening(
            topic="org.example.dev.oven.pie.done", agent=None, usernames=("tom",), packages=("fern", "500")))
        for text in ("CAKE", "cak", "Bo", "ünï", "moss", "rpms/MOSS", "000001", "bob cake", " moss\n bob ",
                     'q"\\q', "5%"):
            assert ids(look(alice, Wanted(text=text))) == [found], text
        for text in ("zebra", "cake zebra", "c_ke", "6%", "\\\\", "\0\ud800zebra"):
            assert ids(look(alice, Wanted(text=text))) == [], text

    def test_by_no_more_words_than_anyone_needs(self, alice: Holder) -> None:
        found = alice.gets()
        assert ids(look(alice, Wanted(text="cake " * MOST_WORDS + "zebra"))) == [found]

    @pytest.mark.parametrize("wanted", [Wanted(text="zebra"), Wanted(filter_id=0)])
    def test_says_how_far_it_looked_and_goes_on_from_there(self, alice: Holder, wanted: Wanted) -> None:
        # Given something rare, and more that is newer than one page looks at
        days = [alice.gets(at=NOON + timedelta(days=number), context=("email", "irc")[number % 2])
                for number in range(5)]
        page = look(alice, wanted, looked_at=3)

        # Then the page says back to when it's complete, and the next one takes up there
        assert (ids(page), page.looked_until) == ([], NOON + timedelta(days=2))
        assert page.older == Place(before=days[2])
        page = look(alice, wanted, page.older, looked_at=3)
        assert (ids(page), page.looked_until, page.older) == ([], None, None)

        # And the same the other way round
        page = look(alice, wanted, Place(after=days[0]), looked_at=3)
        assert (page.newer, page.looked_until) == (Place(after=days[3]), NOON + timedelta(days=3))
        assert page.older == Place(before=days[0] + 1)


class TestPaging:
    def test_goes_back_and_forth(self, database: Database) -> None:
        alice = make_holder(database)
        got = [alice.gets(context=("email", "irc")[number % 2]) for number in range(7)][::-1]
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
        max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
    def test_shows_each_once_while_others_arrive(self, database: Database, data: st.DataObject) -> None:
        # Given an inbox of several channels, of which some is wanted
        empty(database)
        alice, bob = make_holder(database), make_holder(database, "bob")
        contexts = st.lists(st.sampled_from(["email", "irc"]), max_size=7)
        wanted = data.draw(st.sampled_from([ANYTHING, Wanted(context="irc"), Wanted(text="cake")]))
        sizes = {"most": data.draw(st.integers(1, 4)), "looked_at": data.draw(st.integers(1, 4))}

        def arrive(channels: list[str]) -> list[int]:
            for context in channels:
                bob.gets(context=context)
            return [alice.gets(context=context) for context in channels]

        there = arrive(data.draw(contexts))
        wanted_there = set(ids(look(alice, wanted)))
        assert set(there) >= wanted_there

        # When one pages to its end while more arrives, and from there to its beginning
        down: list[int] = []
        place: Place | None = FIRST
        while place is not None:
            page = look(alice, wanted, place, **sizes)
            down += ids(page)
            place = page.older
            arrive(data.draw(contexts))
        up: list[int] = []
        place = Place(after=0)
        while place is not None:
            page = look(alice, wanted, place, **sizes)
            up = [*ids(page), *up]
            place = page.newer

        # Then one sees each once: on the way down those that were there, on the way up the new ones, too
        assert down == sorted(wanted_there, reverse=True)
        assert up == ids(look(alice, wanted))

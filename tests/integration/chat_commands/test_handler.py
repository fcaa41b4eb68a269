"""What the command handler answers, on SQLite and PostgreSQL, and whom it answers at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from fmn.catalog import catalog
from fmn.chat_commands.command_parser import COMMAND_NAMES
from fmn.chat_commands.handler import CommandHandler
from fmn.chat_commands.reply_format import MAX_LINES
from fmn.delivery.signed_links import Links
from fmn.digests.closing import close_due_digests
from fmn.filters.editing import add_filter
from fmn.filters.expressions import Rule
from fmn.filters.models import Filter, Mute, MuteKind
from fmn.filters.mutes import mute
from fmn.filters.rule_types import rule_types
from fmn.filters.spec import FilterSpec
from fmn.infra.cache import MemoryCache
from fmn.infra.db import Database
from fmn.infra.public_ids import PublicId
from fmn.ledger.models import Delivery, DeliveryState, Notification
from fmn.ledger.system_deliveries import start_confirmation
from fmn.people.addresses import MAX_WRONG_CODES, remove_address
from fmn.people.change_log import current_revision
from fmn.people.models import DetailValue, Preference, User
from fmn.settings import (
    ConfirmationSettings,
    DatabaseSettings,
    DirectorySettings,
    FloodSettings,
    Settings,
    WebSettings,
)
from fmn.wiring import Services
from tests.factories.clocks import Clock
from tests.factories.extra_channels import PARROT
from tests.factories.messages import NOON, recorded, stored
from tests.factories.people import Person, make_person

LINKS = Links("https://fmn.example.org", "of the tests")
SETTINGS = ConfirmationSettings()

pytestmark = pytest.mark.usefixtures("codes")


class Counter:
    """The command handler, and somebody who stands before it."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock = database, Clock()
        self.chat_commands = CommandHandler(database, LINKS, rule_types, catalog().describe, self.clock)

    def says(self, text: str, sender: str = "polly") -> Sequence[str]:
        """What is answered; every line of it fits into one of IRC."""
        lines = self.chat_commands.answer(PARROT, sender, text)
        assert len(lines) <= MAX_LINES
        assert all("\n" not in line and len(line.encode()) <= 400 for line in lines)
        return lines

    def line(self, text: str, sender: str = "polly") -> str:
        """The same, of which there's one line."""
        [line] = self.says(text, sender)
        return line

    def revision(self) -> int:
        with self.database.reading() as session:
            return current_revision(session)


@pytest.fixture
def counter(database: Database) -> Counter:
    return Counter(database)


def polly(counter: Counter, nick: str = "alice", **how: object) -> Person:
    """Somebody who confirmed the nick Polly."""
    return make_person(
        counter.database, nick, context=PARROT, **{"addresses": ["polly"], **how})  # type: ignore[arg-type]


def code_for(counter: Counter, address_id: int) -> str:
    with counter.database.transaction() as session:
        address = session.get_one(DetailValue, address_id)
        return LINKS.code(start_confirmation(session, address, counter.clock(), SETTINGS).public_id)


class TestAStranger:
    def test_hears_how_to_begin_whatever_they_say(self, counter: Counter) -> None:
        # Given Alice, who added the nick, and Bob, who has another one
        make_person(counter.database, context=PARROT, addresses=(), unconfirmed=["polly"])
        make_person(counter.database, "bob", context=PARROT, addresses=["rob"])
        before = counter.revision()
        for text in ("help", "list filters", "stop", "mute kernel", "why", "list categories", "hepl"):
            assert counter.line(text) == (
                "polly belongs to no account. To get notifications here, add it to yours: "
                "https://fmn.example.org/preferences/parrot")
        assert counter.revision() == before

    def test_who_says_nothing_hears_nothing(self, counter: Counter) -> None:
        assert counter.says("  ") == counter.says("!") == []

    def test_of_another_context_is_one_here(self, counter: Counter) -> None:
        make_person(counter.database, context="email", addresses=["polly"])
        assert "polly belongs to no account." in counter.line("list filters")


class TestConfirming:
    def test_makes_a_stranger_an_owner(self, counter: Counter) -> None:
        alice = make_person(counter.database, context=PARROT, addresses=(), unconfirmed=["polly"])
        code = code_for(counter, alice.address_ids[0])
        before = counter.revision()
        told = (
            "polly is confirmed for the account alice. Its notifications come here, starting with the next "
            "message. Say “help” for commands.")
        assert counter.line(f"confirm {code.lower()}", "Polly") == told
        assert counter.revision() == before + 1
        assert counter.line(f"!CONFIRM {code.replace('-', ' ')}") == told
        assert "kernel" in counter.line("list filters")

    def test_says_that_all_of_it_is_off(self, counter: Counter) -> None:
        alice = make_person(
            counter.database, context=PARROT, addresses=(), unconfirmed=["polly"], enabled=False)
        assert counter.line(f"confirm {code_for(counter, alice.address_ids[0])}") == (
            "polly is confirmed for the account alice. Notifications by parrot are off. "
            "Say “start” to switch them on.")

    def test_needs_the_right_code_in_time(self, counter: Counter) -> None:
        alice = make_person(counter.database, context=PARROT, addresses=(), unconfirmed=["polly"])
        page = "https://fmn.example.org/preferences/parrot"
        code = code_for(counter, alice.address_ids[0])
        assert counter.line("confirm") == (
            f"Add the code: “confirm ABCD-EFGH”. Your parrot page shows it: {page}")
        wrong = f"That isn’t the code for polly. Your parrot page shows the code: {page}"
        assert counter.line("confirm 0000-0000") == wrong
        # and from the right nick
        assert counter.line(f"confirm {code}", "mallory") == wrong.replace("polly", "mallory")
        counter.clock.turn(days=3)
        assert counter.line(f"confirm {code}") == (
            f"This code has expired. Get a new one: {page}")
        newer = code_for(counter, alice.address_ids[0])
        for _ in range(MAX_WRONG_CODES - 1):
            counter.line("confirm 0000-0000")
        assert counter.line("confirm 0000-0000") == (
            f"Too many wrong codes. Get a new one: {page}")
        assert "has expired" in counter.line(f"confirm {newer}")
        newest = code_for(counter, alice.address_ids[0])
        assert counter.line(f"confirm {newest}").startswith("polly is confirmed")

    @pytest.mark.dialects
    def test_says_nobody_who_has_it_already(self, counter: Counter) -> None:
        polly(counter, "bob")
        alice = make_person(counter.database, context=PARROT, addresses=(), unconfirmed=["other"])
        code = code_for(counter, alice.address_ids[0])
        with counter.database.transaction() as session:
            session.execute(update(DetailValue).where(DetailValue.value == "polly").values(value="other"))
        told = counter.line(f"confirm {code}", "other")
        assert told.startswith("other belongs to another account.")
        assert "bob" not in told

    def test_of_a_nick_that_was_removed_says_so(self, counter: Counter) -> None:
        alice = make_person(counter.database, context=PARROT, addresses=(), unconfirmed=["polly"])
        code = code_for(counter, alice.address_ids[0])
        with counter.database.transaction() as session:
            remove_address(session, session.get_one(DetailValue, alice.address_ids[0]))
        assert counter.line(f"confirm {code}").startswith("polly was removed from that account")


class TestSwitching:
    def test_counts_for_the_next_message_and_only_here(self, counter: Counter) -> None:
        alice = polly(counter)
        bob = make_person(counter.database, "bob", context=PARROT, addresses=["rob"])
        before = counter.revision()
        assert counter.line("stop") == "Notifications by parrot are now off. Say “start” to switch them on."
        assert counter.revision() == before + 1
        assert counter.line("stop").startswith("Notifications by parrot are already off. ")
        with counter.database.reading() as session:
            assert not session.get_one(Preference, alice.preference_id).enabled
            assert session.get_one(Preference, bob.preference_id).enabled
        assert counter.line("start") == "Notifications by parrot are now on, starting with the next message."
        assert counter.line("start") == "Notifications by parrot are already on."
        assert counter.revision() == before + 2


class TestLists:
    def test_of_categories_have_all_that_rules_are_of(self, counter: Counter) -> None:
        polly(counter)
        *lines, hint = counter.says("list categories")
        named = " ".join(lines).split(", ")
        assert "bodhi" in named
        assert set(named) == {each.application for each in rule_types().by_name.values() if each.offered}
        assert hint.startswith("Say “list rules”")

    def test_of_rules_are_a_screenful_with_a_link_to_the_rest(self, counter: Counter) -> None:
        polly(counter)
        lines = counter.says("list rules BODHI")
        assert lines[0].startswith("bodhi_")
        assert lines[-1].startswith("and ")
        assert lines[-1].endswith(" more: https://fmn.example.org/catalogue/bodhi")
        assert counter.line("list rules bodih") == "There is no category “bodih”. Did you mean “bodhi”?"
        assert "“list categories” lists them" in counter.line("list rules x")
        assert "maintains: " in " ".join(counter.says("list rules generic"))

    def test_of_filters_say_what_each_asks_and_how_it_stands(self, counter: Counter) -> None:
        alice = polly(counter, packages=("kernel", "moss", "fern", "oak"))
        changes: Sequence[dict[str, object]] = (
            {"enabled": False}, {"oneshot": True}, {"enabled": False, "snoozed_until": NOON}, {})
        with counter.database.transaction() as session:
            for filter_id, values in zip(alice.filter_ids, changes, strict=True):
                for name, value in values.items():
                    setattr(session.get_one(Filter, filter_id), name, value)
        assert counter.says("list filters") == [
            "1. kernel (off): About kernel", "2. moss (fires once): About moss",
            "3. fern (snoozed until 2026-05-04 12:00): About fern", "4. oak (on): About oak"]
        for name in ("oak", "OAK", "4"):
            assert counter.line(f"list filters {name}") == (
                f"oak (on): About oak – https://fmn.example.org/filters/{alice.filter_ids[3]}")
        assert counter.line("list filters ferm") == (
            "You have no filter “ferm” here. Did you mean “fern”?")
        assert "“list filters” lists them" in counter.line("list filters 5")

    @pytest.mark.dialects
    def test_of_nobody_elses_filters_and_of_a_screenful_at_most(self, counter: Counter) -> None:
        make_person(counter.database, "bob", context=PARROT, addresses=["rob"], packages=("secret",))
        alice = polly(counter, packages=())
        assert counter.line("list filters") == (
            "You have no filters here, so you get no notifications. Create one: "
            "https://fmn.example.org/preferences/parrot/filters")
        with counter.database.transaction() as session:
            preference = session.get_one(Preference, alice.preference_id)
            for number in range(40):
                asks = Rule.of("package_filter", {"package": f"p{number}"})
                add_filter(session, preference, FilterSpec(name=f"f{number}", expression=asks))
        lines = counter.says("list filters")
        assert lines[-1] == "and 29 more: https://fmn.example.org/preferences/parrot/filters"
        assert "secret" not in " ".join(lines)
        assert "You have no filter “secret” here" in counter.line("list filters secret")

    def test_of_a_filter_that_can_not_be_read_go_on(self, counter: Counter) -> None:
        alice = polly(counter)
        with counter.database.transaction() as session:
            session.get_one(Filter, alice.filter_ids[0]).stored.body = {"odd": 1}
        assert counter.line("list filters") == "1. kernel (on): its rules can’t be read any more"


class TestWhy:
    def sent(self, counter: Counter, person: Person, *numbers: int) -> list[PublicId]:
        """Messages concern somebody, and are sent to them; returns the notifications."""
        recorded(counter.database, stored(counter.database, *numbers), person.recipient)
        with counter.database.transaction() as session:
            session.execute(update(Delivery).values(state=DeliveryState.SENT))
            return [
                each.public_id for each in session.scalars(select(Notification).order_by(Notification.id))]

    @pytest.mark.dialects
    def test_says_which_filter_let_the_last_one_through(self, counter: Counter) -> None:
        alice = polly(counter)
        assert counter.line("why") == (
            "FMN hasn’t sent you any notifications here lately. Your inbox: "
            "https://fmn.example.org/inbox")
        first, second = self.sent(counter, alice, 1, 2)
        # What waits to be sent doesn't count
        recorded(counter.database, stored(counter.database, 3), alice.recipient)
        told = counter.says("why")
        assert told[0].startswith("2026-05-04 12:00: ")
        assert told[1] == f"It matched your filter “kernel”: About kernel. {LINKS.why(second)}"
        assert LINKS.why(first) in counter.says("why 2")[1]
        assert "that many notifications" in counter.line("why 3")

    @pytest.mark.dialects
    def test_says_it_of_digests_and_of_filters_that_are_gone(self, counter: Counter) -> None:
        alice = polly(counter, digest_count=2)
        recorded(counter.database, stored(counter.database, 1, 2), alice.recipient)
        close_due_digests(counter.database, NOON + timedelta(days=1), 10, FloodSettings())
        with counter.database.transaction() as session:
            session.execute(update(Delivery).values(state=DeliveryState.SENT))
            session.execute(update(Notification).values(filter_id=None))
        told = counter.says("why")
        assert told[0].startswith("2026-05-04 12:00, in a digest: ")
        assert told[1].startswith("It matched a filter that has been deleted since. https://")

    def test_is_about_ones_own(self, counter: Counter) -> None:
        bob = make_person(counter.database, "bob", context=PARROT, addresses=["rob"])
        polly(counter)
        self.sent(counter, bob, 1)
        assert "FMN hasn’t sent you any notifications" in counter.line("why")

    def test_is_said_although_nobody_knows_who_owns_what(self, counter: Counter, tmp_path: Path) -> None:
        # Given another process that can't read the directory
        self.sent(counter, polly(counter), 1)
        elsewhere = Services(Settings(
            database=DatabaseSettings(url=counter.database.url), web=WebSettings(secret="of the tests"),
            directory=DirectorySettings(ownership="file", file=tmp_path / "missing.json")))
        elsewhere.cache = MemoryCache()
        told = elsewhere.chat_commands.answer(PARROT, "polly", "why")
        elsewhere.database.close()
        assert told[1].startswith("It matched your filter “kernel”")


class TestMuting:
    @pytest.mark.dialects
    def test_a_package_counts_until_it_is_taken_back(self, counter: Counter) -> None:
        alice = polly(counter, time_zone="Europe/Prague")
        assert counter.line("mutes") == "You have no mutes."
        assert counter.line("mute kernel") == (
            "Muted for ever: the package kernel. Say “unmute kernel” to undo it.")
        assert "until 2026-05-07 14:00: the package rpms/moss." in counter.line("mute rpms/moss for 3 days")
        assert "until 2026-12-01 00:00: the package oak." in counter.line("mute oak until 2026-12-01")
        assert counter.says("mutes") == [
            "the package oak, until 2026-12-01 00:00", "the package rpms/moss, until 2026-05-07 14:00",
            "the package kernel, for ever"]
        assert counter.line("unmute KERNEL") == (
            "Unmuted: the package kernel. Starts with the next message.")
        assert counter.line("unmute kernel").startswith("The package kernel isn’t muted.")
        with counter.database.reading() as session:
            muted = session.execute(select(Mute.user_id, Mute.kind, Mute.value).order_by(Mute.value)).all()
        assert [tuple(each) for each in muted] == [
            (alice.user_id, MuteKind.PACKAGE, "oak"), (alice.user_id, MuteKind.PACKAGE, "rpms/moss")]

    def test_what_can_not_be_muted_is_refused_in_a_line(self, counter: Counter) -> None:
        polly(counter)
        assert counter.line("mute kernel until 2026-05-04") == "That time has passed: say one to come."
        assert "pattern" in counter.line("mute python-*")
        assert "can’t be a package’s name" in counter.line("mute a@b")
        assert counter.line("mutes") == "You have no mutes."

    def test_nobody_lifts_what_is_anothers_or_no_package(self, counter: Counter) -> None:
        bob = make_person(counter.database, "bob", context=PARROT, addresses=["rob"])
        alice = polly(counter)
        with counter.database.transaction() as session:
            mute(session, bob.user_id, MuteKind.PACKAGE, "kernel", None, NOON)
            mute(session, alice.user_id, MuteKind.EVENT, "kernel", None, NOON)
        assert "The package kernel isn’t muted" in counter.line("unmute kernel")
        assert len(counter.says("mutes")) == 1


class TestPausing:
    @pytest.mark.dialects
    def test_lasts_as_long_as_is_said_and_ends_with_a_word(self, counter: Counter) -> None:
        alice = polly(counter, time_zone="Europe/Prague")
        assert counter.line("resume") == "Your notifications aren’t paused."
        assert "are paused until 2026-05-04 15:00." in counter.line("pause for an hour")
        assert "are paused until 2026-05-20 08:00." in counter.line("pause until 2026-05-20")
        with counter.database.reading() as session:
            assert session.get_one(User, alice.user_id).paused_until == datetime(2026, 5, 20, 6, tzinfo=UTC)
        assert counter.line("resume").startswith("Your notifications are on again.")

    def test_that_is_over_or_lasts_too_long_is_refused(self, counter: Counter) -> None:
        polly(counter)
        assert counter.line("pause until 2026-05-04") == "Choose a time in the future."
        assert "up to 90 days" in counter.line("pause for 20 weeks")


def test_help_says_all_commands_on_a_screen(counter: Counter) -> None:
    polly(counter)
    told = " ".join(counter.says("help"))
    for command in ("categories", "rules", "filters", "why", "mute", "unmute", "mutes", "start", "stop",
                    "pause", "resume"):
        assert command in told
    assert told.endswith("https://fmn.example.org/help")


def test_what_is_no_command_gets_a_hint_and_changes_nothing(counter: Counter) -> None:
    polly(counter)
    before = counter.revision()
    assert counter.line("fmn: strat") == "Unknown command “strat”. Did you mean “start”?"
    assert counter.revision() == before


@given(text=st.text() | st.builds(
    lambda name, rest: f"{name} {rest}", st.sampled_from(COMMAND_NAMES), st.text()))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_is_said_gets_an_answer_of_a_screen_at_most(counter: Counter, text: str) -> None:
    with counter.database.reading() as session:
        is_new = session.scalar(select(func.count()).select_from(DetailValue)) == 0
    if is_new:
        polly(counter)
    counter.says(text)

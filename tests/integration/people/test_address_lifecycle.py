"""Whatever people do with their addresses, and whoever opens which link: an address gets only what it may.

A state machine adds, removes, asks, looks and confirms, by links or by codes, in random order while time
passes, and compares with a model that remembers everything in plain lists.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from fmn.catalog import catalog
from fmn.delivery.contract import RenderedDelivery
from fmn.delivery.rendering import render_deliveries
from fmn.delivery.signed_links import Links
from fmn.errors import AttemptLimitError, UserError
from fmn.infra.db import Database
from fmn.ledger.models import Delivery
from fmn.ledger.system_deliveries import start_confirmation
from fmn.people.addresses import (
    MAX_WRONG_CODES,
    AddressStatus,
    add_address,
    disable_address,
    list_addresses,
    remove_address,
)
from fmn.people.confirmations import ConfirmationOutcome, check_confirmation, confirm_address
from fmn.people.models import Confirmation, DetailValue, Preference
from fmn.people.reply_codes import confirm_by_typed_code
from fmn.settings import ConfirmationSettings
from tests.factories.clocks import Clock
from tests.factories.databases import empty, tables_in
from tests.factories.deliveries import mark_confirmations_sent
from tests.factories.extra_channels import PIGEON
from tests.factories.people import Person, make_person
from tests.factories.public_ids import public_id
from tests.hypothesis_profiles import scaled

pytestmark = pytest.mark.usefixtures("codes")

LINKS = Links("https://fmn.example.org", "of the tests")
LIMITS = ConfirmationSettings(
    hours=2, per_address_per_day=4, per_user_per_hour=4, in_all_per_minute=4)
#: Two of these are one.
SPELLINGS = ("us@example.org", "Us@Example.ORG", "me@example.org")
WAITS = (timedelta(seconds=20), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=9))

#: What happens, as often as it's likely to. All of it is one rule of the machine, for hypothesis likes to
#: leave rules out of a run, and all of these need others before they have any effect.
HAPPENINGS = (
    "somebody_adds_an_address", "somebody_adds_an_address", "somebody_adds_an_address",
    "somebody_asks_for_another_link",
    "anything_opens_a_link", "anything_opens_a_link",
    "somebody_confirms", "somebody_confirms", "somebody_confirms", "somebody_confirms",
    "somebody_types_a_code", "somebody_types_a_code", "somebody_types_a_code",
    "an_address_stops_working",
    "somebody_removes_an_address",
    "time_passes", "time_passes",
)


@dataclass
class Kept:
    """An address that somebody has, in the model."""

    id: int
    value: str
    owner: int
    confirmed: bool = False
    off_at: datetime | None = None


@dataclass
class Link:
    """A request that was sent, in the model; ``kept`` forgets the address when it's removed."""

    id: int
    kept: Kept | None
    owner: int
    spelt: str
    at: datetime
    wrong_tries: int = 0

    def works(self, now: datetime) -> bool:
        """Whether it's still good for anything, as far as it's about the link alone."""
        return now < self.at + timedelta(hours=LIMITS.hours) and self.wrong_tries < MAX_WRONG_CODES

    @property
    def is_from_now(self) -> bool:
        """Whether it's from after its address stopped working, if it did."""
        return self.kept is not None and (self.kept.off_at is None or self.at > self.kept.off_at)


@dataclass
class Model:
    """What is and what was."""

    kept: list[Kept] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)

    def of(self, owner: int) -> list[Kept]:
        return [each for each in self.kept if each.owner == owner]

    def taken(self, owner: int, value: str) -> bool:
        return any(each.confirmed and each.owner != owner and each.value.lower() == value.lower()
                   for each in self.kept)

    def limited(self, owner: int, value: str, now: datetime) -> bool:
        """Whether one more request would be one too many."""
        def lately(link: Link, span: timedelta) -> bool:
            return link.at > now - span

        address = [each for each in self.links
                   if each.spelt == value.lower() and lately(each, timedelta(days=1))]
        user = [each for each in self.links if each.owner == owner and lately(each, timedelta(hours=1))]
        everyone = [each for each in self.links if lately(each, timedelta(minutes=1))]
        return (len(address) >= LIMITS.per_address_per_day or len(user) >= LIMITS.per_user_per_hour
                or len(everyone) >= LIMITS.in_all_per_minute)

    def outcome(self, link: Link, now: datetime) -> ConfirmationOutcome:
        """What a link is good for."""
        if link.kept is None:
            return ConfirmationOutcome.GONE
        if link.kept.confirmed:
            return ConfirmationOutcome.CONFIRMED
        if self.taken(link.owner, link.kept.value):
            return ConfirmationOutcome.TAKEN
        return ConfirmationOutcome.WAITING if link.works(
            now) and link.is_from_now else ConfirmationOutcome.EXPIRED

    def standing(self, kept: Kept, now: datetime) -> AddressStatus:
        """How far an address is."""
        if kept.confirmed:
            return AddressStatus.CONFIRMED
        latest = max((each for each in self.links if each.kept is kept), key=lambda each: each.id)
        if latest.works(now) and latest.is_from_now:
            return AddressStatus.WAITING
        return AddressStatus.EXPIRED if kept.off_at is None else AddressStatus.STOPPED


class AddressMachine(RuleBasedStateMachine):
    """``database`` is set by the test, and ``context``: in one of them there are codes."""

    database: Database
    context: str

    def __init__(self) -> None:
        super().__init__()
        empty(self.database)
        self.clock = Clock()
        self.people: list[Person] = [
            make_person(self.database, nick, context=self.context, addresses=()) for nick in ("alice", "bob")]
        self.model = Model()

    @rule(data=st.data(), happening=st.sampled_from(HAPPENINGS))
    def something_happens(self, data: st.DataObject, happening: str) -> None:
        getattr(self, happening)(data)

    def somebody_adds_an_address(self, data: st.DataObject) -> None:
        owner, value = data.draw(st.integers(0, 1)), data.draw(st.sampled_from(SPELLINGS))
        same = any(each.value.lower() == value.lower() for each in self.model.of(owner))
        impossible = same or self.model.taken(owner, value)
        with self.maybe_refused(owner, value, impossible=impossible), self.database.transaction() as session:
            preference = session.get_one(Preference, self.people[owner].preference_id)
            added = add_address(session, preference, value, self.clock())
            asked = start_confirmation(session, added, self.clock(), LIMITS)
            kept = Kept(added.id, added.value, owner)
            self.model.kept.append(kept)
            self.model.links.append(Link(asked.id, kept, owner, value.lower(), self.clock()))

    def somebody_asks_for_another_link(self, data: st.DataObject) -> None:
        if not self.model.kept:
            return
        kept = data.draw(st.sampled_from(self.model.kept))
        owner, value = kept.owner, kept.value
        impossible = kept.confirmed or self.model.taken(owner, value)
        mark_confirmations_sent(self.database)
        with self.maybe_refused(owner, value, impossible=impossible), self.database.transaction() as session:
            asked = start_confirmation(session, session.get_one(DetailValue, kept.id), self.clock(), LIMITS)
            self.model.links.append(Link(asked.id, kept, owner, value.lower(), self.clock()))

    @contextmanager
    def maybe_refused(self, owner: int, value: str, *, impossible: bool) -> Iterator[None]:
        """It's refused if it's impossible or too often, and only then; and it isn't put off for too long."""
        limited = self.model.limited(owner, value, self.clock())
        if not impossible and not limited:
            yield
            return
        with pytest.raises(UserError if impossible else AttemptLimitError) as refused:
            yield
        if isinstance(refused.value, AttemptLimitError):
            again = refused.value.retry_at
            assert again > self.clock()
            assert self.model.limited(owner, value, again - timedelta(microseconds=1))

    def anything_opens_a_link(self, data: st.DataObject) -> None:
        if not self.model.links:
            return
        link = data.draw(st.sampled_from(self.model.links))
        with self.database.reading() as session:  # in which nothing could be changed
            asked = check_confirmation(session, link.id, self.clock())
        assert asked is not None
        assert asked.outcome is self.model.outcome(link, self.clock())

    def somebody_confirms(self, data: st.DataObject) -> None:
        if not self.model.links:
            return
        link = data.draw(st.sampled_from(self.model.links))
        expected = self.model.outcome(link, self.clock())
        with self.database.transaction() as session:
            asked = confirm_address(session, link.id, self.clock())
        assert asked is not None
        if expected is ConfirmationOutcome.WAITING:
            assert link.kept is not None
            link.kept.confirmed, expected = True, ConfirmationOutcome.CONFIRMED
        assert asked.outcome is expected

    def somebody_types_a_code(self, data: st.DataObject) -> None:
        if self.context != PIGEON or not self.model.kept:
            return
        kept = data.draw(st.sampled_from(self.model.kept))
        link = data.draw(st.none() | st.sampled_from(self.model.links))
        right = link is not None and link.kept is kept
        expected = self.model.outcome(link, self.clock()) if link and right else ConfirmationOutcome.WRONG
        for _ in range(1 if right else data.draw(st.sampled_from((1, MAX_WRONG_CODES)))):
            with self.database.transaction() as session:
                address = session.get_one(DetailValue, kept.id)
                typed = LINKS.code(public_id(self.database, Confirmation, link.id)) if link else "0000-0000"
                found = confirm_by_typed_code(session, address, typed, LINKS.is_code, self.clock()).outcome
            if not right:
                expected = self._mistaken(kept)
        if expected is ConfirmationOutcome.WAITING:
            kept.confirmed, expected = True, ConfirmationOutcome.CONFIRMED
        assert found is expected

    def _mistaken(self, kept: Kept) -> ConfirmationOutcome:
        """A wrong code counts against every one that it may have been meant to be."""
        meant = [each for each in self.model.links
                 if each.kept is kept and self.clock() < each.at + timedelta(hours=LIMITS.hours)]
        for each in meant:
            each.wrong_tries += 1
        worn = meant and not any(each.works(self.clock()) for each in meant)
        return ConfirmationOutcome.TOO_MANY_TRIES if worn else ConfirmationOutcome.WRONG

    def an_address_stops_working(self, data: st.DataObject) -> None:
        confirmed = [each for each in self.model.kept if each.confirmed]
        if not confirmed:
            return
        kept = data.draw(st.sampled_from(confirmed))
        kept.confirmed, kept.off_at = False, self.clock()
        with self.database.transaction() as session:
            disable_address(session, session.get_one(DetailValue, kept.id), "of the test", self.clock())

    def somebody_removes_an_address(self, data: st.DataObject) -> None:
        if not self.model.kept:
            return
        kept = self.model.kept.pop(data.draw(st.integers(0, len(self.model.kept) - 1)))
        with self.database.transaction() as session:
            remove_address(session, session.get_one(DetailValue, kept.id))
        for link in self.model.links:
            link.kept = None if link.kept is kept else link.kept

    def time_passes(self, data: st.DataObject) -> None:
        self.clock.turn(seconds=data.draw(st.sampled_from(WAITS)).total_seconds())

    @invariant()
    def everybody_sees_where_their_addresses_stand(self) -> None:
        with self.database.reading() as session:
            found = list_addresses(session, [person.preference_id for person in self.people], self.clock())
        for owner, person in enumerate(self.people):
            seen = [(each.id, each.value, each.status) for each in found.get(person.preference_id, ())]
            assert seen == [
                (each.id, each.value, self.model.standing(each, self.clock()))
                for each in self.model.of(owner)]

    @invariant()
    def nobody_has_what_somebody_else_confirmed(self) -> None:
        confirmed = [each.value.lower() for each in self.model.kept if each.confirmed]
        assert len(confirmed) == len(set(confirmed))

    @invariant()
    def each_link_is_sent_as_long_as_it_is_wanted(self) -> None:
        with self.database.transaction() as session:
            letters = session.scalars(select(Delivery).order_by(Delivery.id)).all()
            words = render_deliveries(
                session, [each.id for each in letters], catalog().describe, self.clock())
        # Of what is confirmed nothing is asked; and a link from before it stopped is good for nothing.
        wanted = [each.kept is not None and not each.kept.confirmed and each.is_from_now
                  for each in self.model.links]
        assert [isinstance(each.rendered, RenderedDelivery) for each in words] == wanted


def run(database: Database, context: str, *, examples: int, steps: int) -> None:
    class Machine(AddressMachine):
        pass

    Machine.database, Machine.context = database, context
    run_state_machine_as_test(Machine, settings=settings(
        max_examples=scaled(examples), stateful_step_count=steps, deadline=None,
        report_multiple_bugs=False, suppress_health_check=list(HealthCheck)))


@pytest.mark.parametrize("context", ["email", PIGEON])
def test_on_sqlite(tmp_path: Path, context: str) -> None:
    with tables_in(f"sqlite:///{tmp_path}/fmn.sqlite") as database:
        run(database, context, examples=20, steps=30)


@pytest.mark.parametrize("context", ["email", PIGEON])
def test_on_postgresql(postgresql_database: Database, context: str) -> None:
    run(postgresql_database, context, examples=5, steps=30)

"""Whatever happens in whatever order, each notification ends as one delivery an address, and goes out once.

A state machine does what bus, workers, backends, schedulers and people do, in random order, with a real
database: tasks get lost or run twice, processes die at any place, mail servers fail, clocks advance. In
the end everything is given the time it needs, and nothing may be missing.
"""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from fmn.digests.closing import close_due_digests
from fmn.infra.db import Database
from fmn.ledger.models import DeliveryState
from fmn.ledger.reasons import Reason
from tests.factories.databases import tables_in
from tests.factories.people import change_preference
from tests.hypothesis_profiles import scaled
from tests.integration.ledger.ledger_happenings import MOST, THROTTLING, LedgerHappenings


class LedgerMachine(LedgerHappenings):
    """The whole of it: what holds at any time and, once everything has ended, of all."""

    # What holds at any time

    @invariant()
    def nothing_goes_out_twice_unless_a_process_died_with_it(self) -> None:
        for key, times in Counter(delivery.key for delivery in self.channel.delivered).items():
            assert times <= 1 + self.died_with[key], key

    @invariant()
    def each_delivery_says_everything_that_is_in_it(self) -> None:
        assert not self.incomplete

    @invariant()
    def nobody_is_woken_up(self) -> None:
        assert not self.disturbing

    @invariant()
    def everyone_is_notified_once_of_what_concerns_them(self) -> None:
        found = Counter((n.message_id, n.preference_id) for n in self.notifications())
        assert set(found.values()) <= {1}
        assert found.keys() == {
            (message_id, preference_id)
            for message_id in self.recipients for preference_id in self.told[message_id]}

    @invariant()
    def one_shot_filters_fire_at_most_once(self) -> None:
        erin = self.people[4].preference_id
        assert sum(erin in told for told in self.told.values()) <= 1

    @invariant()
    def what_was_sent_is_recorded_as_sent(self) -> None:
        sent = {delivery.key for delivery in self.deliveries() if delivery.state == DeliveryState.SENT}
        out = {delivery.key for delivery in self.channel.delivered}
        assert sent <= out
        assert out - sent <= set(self.died_with)

    @invariant()
    def whatever_ended_says_when_and_whatever_was_not_sent_says_why(self) -> None:
        for delivery in self.deliveries():
            assert (delivery.finished_at is None) == (delivery.state == DeliveryState.WAITING)
            assert bool(delivery.reason) or delivery.state not in {
                DeliveryState.FAILED, DeliveryState.DROPPED}
            assert delivery.reason_code is not Reason.MESSAGE_DELETED

    # In the end

    def teardown(self) -> None:
        with closing(self.backend), closing(self.other_backend):
            self.settle()

    def settle(self) -> None:
        for person in self.people:
            change_preference(self.database, person, digest_count=None)
        for _ in range(50):
            if self.is_quiet():
                break
            self.go_on_in_peace()
        assert self.is_quiet()
        self.nothing_goes_out_twice_unless_a_process_died_with_it()
        self.everyone_is_notified_once_of_what_concerns_them()
        self.what_was_sent_is_recorded_as_sent()
        self.whatever_ended_says_when_and_whatever_was_not_sent_says_why()

    def go_on_in_peace(self) -> None:
        self.clock.turn(minutes=8 * 60)
        self.sweep()
        while self.match_tasks:
            self.match(self.match_tasks.pop())
        self.send(close_due_digests(self.database, self.clock(), MOST, THROTTLING))
        while self.deliver_tasks:
            self.backend.deliver("email", self.deliver_tasks.pop())

    def is_quiet(self) -> bool:
        """Whether every message was matched and every notification ended."""
        return not self.unmatched() and all(map(self.has_ended, self.notifications()))


def run(database: Database, *, examples: int, steps: int) -> None:
    class Machine(LedgerMachine):
        pass

    Machine.database = database
    run_state_machine_as_test(Machine, settings=settings(
        max_examples=scaled(examples), stateful_step_count=steps, deadline=None,
        report_multiple_bugs=False, suppress_health_check=list(HealthCheck)))


# Each of its many transactions waits for the disk, which others use as well.
@pytest.mark.timeout(300)
def test_on_sqlite(tmp_path: Path) -> None:
    with tables_in(f"sqlite:///{tmp_path}/fmn.sqlite") as database:
        run(database, examples=40, steps=40)


def test_on_postgresql(postgresql_database: Database) -> None:
    run(postgresql_database, examples=10, steps=40)

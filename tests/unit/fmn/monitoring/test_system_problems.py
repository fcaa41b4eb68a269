from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fmn.administration.pending_work import DeliveryBacklog, PendingWork
from fmn.administration.queues import Queue
from fmn.ledger.failed_deliveries import FailureGroup
from fmn.monitoring.system_problems import system_problems
from fmn.monitoring.system_status import LedgerStatus, Outage, PendingBackfill, SystemStatus
from fmn.settings import BusSettings, DeliverySettings, Settings
from tests.factories.messages import NOON

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SETTINGS = Settings(bus=BusSettings(endpoints=("tcp://127.0.0.1:1",), validate_signatures=False))
WELL = LedgerStatus(
    newest=NOON - MINUTE, lag=2.0,
    standing=PendingWork(
        3, NOON - MINUTE, 7, [DeliveryBacklog("email", 4, NOON - HOUR, 1, NOON - MINUTE, 2, 1, 5)]),
    failures=[FailureGroup("email", "no such mailbox", 19, NOON)], matched=500, notified=True,
    leader="scheduler on a, pid 1", swept=NOON - MINUTE)
QUEUES = [Queue("match", 0, 1), Queue("digests", 0, 1), Queue("backend.email", 900, 2, quarantined=1)]


def told(ledger: LedgerStatus = WELL, **changed: Any) -> list[str]:
    state = SystemStatus(NOON, ledger, queues=QUEUES, directory_fetched=NOON - HOUR)
    return list(system_problems(replace(state, **changed), SETTINGS))


def standing(backlog: DeliveryBacklog) -> LedgerStatus:
    return replace(WELL, standing=PendingWork(0, None, 0, [backlog]))


def test_what_goes_well_needs_nobody() -> None:
    assert told() == []


@pytest.mark.parametrize(("changed", "what"), [
    ({"newest": NOON - 13 * HOUR}, "nothing came from fedmsg for 12 hours"),
    ({"lag": 700.0}, "messages arrive late"),
    ({"missed": [
        PendingBackfill("archive", NOON - HOUR, NOON, 5, "502")], "lag": 3000.0}, "archive doesn't return"),
    ({"leader": ""}, "no scheduler leads"),
    ({"swept": NOON - 3 * MINUTE}, "the leader, scheduler on a, pid 1, starts no jobs"),
    ({"swept": None}, "starts no jobs"),
    ({"standing": PendingWork(3, NOON - HOUR, 0, [])}, "3 messages overdue for matching"),
    ({"standing": PendingWork(0, None, 0, [], quarantined=1)}, "1 message quarantined"),
    ({"failures": [
        FailureGroup("email", "greylisted", 20, NOON)]}, "20 deliveries by email failed within a day"),
    ({"notified": False}, "none of the last hour's 500 messages matched any filter"),
])
def test_what_the_ledger_shows_is_told_with_what_to_do(changed: dict[str, Any], what: str) -> None:
    [trouble] = told(replace(WELL, **changed))
    assert what in trouble
    assert "; " in trouble


def test_a_clock_that_is_wrong_is_told_and_one_that_is_a_little_off_is_not() -> None:
    [trouble] = told(clock_skew=-640.0)
    assert "this host's clock is 640 s behind that of the database's host; have both set by NTP" in trouble
    assert told(clock_skew=4.0) == []


def test_what_is_set_aside_hides_nothing_else_that_waits() -> None:
    aside, late = told(replace(WELL, standing=PendingWork(3, NOON - HOUR, 0, [], 1, NOON - HOUR)))
    assert "1 message quarantined" in aside
    assert "3 messages overdue for matching" in late


def test_catching_up_needs_nobody_as_long_as_it_goes_on() -> None:
    assert told(
        replace(WELL, lag=3000.0, missed=[PendingBackfill("archive", NOON - HOUR, NOON, 1, "502")])) == []


def test_a_new_installation_is_well_before_its_first_message() -> None:
    assert told(replace(WELL, newest=None, lag=0.0, matched=0, notified=False)) == []


def test_what_is_due_for_long_is_told_but_not_what_waits_for_its_time() -> None:
    later = DeliveryBacklog("email", 9, NOON - 24 * HOUR, retrying=4, held=5)
    assert told(standing(later)) == []
    [trouble] = told(standing(replace(later, due=1, due_since=NOON - HOUR)))
    assert trouble.startswith("1 delivery by email overdue; check that fmn backend email runs")


def test_what_waits_for_a_channel_that_is_not_there_any_more_is_told() -> None:
    [trouble] = told(standing(DeliveryBacklog("irc", 2, NOON, 2, NOON)))
    assert "2 deliveries pending for irc, which isn't in fmn.delivery.channels" in trouble


def test_a_channel_that_cannot_connect_is_told_though_nothing_waits_for_it() -> None:
    down = replace(WELL, outages=[Outage("irc.1", "the server can't be reached", NOON - HOUR)])
    [problem] = told(down)
    assert problem == (
        "the channel irc.1 can't connect since 2026-05-04 11:00 UTC: the server can't be reached; "
        "check the settings fmn.irc.*, or wait for the server")
    assert told(replace(WELL, outages=[Outage("irc", "we're reconnecting", NOON)])) == []


def test_many_retries_for_one_reason_are_told_unless_the_channel_is_down() -> None:
    retried = [FailureGroup("irc", "451 try later", 20, NOON + MINUTE)]
    [trouble] = told(replace(WELL, retries=retried))
    assert trouble.startswith("20 deliveries by irc retried: 451 try later; ")
    assert told(replace(WELL, retries=[replace(retried[0], count=19)])) == []
    outage = Outage("irc", "the server can't be reached", NOON - HOUR)
    assert len(told(replace(WELL, retries=retried, outages=[outage]))) == 1


def test_a_queue_that_nobody_takes_from_is_told_with_who_should() -> None:
    assert told(queues=[Queue("match", 5, 0), QUEUES[2]]) == [
        "no process consumes the queue match; start fmn worker",
        "no process consumes the queue digests; start fmn worker"]
    assert told(queues=QUEUES[:2]) == [
        "no process consumes the queue backend.email; start fmn backend email"]


def test_a_partition_that_nobody_takes_from_is_told_with_who_should() -> None:
    several = SETTINGS.model_copy(update={"delivery": DeliverySettings(partitions=("email=2",))})
    state = SystemStatus(NOON, WELL, queues=QUEUES, directory_fetched=NOON - HOUR)
    assert [*system_problems(state, several)] == [
        "no process consumes the queue backend.email.1; start fmn backend email"]


def test_an_old_directory_is_told() -> None:
    [trouble] = told(directory_fetched=NOON - 3 * HOUR)
    assert trouble.startswith("the directory is out of date")


def test_what_cannot_be_asked_is_told_and_nothing_is_made_up_of_the_rest() -> None:
    state = SystemStatus(
        NOON, ledger_problem="no database", queues_problem="no RabbitMQ", cache_problem="no Redis")
    assert list(system_problems(state, SETTINGS)) == ["no database", "no RabbitMQ", "no Redis"]

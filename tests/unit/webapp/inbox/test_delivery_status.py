from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fmn.catalog import Message
from fmn.digests.due_times import NextDigest
from fmn.ledger.inbox import InboxNotification
from fmn.ledger.models import Delivery, DeliveryState
from fmn.ledger.reasons import Reason
from fmn.people.schedule import QuietPeriod, Schedule
from webapp.inbox.delivery_status import MAX_REASON_LENGTH, DeliveryStatus, DeliveryStatuses

NOW = datetime(2026, 5, 4, 21, tzinfo=UTC)
PRAGUE = ZoneInfo("Europe/Prague")
ENTRY = InboxNotification(
    1, Message("1", "org.example.dev.oven.cake", NOW, {}), preference_id=7, context="email", filter_id=None,
    filter_name="", created_at=NOW, read_at=None, awaits_digest=False, deliveries=[],
    received_at=NOW)
WAITING = NextDigest(7, enabled=True, rhythm=Schedule(seconds=3600), count=1, first_at=NOW)


def delivery(state: DeliveryState, **values: Any) -> Delivery:
    return Delivery(**{
        "state": state, "reason": "", "attempts": 0, "context": "email", "destination": "alice@example.org",
        "next_attempt_at": NOW, "finished_at": NOW, **values})


def delivered(*deliveries: Delivery) -> list[DeliveryStatus]:
    return list(DeliveryStatuses(NOW, PRAGUE, {}).of(replace(ENTRY, deliveries=deliveries)))


def digest_wait(*waiting: NextDigest) -> str:
    standings = DeliveryStatuses(NOW, PRAGUE, {each.preference_id: each for each in waiting})
    (standing,) = standings.of(replace(ENTRY, awaits_digest=True))
    assert (standing.word, standing.kind) == ("Pending", "waiting")
    return standing.rest


def test_tells_of_each_address() -> None:
    assert delivered(
        delivery(DeliveryState.SENT), delivery(DeliveryState.SENT, digest_id=3, finished_at=None),
        delivery(DeliveryState.FAILED, reason="550 gone"),
        delivery(DeliveryState.DROPPED, reason="switched off"),
    ) == [
        DeliveryStatus("Sent", "good", "to alice@example.org today at 23:00"),
        DeliveryStatus("Sent", "good", "in a digest to alice@example.org"),
        DeliveryStatus("Failed", "bad", "to alice@example.org: 550 gone"),
        DeliveryStatus("Not sent", "muted", "switched off"),
    ]
    assert delivered() == []


def test_tells_when_it_is_tried_again() -> None:
    later = NOW + timedelta(hours=2)
    rests = [each.rest for each in delivered(
        delivery(DeliveryState.WAITING), delivery(DeliveryState.WAITING, next_attempt_at=later),
        delivery(DeliveryState.WAITING, next_attempt_at=later, attempts=1, reason="451 busy"))]
    assert rests == [
        "for alice@example.org, due within a minute",
        "for alice@example.org, due tomorrow at 01:00",
        "for alice@example.org, next attempt tomorrow at 01:00 after 1 failed attempt: 451 busy",
    ]


def test_cuts_a_server_short_that_tells_stories() -> None:
    (standing,) = delivered(delivery(DeliveryState.DROPPED, reason="no " * 1000))
    assert len(standing.rest) <= MAX_REASON_LENGTH


@pytest.mark.parametrize(("waiting", "words"), [
    (WAITING, "in the digest tomorrow at 00:00"),
    (replace(WAITING, rhythm=Schedule(count=3, seconds=3600)),
     "in the digest tomorrow at 00:00 at the latest"),
    (replace(WAITING, rhythm=Schedule(count=3), count=2),
     "in a digest as soon as there are 3 notifications, 2 so far"),
    (replace(WAITING, rhythm=Schedule(quiet=QuietPeriod(time(22), time(7), PRAGUE, lets_severe=True))),
     "until your quiet hours end, tomorrow at 07:00"),
    (replace(WAITING, rhythm=Schedule(), throttling_interval=timedelta(minutes=15)),
     "in a digest today at 23:02, because too many notifications came at once"),
    (replace(WAITING, first_at=NOW - timedelta(days=1)), "in a digest within a minute"),
])
def test_tells_what_it_is_gathered_for(waiting: NextDigest, words: str) -> None:
    assert digest_wait(waiting) == words


def test_tells_what_is_held_in_case_it_recovers() -> None:
    soon = NOW + timedelta(minutes=5)
    held = delivery(DeliveryState.WAITING, next_attempt_at=soon, reason=Reason.DELAYED.sentence)
    assert [each.rest for each in delivered(held)] == [
        "for alice@example.org, due today at 23:05, unless it recovers before"]
    # and once it's tried, that's over
    tried = delivery(DeliveryState.WAITING, reason=Reason.DELAYED.sentence)
    assert "recovers" not in delivered(tried)[0].rest
    standings = DeliveryStatuses(NOW, PRAGUE, {7: WAITING})
    waits = replace(ENTRY, awaits_digest=True, delayed_until=soon)
    assert standings.of(waits)[0].rest == "until today at 23:05 in case it recovers, then for a digest"
    assert standings.of(replace(waits, delayed_until=NOW))[0].rest == digest_wait(WAITING)


def test_tells_of_a_digest_that_was_closed_just_now() -> None:
    assert digest_wait() == "in a digest within a minute"

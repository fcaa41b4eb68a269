"""A message's trace in sentences."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fmn.administration.message_trace import TracedDelivery, TracedDigest, TracedNotification
from fmn.administration.message_trace_text import cause, duration, outcomes
from fmn.ledger.models import DeliveryState
from tests.factories.messages import NOON

THEN = "2026-05-04 12:00:00 UTC"
DELIVERY = TracedDelivery(
    kind="single", state=DeliveryState.WAITING, address="a@example.org", reason="", attempts=0,
    created_at=NOON, next_attempt_at=NOON, claimed_until=None, finished_at=None, bounced_at=None,
    delayed=False)
NOTIFICATION = TracedNotification(
    id=1, nick="alice", context="email", filter_id=1, filter_name="Mine", created_at=NOON, read_at=None,
    awaits_digest=False, throttled=False, delayed_until=None, digest=None, deliveries=())


@pytest.mark.parametrize(("changes", "state", "text"), [
    ({}, "waiting", f"to a@example.org, next attempt {THEN}, no attempt yet, created {THEN}"),
    ({"attempts": 2, "reason": "421 later"}, "waiting",
     f"to a@example.org, next attempt {THEN}, after 2 attempts, created {THEN}; last answer: 421 later"),
    ({"claimed_until": NOON}, "sending",
     f"to a@example.org, claimed until {THEN}, no attempt yet, created {THEN}"),
    ({"delayed": True}, "delayed",
     f"to a@example.org until {THEN} unless it recovers before, no attempt yet, created {THEN}"),
    ({"state": "sent", "attempts": 1, "finished_at": NOON, "bounced_at": NOON}, "sent",
     f"to a@example.org {THEN} after 1 attempt, created {THEN}; came back {THEN}"),
    ({"state": "dropped", "address": "", "finished_at": NOON, "reason": "switched off"}, "dropped",
     f"{THEN}, created {THEN}: switched off"),
])
def test_a_delivery_has_its_times_attempts_and_answers(
    changes: dict[str, object], state: str, text: str,
) -> None:
    delivery = replace(DELIVERY, **changes)  # type: ignore[arg-type] # each test says which

    assert list(outcomes(replace(NOTIFICATION, deliveries=[delivery]))) == [(state, text)]


@pytest.mark.parametrize(("changes", "state", "text"), [
    ({"awaits_digest": True}, "waiting", "for the next digest"),
    ({"awaits_digest": True, "throttled": True}, "waiting",
     "for the next digest, because too much came at once"),
    ({"awaits_digest": True, "delayed_until": NOON}, "waiting",
     f"for the next digest, delayed until {THEN} unless it recovers before"),
    ({}, "without a delivery", "none is recorded, or it isn't kept any more"),
])
def test_a_notification_without_deliveries_says_why(
    changes: dict[str, object], state: str, text: str,
) -> None:
    notification = replace(NOTIFICATION, **changes)  # type: ignore[arg-type] # each test says which

    assert list(outcomes(notification)) == [(state, text)]


def test_a_digest_comes_before_its_deliveries() -> None:
    digest = TracedDigest(7, NOON, throttled=True, notifications=3)

    found = list(outcomes(replace(NOTIFICATION, digest=digest, deliveries=[DELIVERY])))

    assert found[0] == (
        "in digest", f"7, closed {THEN} with 3 notifications, because too much came at once")
    assert [state for state, _ in found] == ["in digest", "waiting"]


def test_the_cause_is_a_filter_that_may_be_gone() -> None:
    assert cause(NOTIFICATION) == f"filter “Mine”, recorded {THEN}"
    # Marks that turn the direction of writing around aren't printed
    assert cause(replace(NOTIFICATION, filter_name="Mine\u202e")) == cause(NOTIFICATION)
    gone = replace(NOTIFICATION, filter_name="", read_at=NOON)
    assert cause(gone) == f"a filter that has been deleted since, recorded {THEN}, read {THEN}"


@pytest.mark.parametrize(("span", "text"), [
    (timedelta(seconds=0.42), "0.4 s"), (timedelta(seconds=90), "90.0 s"),
    (timedelta(minutes=12), "12 minutes"), (timedelta(hours=3), "3 hours"), (timedelta(days=-3), "-3 days"),
])
def test_a_duration_is_in_its_largest_unit(span: timedelta, text: str) -> None:
    assert duration(span) == text

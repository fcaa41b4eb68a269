from __future__ import annotations

from typing import Any

import pytest

from tests.messages import described, facts


def sent(agent: str | None = "mary", **body: Any) -> dict[str, Any]:
    return {"agent": agent, "headers": {}, "body": {
        "event": "flock", "organizer": "community", "code": "YTSDG",
        "instance_url": "https://rsvp.example.org/", **body}}


@pytest.mark.parametrize(("title", "body", "summary"), [
    ("checkin", {"type": "entry"}, "mary entered flock"),
    ("checkin", {"type": "exit"}, "mary left flock"),
    ("checkin.reverted", {}, "The check-in of mary at flock was taken back"),
    ("order.placed", {}, "The order YTSDG for flock was placed"),
    ("order.paid", {}, "The order YTSDG for flock was paid"),
    ("order.changed.split", {}, "The order YTSDG for flock was changed"),
    ("order.refund.created", {}, "The order YTSDG for flock was refunded"),
    ("live.activated", {}, 'mary caused "event live activated" at flock'),
])
def test_what_happens_at_an_event_is_told(title: str, body: dict[str, Any], summary: str) -> None:
    told = described(f"pretix.event.{title}", sent(**body))

    assert told.summary == summary
    assert told.link == "https://rsvp.example.org/community/flock"
    assert told.thread == ""


def test_the_account_is_the_publisher_s_and_no_attendee_s_name() -> None:
    assert facts("pretix.event.checkin", sent(attendee_name="Mary Made-up")).usernames == {"mary"}

    nobody = sent(None, attendee_name="Mary Made-up", type="entry")
    assert facts("pretix.event.checkin", nobody).agent is None
    assert described("pretix.event.checkin", nobody).summary == "Somebody entered flock"


def test_without_the_shop_s_address_there_is_no_link() -> None:
    assert described("pretix.event.checkin", sent(instance_url=None)).link == ""

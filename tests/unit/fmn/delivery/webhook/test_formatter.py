"""What web hooks say."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import given

from fmn.catalog import Message
from fmn.delivery.contract import RenderedDelivery, SystemMessage
from fmn.delivery.notification_json import MAX_NAMES
from fmn.delivery.webhook.formatter import format_body
from fmn.infra.public_ids import PublicId
from tests.unit.fmn.delivery.email.examples import (
    ANYTHING,
    LINKS,
    MORNING,
    a_delivery,
    a_notification,
    some_notifications,
)

APPLICATIONS = {"bodhi": "Bodhi"}


def said(delivery: RenderedDelivery) -> Any:
    body = format_body(delivery, APPLICATIONS, LINKS)
    assert body.isascii()
    return json.loads(body)


def test_a_notification_has_all_that_programs_want_to_know() -> None:
    assert said(a_delivery()) == {
        "type": "notification",
        "timestamp": "2026-03-14T12:26:53+00:00",
        "data": {
            "nick": "alice",
            "items": [{
                "id": 1001,
                "sent_at": "2026-03-14T09:27:53+00:00",
                "link": "https://bodhi.example.org/updates/FEDORA-2026-1a2b",
                "text": "Works here.",
                "summary": "bob commented on update FEDORA-2026-1a2b (php-8.4.2)",
                "title": "bodhi.update.comment",
                "category": "bodhi",
                "application": "Bodhi",
                "event_type": "bodhi.update.comment",
                "severity": "info",
                "late": "",
                "agent": "bob",
                "usernames": ["bob", "alice"],
                "packages": ["rpms/php"], "groups": [],
                "filter": "Packages that I own",
                "why": LINKS.why(PublicId(1001)),
            }],
            "more": 0,
            "note": "",
            "inbox": "https://fmn.example.org/inbox",
        },
    }


def test_a_digest_has_every_notification_and_counts_the_rest() -> None:
    found = said(replace(a_delivery(*some_notifications()), more=480, note="So many came at once."))
    assert found["type"] == "digest"
    assert [item["id"] for item in found["data"]["items"]] == [1001, 1002, 1003, 1004, 1185]
    assert (found["data"]["more"], found["data"]["note"]) == (480, "So many came at once.")


def test_a_notification_among_many_more_is_a_digest() -> None:
    assert said(replace(a_delivery(), more=1))["type"] == "digest"


def test_what_its_owner_does_not_want_is_not_there() -> None:
    delivery = a_delivery(long_text=False, trigger_links=False, short_links=True)
    [item] = said(delivery)["data"]["items"]
    assert (item["text"], item["filter"], item["why"], item["link"]) == ("", "", "", LINKS.go(PublicId(1001)))


def test_no_more_names_than_anybody_reads() -> None:
    names = [f"rpms/p{n}" for n in range(3 * MAX_NAMES)]
    [item] = said(a_delivery(replace(a_notification(), packages=names)))["data"]["items"]
    assert item["packages"] == names[:MAX_NAMES]


def test_a_letter_that_asks_to_confirm_has_the_code() -> None:
    system_message = SystemMessage(
        "Confirm this address", ["Somebody", "type this code:"], "Why.", PublicId(7), "confirmation")
    assert said(replace(a_delivery(), items=(), system_message=system_message)) == {
        "type": "confirmation",
        "timestamp": "2026-03-14T12:26:53+00:00",
        "data": {
            "nick": "alice", "subject": "Confirm this address", "text": "Somebody\n\ntype this code:",
            "because": "Why.", "code": LINKS.code(PublicId(7)),
        },
    }


def test_other_letters_have_none() -> None:
    system_message = SystemMessage("This is a test", ["It arrived."], "You asked for it.", kind="test")
    found = said(replace(a_delivery(), items=(), system_message=system_message))
    assert found["type"] == "test"
    assert "code" not in found["data"]


@given(ANYTHING, ANYTHING)
def test_any_text_is_json(summary: str, long: str) -> None:
    item = a_notification(summary=summary, long=long)
    odd = replace(item, message=Message("1", f"org.example.prod.{summary}", MORNING, {}), filter_name=long)
    assert len(said(a_delivery(odd))["data"]["items"]) == 1

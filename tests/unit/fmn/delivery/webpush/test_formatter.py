"""What browsers show, how urgent it is, and what replaces what."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from fmn.catalog import Severity
from fmn.delivery.contract import RenderedDelivery, RenderedNotification, SystemMessage
from fmn.delivery.webpush.formatter import MAX_BYTES, PushMessage, Urgency, format_push
from fmn.infra.public_ids import PublicId
from tests.unit.fmn.delivery.email.examples import (
    ANYTHING,
    LINKS,
    a_delivery,
    a_notification,
    some_notifications,
)

SECRET = "of the tests"
UPDATE = "https://bodhi.example.org/updates/FEDORA-2026-1a2b"


def push(delivery: RenderedDelivery, secret: str = SECRET) -> PushMessage:
    return format_push(delivery, {"bodhi": "Bodhi"}, LINKS, secret)


def shown(delivery: RenderedDelivery) -> Any:
    return json.loads(push(delivery).body)


def described(item: RenderedNotification, **said: Any) -> RenderedNotification:
    return replace(item, description=replace(item.description, **said))


def test_a_notification_is_its_sentence_and_a_click_opens_its_page() -> None:
    said = shown(a_delivery())
    assert said.pop("tag")
    assert said == {
        "kind": "notification",
        "title": "bob commented on update FEDORA-2026-1a2b (php-8.4.2)",
        "body": "Works here.",
        "url": UPDATE,
        "why": LINKS.why(PublicId(1001)),
        "why_label": "Why?",
    }


def test_without_a_page_of_its_own_a_click_opens_ours() -> None:
    said = shown(a_delivery(a_notification(link="", long="")))
    assert said["url"] == said["why"]
    assert said["body"] == "Bodhi"


def test_a_digest_counts_lists_and_opens_the_inbox() -> None:
    said = shown(replace(a_delivery(*some_notifications()), more=480, note="So many came at once."))
    assert said["title"].endswith("480 more") or "485" in said["title"]
    first, *lines = said["body"].split("\n")
    assert first.startswith("So many came at once.")
    assert 0 < len(lines) <= 4
    assert said["url"] == LINKS.inbox()


def test_a_confirmation_has_the_code_that_the_page_enters() -> None:
    asked = SystemMessage("Confirm this address", ["Somebody asked."], "Why.", PublicId(7), "confirmation")
    said = shown(replace(a_delivery(), items=[], system_message=asked))
    assert said["code"] == LINKS.code(PublicId(7))
    assert said["code"] in said["body"]
    assert (said["kind"], said["url"]) == ("confirmation", LINKS.preference("webpush"))


@pytest.mark.parametrize(("severities", "urgency"), [
    ([Severity.DEBUG], Urgency.LOW), ([Severity.INFO], Urgency.NORMAL), ([Severity.WARNING], Urgency.NORMAL),
    ([Severity.ERROR], Urgency.HIGH), ([Severity.DEBUG, Severity.ERROR, Severity.INFO], Urgency.HIGH),
])
def test_urgency_follows_the_most_severe(severities: list[Severity], urgency: Urgency) -> None:
    items = [described(a_notification(number), severity=each) for number, each in enumerate(severities, 1)]
    assert push(a_delivery(*items)).urgency is urgency


class TestATopic:
    def test_is_the_same_for_what_is_of_one_thread(self) -> None:
        first, second = (
            push(replace(a_delivery(described(a_notification(number), thread=UPDATE)), key=str(number)))
            for number in (1, 2))
        assert first.topic == second.topic
        assert len(first.topic) == 32
        # And the browser replaces the one that it shows
        assert json.loads(first.body)["tag"] == json.loads(second.body)["tag"] == first.topic

    def test_is_missing_where_nothing_may_be_replaced(self) -> None:
        assert push(a_delivery(described(a_notification(), thread=""))).topic == ""
        assert push(a_delivery(*some_notifications())).topic == ""

    def test_tells_nobody_who_hears_of_the_same(self) -> None:
        mine = a_delivery(described(a_notification(), thread=UPDATE))
        topics = {
            push(mine).topic, push(replace(mine, preference_id=99)).topic,
            push(replace(mine, destination="https://push.example.net/2")).topic,
            push(mine, "another secret").topic}
        assert len(topics) == 4


def test_the_same_delivery_has_the_same_tag_whenever_it_is_sent() -> None:
    mine = a_delivery(described(a_notification(), thread=""))
    assert shown(mine)["tag"] == shown(mine)["tag"] != shown(replace(mine, key="another"))["tag"]


def test_of_a_link_that_is_too_long_only_ours_is_left() -> None:
    long = f"https://bodhi.example.org/{'a' * 1_900}"
    said = shown(a_delivery(a_notification(link=long, summary="\N{SNOWMAN}" * 200, long="\N{SNOWMAN}" * 400)))
    assert said["url"] == said["why"]


@given(ANYTHING, ANYTHING)
def test_whatever_is_said_fits_and_is_json(summary: str, long: str) -> None:
    items = [a_notification(number, summary=summary * 40, long=long * 40) for number in range(1, 9)]
    for delivery in (a_delivery(items[0]), replace(a_delivery(*items), more=10**9, note=long * 40)):
        body = push(delivery).body
        assert len(body) <= MAX_BYTES
        assert json.loads(body)["title"]


def test_what_fmn_says_around_a_message_is_in_its_readers_language() -> None:
    assert shown(replace(a_delivery(), language="de"))["why_label"] == "Warum?"
    digest = shown(replace(a_delivery(*some_notifications()), language="de", more=1480))
    assert digest["title"] == "1.485 Benachrichtigungen"

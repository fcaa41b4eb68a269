from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fmn.catalog import Description, Message, Severity
from fmn.catalog.group_summaries import GroupSummaryPart
from fmn.delivery.contract import RenderedDelivery, RenderedNotification, SystemMessage
from fmn.delivery.notification_json import MAX_NAMES
from fmn.delivery.sse.formatter import SseEvent, format_events
from fmn.infra.public_ids import PublicId
from tests.unit.fmn.delivery.email.examples import (
    ANYTHING,
    LINKS,
    MORNING,
    Page,
    a_delivery,
    a_notification,
    some_notifications,
)

APPLICATIONS = {"bodhi": "Bodhi", "git": "dist-git", "buildsys": "Koji"}
FIELDS_OF_FMN_2 = {"dom_id", "date_time", "icon", "link", "markup", "secondary_icon"}
NASTY = "update\r\n\r\nid: 1\ndata: {}\n\nevent: x\0\u2028</script><img src=x onerror=alert(1)>\"'&\ud83d"


def events_of(*items: RenderedNotification) -> Sequence[SseEvent]:
    return format_events(a_delivery(*items), APPLICATIONS, LINKS)


def data_of(item: RenderedNotification) -> Mapping[str, Any]:
    [event] = events_of(item)
    return event.data


def test_an_event_is_as_its_reader_wants_it() -> None:
    wanted = a_delivery(trigger_links=False, short_links=True, markup=False)
    [event] = format_events(wanted, APPLICATIONS, LINKS)
    assert event.data["link"] == LINKS.go(PublicId(1001))
    assert event.data["markup"] == "bob commented on update FEDORA-2026-1a2b (php-8.4.2)"
    assert (event.data["why"], event.data["filter"]) == ("", "")


class TestASingle:
    def test_has_what_clients_of_fmn_2_know_and_more(self) -> None:
        assert data_of(a_notification()) == {
            "dom_id": "notification-1001",
            "date_time": "2026-03-14T09:27:53+00:00",
            "icon": "",
            "link": "https://bodhi.example.org/updates/FEDORA-2026-1a2b",
            "markup": '<a href="https://bodhi.example.org/updates/FEDORA-2026-1a2b">'
                      "bob commented on update FEDORA-2026-1a2b (php-8.4.2)</a>",
            "secondary_icon": "",
            "id": "single:1:1",
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
        }

    def test_of_what_nobody_caused_has_no_agent(self) -> None:
        assert data_of(replace(a_notification(), agent=None))["agent"] is None

    def test_without_a_link_has_the_summary_alone(self) -> None:
        data = data_of(a_notification(link="", summary="1 < 2"))
        assert (data["link"], data["markup"], data["summary"]) == ("", "1 &lt; 2", "1 < 2")

    def test_shows_pictures_from_the_web_only(self) -> None:
        item = a_notification()
        described = replace(item.description, icon="https://example.org/a.png", secondary_icon="file:///etc/passwd")
        data = data_of(replace(item, description=described))
        assert (data["icon"], data["secondary_icon"]) == ("https://example.org/a.png", "")

    def test_shows_markup_in_a_message_as_text(self) -> None:
        data = data_of(a_notification(summary=NASTY, link='https://a.example/"><script>'))
        page = Page(data["markup"])
        assert page.elements == {"a"}
        assert page.links == ['https://a.example/"><script>']
        assert page.text == data["summary"]

    def test_names_no_more_people_and_packages_than_anyone_reads(self) -> None:
        names = [f"moss{number}" for number in range(5000)]
        data = data_of(replace(a_notification(), packages=names, usernames=names))
        assert data["packages"] == data["usernames"] == names[:MAX_NAMES]


class TestADigest:
    def test_is_an_event_for_each_item(self) -> None:
        events = events_of(*some_notifications())
        assert [event.id for event in events] == [f"single:1:1/{position}" for position in (1, 2, 3, 4, 5)]
        assert [event.data["id"] for event in events] == [event.id for event in events]
        assert [event.data["category"] for event in events] == [
            "bodhi", "git", "buildsys", "buildsys", "bodhi"]

    def test_of_one_is_a_single(self) -> None:
        assert events_of(*[a_notification()]) == events_of(a_notification())


def test_a_letter_is_an_event() -> None:
    system_message = SystemMessage(
        "It <works>", ["This is a test.", "You asked for it."], "you pressed a button")
    [event] = format_events(
        replace(a_delivery(key="test:1"), items=[], system_message=system_message), APPLICATIONS, LINKS)
    assert event.id == event.data["id"] == "test:1"
    assert (event.data["summary"], event.data["markup"]) == ("It <works>", "It &lt;works&gt;")
    assert event.data["text"] == "This is a test.\n\nYou asked for it."
    assert event.data["why"] == "you pressed a button"
    # and has all that clients of FMN 2 look for
    assert event.data.keys() >= FIELDS_OF_FMN_2


def test_a_flood_ends_with_what_it_does_not_list() -> None:
    delivery = replace(
        a_delivery(*some_notifications(), key="digest:1:1"), more=4_480, note="So many came at once.")
    *told, rest = format_events(delivery, APPLICATIONS, LINKS)
    assert told == format_events(replace(delivery, more=0, note=""), APPLICATIONS, LINKS)
    assert rest.id == rest.data["id"] == "digest:1:1/rest"
    assert rest.data["summary"] == "So many came at once. 4,480 more are in your inbox."
    assert Page(rest.data["markup"]).links == [LINKS.inbox()]
    # and has all that clients of FMN 2 look for
    assert rest.data.keys() >= FIELDS_OF_FMN_2


def items() -> st.SearchStrategy[RenderedNotification]:
    """Items that say anything everywhere."""
    return st.builds(
        lambda text, link, severity, minute, names: RenderedNotification(
            Message("1", f"org.example.prod.{text}", MORNING + timedelta(minutes=minute), {}),
            Description(text, text, text, link, link, link, severity, text, GroupSummaryPart()),
            text, names, names, 7, text, minute),
        ANYTHING | st.just(NASTY) | st.just("x" * 100_000),
        ANYTHING | (ANYTHING | st.just("ä" * 10_000)).map("https://example.org/{}".format),
        st.sampled_from(Severity), st.integers(0, 10_000), st.lists(ANYTHING, max_size=5))


@given(st.lists(items(), min_size=1, max_size=5))
def test_whatever_messages_say_every_item_is_one_event(given: list[RenderedNotification]) -> None:
    delivery = RenderedDelivery("digest:1:1", "alice", 3, "alice", given, MORNING)

    events = format_events(delivery, {}, LINKS)

    assert [event.id for event in events] == [event.data["id"] for event in events]
    for event in events:
        assert event.text.isascii()
        assert event.text.isprintable()
        assert len(event.text) <= 50_000
        assert json.loads(event.text) == event.data
        for field in ("link", "icon", "secondary_icon"):
            assert re.fullmatch(r"(https?:\S+)?", event.data[field])
        page = Page(event.data["markup"])
        assert page.elements <= {"a"}
        assert page.text == event.data["summary"]

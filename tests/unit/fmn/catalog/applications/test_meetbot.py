from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog import catalog
from fmn.catalog.accounts_in_messages import avatar
from tests.messages import described, facts, message

MEETING = {
    "owner": "mossy", "chairs": {"ann": True}, "attendees": {"sam": 3, "zodbot": 9}, "channel": "#moss",
    "meeting_topic": "Moss SIG", "url": "http://meetbot.example.org/moss.09.00",
}


def test_owner_chairs_and_attendees_are_concerned_but_not_the_bot() -> None:
    known = catalog().facts(message("meetbot.meeting.complete", MEETING), {"mossy": "mary"}.get)

    assert known.agent == "mary"
    assert known.usernames == {"mary", "ann", "sam"}


def test_what_the_bot_says_is_its_meeting_s_owner_s() -> None:
    body = {**MEETING, "details": {"nick": "zodbot", "line": "https://example.org"}}

    assert facts("meetbot.meeting.item.link", body).agent == "mossy"
    assert "zodbot" not in facts("meetbot.meeting.item.link", body).usernames


@pytest.mark.parametrize(("title", "more", "summary", "link"), [
    ("start", {}, 'mossy started the meeting "Moss SIG" in #moss', ""),
    ("start.v1", {"meeting_topic": None}, "mossy started a meeting in #moss", ""),
    ("complete", {}, 'The meeting "Moss SIG" in #moss that mossy started is over',
     "https://meetbot.example.org/moss.09.00.html"),
    ("topic.update", {"topic": "Water"}, 'The topic of the meeting "Moss SIG" in #moss is now "Water"', ""),
])
def test_how_a_meeting_goes_is_told(title: str, more: dict[str, Any], summary: str, link: str) -> None:
    told = described(f"meetbot.meeting.{title}", {**MEETING, **more})

    assert told.summary == summary
    assert told.link == link
    assert told.secondary_icon == avatar("mossy")


@pytest.mark.parametrize(("kind", "did"), [
    ("action", "noted an action"), ("agreed", "noted an agreement"), ("accepted", "noted an acceptance"),
    ("rejected", "noted a rejection"), ("help", "asked for help"), ("idea", "had an idea"),
    ("info", "noted"), ("link", "gave a link"),
])
@pytest.mark.parametrize("title", [
    "meetbot.meeting.item.{}", "meetbot.meeting.item.{}.v1", "meetbot.meeting.{}"])
def test_what_somebody_has_noted_is_theirs(title: str, kind: str, did: str) -> None:
    body = {**MEETING, "details": {"nick": "tom", "line": "A drop a day"}}
    told = described(title.format(kind), body)

    assert facts(title.format(kind), body).agent == "tom"
    assert facts(title.format(kind), body).usernames == {"mossy", "ann", "sam", "tom"}
    assert told.summary == f'tom {did} in the meeting "Moss SIG" in #moss: "A drop a day"'
    assert told.secondary_icon == avatar("tom")


TODAY = {
    "location": "#moss:example.org", "meeting_name": "Moss SIG", "start_user": "mary",
    "start_time": "2026-03-14T09:00:00+0000", "url": "https://meetbot.example.org/moss.09.00",
}


def test_today_s_meetings_name_accounts() -> None:
    assert facts("meetbot.meeting.start", TODAY).agent == "mary"
    assert described("meetbot.meeting.start", TODAY).summary == 'mary started the meeting "Moss SIG" in #moss'


def test_today_s_meetings_concern_who_started_ended_chaired_and_attended_them() -> None:
    body = {
        **TODAY, "end_user": "sam", "chairs": ["mary", "ann"],
        "attendees": [{"name": "tom", "lines_said": 7}, {"name": "zodbot", "lines_said": 3}],
        "logs": [{"log_type": "Text Minutes", "log_url": "https://meetbot.example.org/moss.09.00.txt"},
                 {"log_type": "HTML Minutes", "log_url": "https://meetbot.example.org/moss.09.00.html"}],
    }
    known, told = facts("meetbot.meeting.complete", body), described("meetbot.meeting.complete", body)

    assert known.agent == "sam"
    assert known.usernames == {"mary", "sam", "ann", "tom"}
    assert told.summary == 'The meeting "Moss SIG" in #moss that mary started is over'
    assert told.link == "https://meetbot.example.org/moss.09.00.html"
    assert told.long == "Chairs: ann, mary\nAttendees: tom"

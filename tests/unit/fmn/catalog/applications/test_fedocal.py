from __future__ import annotations

from typing import Any

import pytest

from tests.messages import described, facts

FOREST = {"calendar_name": "forest", "calendar_description": "Under trees"}
MOSS = {
    "meeting_id": 42, "meeting_name": "Moss", "meeting_date": "2026-03-20", "meeting_time_start": "15:00:00",
    "meeting_timezone": "UTC", "meeting_information": "Where?", "meeting_location": "#moss",
}
PAGES = "https://apps.fedoraproject.org/calendar"


@pytest.mark.parametrize(("managers", "people"), [
    ("mary,", {"ann", "mary"}),
    ("mary, sam", {"ann", "mary", "sam"}),
    (["mary", " sam", ""], {"ann", "mary", "sam"}),
    (None, {"ann"}),
])
def test_who_runs_a_meeting_is_concerned(managers: Any, people: set[str]) -> None:
    body = {"agent": "ann", "calendar": FOREST, "meeting": {**MOSS, "meeting_manager": managers}}

    assert facts("fedocal.meeting.new", body).agent == "ann"
    assert facts("fedocal.meeting.new", body).usernames == people


@pytest.mark.parametrize(("what", "summary"), [
    ("new", 'ann added the meeting "Moss" to the calendar forest'),
    ("update", 'ann changed the meeting "Moss" in the calendar forest'),
    ("delete", 'ann deleted the meeting "Moss" from the calendar forest'),
    ("deleted", 'ann deleted the meeting "Moss" from the calendar forest'),
])
def test_what_happens_to_meetings_is_told(what: str, summary: str) -> None:
    told = described(f"fedocal.meeting.{what}", {"agent": "ann", "calendar": FOREST, "meeting": MOSS})

    assert told.summary == summary
    assert told.link == f"{PAGES}/meeting/42/"
    assert told.long == "Start: 2026-03-20 15:00 UTC\nLocation: #moss\n\nWhere?"


@pytest.mark.parametrize("title", ["fedocal.meeting.reminder", "fedocal.reminder"])
def test_a_reminder_tells_when_and_comes_from_nobody(title: str) -> None:
    body = {"calendar": FOREST, "meeting": {**MOSS, "meeting_manager": ["mary"]}}

    assert described(title, body).summary == (
        'Remember the meeting "Moss" in the calendar forest, which starts 2026-03-20 15:00 UTC')
    assert facts(title, body).agent is None
    assert facts(title, body).usernames == {"mary"}


@pytest.mark.parametrize(("what", "summary"), [
    ("new", "ann made the calendar forest"),
    ("update", "ann changed the calendar forest"),
    ("upload", "ann uploaded meetings to the calendar forest"),
    ("clear", "ann deleted all meetings of the calendar forest"),
    ("delete", "ann deleted the calendar forest"),
])
def test_what_happens_to_calendars_is_told(what: str, summary: str) -> None:
    told = described(f"fedocal.calendar.{what}", {"agent": "ann", "calendar": FOREST})

    assert told.summary == summary
    assert told.link == f"{PAGES}/forest/"

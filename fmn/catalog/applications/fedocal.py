"""Fedocal, the calendar: meetings, and the calendars that they're in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fmn.catalog.events import Application, EventType, Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import labelled, paragraphs, quoted, split_list

CALENDAR_PAGES = "https://apps.fedoraproject.org/calendar"

#: Made up for examples.
CALENDAR: dict[str, Any] = {
    "calendar_name": "forest", "calendar_description": "Meetings under trees", "calendar_status": "Enabled",
    "calendar_contact": "mary@fedoraproject.org", "calendar_admin_group": "mossers",
    "calendar_editor_group": "mossers",
}
MEETING: dict[str, Any] = {
    "meeting_id": 42, "meeting_name": "Moss SIG", "meeting_manager": ["mary", "sam"],
    "calendar_name": "forest", "meeting_date": "2026-03-20", "meeting_date_end": "2026-03-20",
    "meeting_time_start": "15:00:00", "meeting_time_stop": "16:00:00", "meeting_timezone": "UTC",
    "meeting_information": "Where does it grow best?", "meeting_location": "fedora-meeting@irc.libera.chat",
    "meeting_region": None,
}


class Fedocal(EventType):
    """Anything from Fedocal."""

    def link(self, m: MessageReader) -> str:
        name = m.text("calendar", "calendar_name")
        return page(CALENDAR_PAGES, f"{name}/") if name else CALENDAR_PAGES

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        calendar = m.text("calendar", "calendar_name") or m.text("meeting", "calendar_name")
        meeting = quoted(m.text("meeting", "meeting_name"))
        return {
            **super().template_values(m),
            "calendar": f"the calendar {calendar}" if calendar else "a calendar",
            "meeting": f"the meeting {meeting}" if meeting else "a meeting",
        }


class Calendar(Fedocal):
    """Something happened to a calendar."""

    example = sample(agent="mary", calendar=CALENDAR)


class CalendarNew(Calendar):
    """Somebody made a calendar."""

    topics = ("fedocal.calendar.new",)
    rule = "fedocal_calendar_create"
    title = "New calendar"
    summary_template = "{who} made {calendar}"

    def long(self, m: MessageReader) -> str:
        return m.text("calendar", "calendar_description")


class CalendarUpdate(Calendar):
    """Somebody changed a calendar."""

    topics = ("fedocal.calendar.update",)
    rule = "fedocal_calendar_update"
    title = "Calendar changed"
    summary_template = "{who} changed {calendar}"


class CalendarUpload(Calendar):
    """Somebody uploaded meetings to a calendar."""

    topics = ("fedocal.calendar.upload",)
    title = "Meetings uploaded"
    summary_template = "{who} uploaded meetings to {calendar}"


class CalendarClear(Calendar):
    """Somebody deleted all meetings of a calendar."""

    topics = ("fedocal.calendar.clear",)
    rule = "fedocal_calendar_clear"
    title = "Calendar cleared"
    summary_template = "{who} deleted all meetings of {calendar}"
    severity = Severity.WARNING


class CalendarDelete(Calendar):
    """Somebody deleted a calendar."""

    topics = ("fedocal.calendar.delete",)
    rule = "fedocal_calendar_delete"
    title = "Calendar deleted"
    summary_template = "{who} deleted {calendar}"
    severity = Severity.WARNING


class Meeting(Fedocal):
    """Something happened to a meeting."""

    example = sample(agent="mary", calendar=CALENDAR, meeting=MEETING)

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        return (self.agent(m), *self.managers(m))

    def managers(self, m: MessageReader) -> list[str]:
        """Who runs the meeting: once a text with commas, later a list."""
        path = ("meeting", "meeting_manager")
        return [name.strip() for name in m.texts(*path)] or split_list(m.text(*path))

    def link(self, m: MessageReader) -> str:
        number = m.text("meeting", "meeting_id")
        return page(CALENDAR_PAGES, f"meeting/{number}/") if number else super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        when = self.when_it_starts(m)
        return {**super().template_values(m), "start": f", which starts {when}" if when else ""}

    def when_it_starts(self, m: MessageReader) -> str:
        """Date, time and time zone of the beginning, as far as the message has them."""
        meeting = m.at("meeting")
        parts = (
            meeting.text("meeting_date"), meeting.text("meeting_time_start").removesuffix(":00"),
            meeting.text("meeting_timezone"))
        return " ".join(filter(None, parts))

    def long(self, m: MessageReader) -> str:
        meeting = m.at("meeting")
        return paragraphs(
            labelled(
                Start=self.when_it_starts(m),
                Location=meeting.text("meeting_location") or meeting.text("meeting_region"),
                Managers=", ".join(self.managers(m)),
            ),
            meeting.text("meeting_information"),
        )


class MeetingNew(Meeting):
    """Somebody made a meeting."""

    topics = ("fedocal.meeting.new",)
    rule = "fedocal_meeting_create"
    title = "New meeting"
    summary_template = "{who} added {meeting} to {calendar}"
    group_summary_template = "{who:people} added {meeting:meetings} to {calendar:calendars}"


class MeetingUpdate(Meeting):
    """Somebody changed a meeting."""

    topics = ("fedocal.meeting.update",)
    rule = "fedocal_meeting_update"
    title = "Meeting changed"
    summary_template = "{who} changed {meeting} in {calendar}"
    group_summary_template = "{who:people} changed {meeting:meetings} in {calendar:calendars}"


class MeetingDelete(Meeting):
    """Somebody deleted a meeting."""

    topics = ("fedocal.meeting.delete", "fedocal.meeting.deleted")
    rule = "fedocal_meeting_delete"
    title = "Meeting deleted"
    summary_template = "{who} deleted {meeting} from {calendar}"
    group_summary_template = "{who:people} deleted {meeting:meetings} from {calendar:calendars}"
    severity = Severity.WARNING


class MeetingReminder(Meeting):
    """A meeting starts soon."""

    topics = ("fedocal.meeting.reminder", "fedocal.reminder")
    rule = "fedocal_meeting_reminder"
    title = "Reminder of a meeting"
    summary_template = "Remember {meeting} in {calendar}{start}"
    example = sample(calendar=CALENDAR, meeting=MEETING)


APPLICATION = Application(
    category="fedocal",
    title="Calendar",
    help="Meetings and calendars: made, changed, starting soon.",
    catchall="fedocal_catchall",
    icon="https://apps.fedoraproject.org/calendar/static/calendar.png",
    other=Fedocal,
    events=(
        CalendarNew, CalendarUpdate, CalendarUpload, CalendarClear, CalendarDelete,
        MeetingNew, MeetingUpdate, MeetingDelete, MeetingReminder,
    ),
)

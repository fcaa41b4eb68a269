"""Meetbot, which takes minutes of meetings on IRC and Matrix.

It knows people by their nicks. Today's, on Matrix, names accounts: who started and who ended the meeting, and
lists of chairs and attendees instead of objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from fmn.catalog.events import Application, EventType, sample
from fmn.catalog.identities import account_of
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.text import labelled, quoted

#: Nicks of the bot itself, which is at every meeting.
BOTS = frozenset({"zodbot", "meetbot"})

#: What ends the topics of newer messages.
VERSION = ".v1"

#: Made up for examples.
MEETING: dict[str, Any] = {
    "owner": "mary", "chairs": {"mary": True, "sam": True}, "attendees": {"mary": 12, "sam": 7, "zodbot": 3},
    "channel": "#moss", "meeting_topic": "Moss SIG", "topic": "Watering",
    "url": "https://meetbot.example.org/moss/2026-03-14/moss.2026-03-14-09.00",
}


def both(topic: str) -> tuple[str, ...]:
    """A topic as it was, and with the version that newer messages have."""
    return (f"meetbot.{topic}", f"meetbot.{topic}{VERSION}")


class Meetbot(EventType):
    """Anything from a meeting: its owner, chairs and attendees are concerned."""

    def agent(self, m: MessageReader) -> str | None:
        """Who spoke, ended the meeting or started it, else whose meeting it is."""
        speaker = m.text("details", "nick")
        named = m.text("end_user") or m.text("start_user")
        return named or account_of(m, speaker if speaker and speaker not in BOTS else m.text("owner")) or None

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        nicks = {m.text("owner"), *chairs(m), *attendees(m)} - BOTS
        return (self.agent(m), m.text("start_user"), *(account_of(m, nick) for nick in nicks))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        name, channel = quoted(m.text("meeting_topic") or m.text("meeting_name")), place(m)
        where = f" in {channel}" if channel else ""
        owner = m.text("start_user") or account_of(m, m.text("owner"))
        return {
            **super().template_values(m),
            "meeting": f"the meeting {name}{where}" if name else f"a meeting{where}",
            "owner": f" that {owner} started" if owner else "",
        }


def chairs(m: MessageReader) -> list[str]:
    """Nicks of a meeting's chairs."""
    return m.keys("chairs") or m.texts("chairs")


def attendees(m: MessageReader) -> list[str]:
    """Nicks of those who said something in a meeting."""
    return m.keys("attendees") or [attendee.text("name") for attendee in m.nodes("attendees")]


def place(m: MessageReader) -> str:
    """The channel, or the room: ``#moss`` of ``#moss:example.org``."""
    return m.text("channel") or m.text("location").partition(":")[0]


class MeetingStart(Meetbot):
    """A meeting started."""

    topics = both("meeting.start")
    rule = "meetbot_meeting_start"
    title = "Meeting started"
    summary_template = "{who} started {meeting}"
    example = sample(**{**MEETING, "attendees": {"mary": 1}, "topic": ""})


class MeetingComplete(Meetbot):
    """A meeting ended, and has minutes."""

    topics = both("meeting.complete")
    rule = "meetbot_meeting_complete"
    title = "Meeting complete"
    threaded = False
    summary_template = "{meeting}{owner} is over"
    example = sample(**MEETING)

    def link(self, m: MessageReader) -> str:
        """The minutes, over the protocol that the archive redirects to."""
        if minutes := next(filter(None, map(_minutes, m.nodes("logs"))), ""):
            return minutes
        address = m.text("url")
        if address.startswith("http://"):
            address = f"https://{address.removeprefix('http://')}"
        return f"{address}.html" if address else ""

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        words = super().template_values(m)
        return {**words, "meeting": words["meeting"][0].upper() + words["meeting"][1:]}

    def long(self, m: MessageReader) -> str:
        return labelled(
            Chairs=", ".join(sorted(chairs(m))),
            Attendees=", ".join(sorted({*attendees(m)} - BOTS)),
        )


def _minutes(log: JsonNode) -> str:
    return log.text("log_url") if log.text("log_type") == "HTML Minutes" else ""


class TopicUpdate(Meetbot):
    """A meeting went on to another topic."""

    topics = both("meeting.topic.update")
    rule = "meetbot_meeting_topic_update"
    title = "Next topic of a meeting"
    summary_template = "The topic of {meeting} is now {topic}"
    group_summary_template = "The topic changed in {meeting:meetings}"
    example = sample(**MEETING)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "topic": quoted(m.text("topic")) or "open"}


class Item(Meetbot):
    """Somebody had something put into the minutes of a meeting."""

    summary_template = "{who} {did} in {meeting}{line}"
    group_summary_template = "{who:people} {did:alike} in {meeting:meetings}"
    #: What somebody did, as part of a sentence.
    did: ClassVar[str] = "noted something"
    example = sample(**MEETING, details={
        "nick": "sam", "line": "A drop a day will do", "linenum": 17, "time_": 1773480413.0})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        line = quoted(m.text("details", "line"))
        return {**super().template_values(m), "did": self.did, "line": f": {line}" if line else ""}

    def long(self, m: MessageReader) -> str:
        return labelled(Topic=m.text("topic"), Line=m.text("details", "line"))


class ItemAction(Item):
    """Somebody noted what somebody is going to do."""

    topics = both("meeting.item.action")
    title = "Action noted in a meeting"
    did = "noted an action"


class ItemAgreed(Item):
    """A meeting agreed on something."""

    topics = both("meeting.item.agreed")
    title = "Agreement in a meeting"
    did = "noted an agreement"


class ItemAccepted(Item):
    """A meeting accepted something."""

    topics = both("meeting.item.accepted")
    title = "Acceptance in a meeting"
    did = "noted an acceptance"


class ItemRejected(Item):
    """A meeting rejected something."""

    topics = both("meeting.item.rejected")
    title = "Rejection in a meeting"
    did = "noted a rejection"


class ItemHelp(Item):
    """Somebody asked for help in a meeting."""

    topics = both("meeting.item.help")
    title = "Call for help in a meeting"
    did = "asked for help"


class ItemIdea(Item):
    """Somebody had an idea in a meeting."""

    topics = both("meeting.item.idea")
    title = "Idea in a meeting"
    did = "had an idea"


class ItemInfo(Item):
    """Somebody told something in a meeting."""

    topics = both("meeting.item.info")
    title = "Information in a meeting"
    did = "noted"


class ItemLink(Item):
    """Somebody gave a link in a meeting."""

    topics = both("meeting.item.link")
    title = "Link in a meeting"
    did = "gave a link"


class UnusedItem(Item):
    """An item under the topic that FMN 2 took items to have, which Meetbot doesn't send."""

    retired = True


class Action(UnusedItem):
    """An action, under a topic that isn't used."""

    topics = ("meetbot.meeting.action",)
    rule = "meetbot_meeting_action"
    title = "Action noted in a meeting (unused topic)"
    did = ItemAction.did


class Agreed(UnusedItem):
    """An agreement, under a topic that isn't used."""

    topics = ("meetbot.meeting.agreed",)
    rule = "meetbot_meeting_agreed"
    title = "Agreement in a meeting (unused topic)"
    did = ItemAgreed.did


class Accepted(UnusedItem):
    """An acceptance, under a topic that isn't used."""

    topics = ("meetbot.meeting.accepted",)
    rule = "meetbot_meeting_accepted"
    title = "Acceptance in a meeting (unused topic)"
    did = ItemAccepted.did


class Rejected(UnusedItem):
    """A rejection, under a topic that isn't used."""

    topics = ("meetbot.meeting.rejected",)
    rule = "meetbot_meeting_rejected"
    title = "Rejection in a meeting (unused topic)"
    did = ItemRejected.did


class Help(UnusedItem):
    """A call for help, under a topic that isn't used."""

    topics = ("meetbot.meeting.help",)
    rule = "meetbot_meeting_help"
    title = "Call for help in a meeting (unused topic)"
    did = ItemHelp.did


class Idea(UnusedItem):
    """An idea, under a topic that isn't used."""

    topics = ("meetbot.meeting.idea",)
    rule = "meetbot_meeting_idea"
    title = "Idea in a meeting (unused topic)"
    did = ItemIdea.did


class Info(UnusedItem):
    """Information, under a topic that isn't used."""

    topics = ("meetbot.meeting.info",)
    rule = "meetbot_meeting_info"
    title = "Information in a meeting (unused topic)"
    did = ItemInfo.did


class Link(UnusedItem):
    """A link, under a topic that isn't used."""

    topics = ("meetbot.meeting.link",)
    rule = "meetbot_meeting_link"
    title = "Link in a meeting (unused topic)"
    did = ItemLink.did


APPLICATION = Application(
    category="meetbot",
    title="Meetings",
    help="Meetings on IRC and Matrix: started, ended, and what was noted.",
    catchall="meetbot_catchall",
    icon="https://apps.fedoraproject.org/img/icons/meetbot.png",
    other=Meetbot,
    events=(
        MeetingStart, MeetingComplete, TopicUpdate,
        ItemAction, ItemAgreed, ItemAccepted, ItemRejected, ItemHelp, ItemIdea, ItemInfo, ItemLink,
        Action, Agreed, Accepted, Rejected, Help, Idea, Info, Link,
    ),
)

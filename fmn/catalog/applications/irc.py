"""Karma on IRC: thanks that people say to each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fmn.catalog.accounts_in_messages import avatar, person
from fmn.catalog.events import Application, EventType, sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page

BADGES = "https://badges.fedoraproject.org"


class Irc(EventType):
    """Anything from IRC."""


class Karma(Irc):
    """Somebody gave somebody else karma, or took some."""

    topics = ("irc.karma",)
    title = "Karma given"
    summary_template = "{who} {gave} {recipient} on {channel}{total}"
    group_summary_template = "{who:people} {gave:alike} {recipient:people} on {channel:channels}"
    example = sample(
        agent="mary", recipient="sam", vote=1, total=36, channel="#moss", line="thanks for the water, sam++",
        release="f44", total_this_release=3)

    def recipient(self, m: MessageReader) -> str:
        """Who has more or less karma now."""
        return person(m, "recipient")

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        return (self.agent(m), self.recipient(m))

    def link(self, m: MessageReader) -> str:
        return page(BADGES, "user", self.recipient(m))

    def icon(self, m: MessageReader) -> str:
        """The giver's picture: IRC itself has none."""
        agent = self.agent(m)
        return avatar(agent) if agent else super().icon(m)

    def secondary_icon(self, m: MessageReader) -> str:
        recipient = self.recipient(m)
        return avatar(recipient) if recipient else ""

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        vote, total = m.number("vote"), m.text("total")
        return {
            **super().template_values(m),
            "gave": "took karma from" if vote is not None and vote < 0 else "gave karma to",
            "recipient": self.recipient(m) or "somebody",
            "channel": m.text("channel") or "IRC",
            "total": f" ({total} in all)" if total else "",
        }

    def long(self, m: MessageReader) -> str:
        return m.text("line")


APPLICATION = Application(
    category="irc",
    title="Karma",
    help="Thanks that people say to each other on IRC.",
    other=Irc,
    events=(Karma,),
)

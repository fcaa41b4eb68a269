"""Maubot, Fedora's bot in chat rooms: cookies that people give each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.events import Application, EventType, sample
from fmn.catalog.message_reader import MessageReader
from fmn.text import labelled, pluralize


class Maubot(EventType):
    """Anything from the bot."""

    def agent(self, m: MessageReader) -> str | None:
        return person(m, "sender") or None

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        return (self.agent(m), person(m, "recipient"))


class CookieGive(Maubot):
    """Somebody gave somebody else a cookie."""

    topics = ("maubot.cookie.give.*",)
    rule = "maubot_cookie_give"
    title = "Cookie"
    summary_template = "{who} gave {recipient} a cookie"
    group_summary_template = "{who:people} gave {recipient:people} cookies"
    example = sample(
        sender="mary", recipient="sam", fedora_release="44", total=3, count_by_release={"43": 1, "44": 2})
    example_topic = "maubot.cookie.give.v1"

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "recipient": person(m, "recipient") or "somebody"}

    def long(self, m: MessageReader) -> str:
        total = m.number("total")
        return labelled(
            Fedora_release=m.text("fedora_release"),
            In_total=pluralize(total, "cookie") if total is not None else "")


APPLICATION = Application(
    category="maubot",
    title="Maubot",
    help="The bot in chat rooms: cookies that people give each other.",
    icon="https://apps.fedoraproject.org/img/icons/maubot-fedora.png",
    other=Maubot,
    events=(CookieGive,),
)

"""Datanommer, which keeps every message of the bus."""

from __future__ import annotations

from fmn.catalog.events import Application, EventType, sample
from fmn.catalog.message_reader import MessageReader
from fmn.text import labelled


class Duplicate(EventType):
    """A message came that has the id of an earlier one."""

    topics = ("datanommer.wat",)
    title = "Duplicate message"
    summary_template = "A message came to datanommer with the id of an earlier one"
    example = sample(uuid="2026-0b5e6547-9e4b-4915-94d8-d3084bf378ff")
    retired = True

    def link(self, m: MessageReader) -> str:
        return "https://www.destroyallsoftware.com/talks/wat"

    def secondary_icon(self, m: MessageReader) -> str:
        return "https://i.imgur.com/58oJkOr.gif"

    def long(self, m: MessageReader) -> str:
        return labelled(Message=m.text("uuid"))


APPLICATION = Application(
    category="datanommer",
    title="Datanommer",
    help="The history of the bus, where it noticed something odd.",
    icon="https://i.imgur.com/4g9NZu1.png",
    events=(Duplicate,),
)

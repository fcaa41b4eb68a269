"""Messages that somebody sent by hand, with ``fedmsg-logger``."""

from __future__ import annotations

from fmn.catalog.events import Application, EventType, sample
from fmn.catalog.message_reader import MessageReader
from fmn.text import quoted


class Log(EventType):
    """Somebody sent a line of text."""

    topics = ("logger.log",)
    rule = "logger_log"
    title = "Log line"
    example = sample(log="The greenhouse is open again")

    def summary(self, m: MessageReader) -> str:
        line = quoted(m.text("log"))
        return f"The log says {line}" if line else "The log says nothing"

    def long(self, m: MessageReader) -> str:
        return m.text("log")


class Other(EventType):
    """Anything that was sent by hand."""


APPLICATION = Application(
    category="logger",
    title="Log",
    help="Lines of text that people send by hand.",
    other=Other,
    events=(Log,),
)

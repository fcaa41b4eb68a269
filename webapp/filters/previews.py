"""What a filter would have let through, in words: messages, how many a day, and why one of them matches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.catalog import Facts, Message
from fmn.filters.expressions import Expression
from fmn.ledger.messages import with_id
from fmn.ledger.models import StoredMessage
from fmn.matching.deadlines import NobodyWaits, Patience
from fmn.matching.match_context import Knowledge
from fmn.matching.preview import Day, Preview, Window, preview
from fmn.matching.verdicts import Judge
from fmn.text import counted
from webapp.filters.explanations import Reasons, Telling, reasons_in, tell
from webapp.humanize import per_day, until, weekday_of, when

#: Messages that a preview shows, and that are offered to be tried.
SHOWN: Final = 10
OFFERED: Final = 20
#: Characters of the longest id of a message.
LONGEST_ID: Final = 200


@dataclass(frozen=True)
class Told:
    """A message in a list. ``when`` is its time in the reader's zone."""

    msg_id: str
    telling: Telling
    when: str


@dataclass(frozen=True)
class Panel:
    """A preview in words. ``cut`` says since when it's complete, if that isn't all the time one asks for."""

    words: str
    cut: str
    days: Sequence[Day]
    newest: Sequence[Told]


@dataclass(frozen=True)
class Tried:
    """Whether a filter lets a message through, and why. ``told`` is ``None`` if no such message is kept."""

    told: Told | None
    reasons: Reasons | None = None


class Previewer:
    """Looks at the ledger as one person, whose clocks show the time of ``zone``.

    It looks for so many ``seconds`` at most, and no longer than somebody waits.
    """

    def __init__(
        self, session: Session, knowledge: Knowledge, nick: str, now: datetime, zone: tzinfo,
        seconds: float, nobody_waits: NobodyWaits,
    ) -> None:
        self._session = session
        self._seconds = seconds
        self._nobody_waits = nobody_waits
        self._knowledge = knowledge
        self._nick = nick
        self._window = Window(now, zone=zone)

    def panel(self, expression: Expression) -> Panel:
        """The preview. Raises :class:`~fmn.filters.rule_types.RuleError` for what can't be asked.

        Raises :class:`~fmn.matching.deadlines.NobodyWaitsError`, too.
        """
        found = preview(
            self._session, expression, self._nick, self._knowledge, self._window, shown=SHOWN,
            seconds=self._seconds, patience=Patience(self._nobody_waits))
        return Panel(
            self._words(found), "" if found.complete else self._cut(found), found.days,
            list(map(self._told, found.newest)))

    def tried(self, expression: Expression, msg_id: str) -> Tried:
        """The verdict about one message. Raises :class:`~fmn.matching.deadlines.NobodyWaitsError`."""
        message = self._message(msg_id)
        if message is None:
            return Tried(None)
        patience = Patience(self._nobody_waits)
        patience.end_in(self._seconds)
        judge = Judge(
            self._read(message), self._knowledge.directory, self._knowledge.rule_types, self._nick,
            meter=patience)
        return Tried(self._told(message), reasons_in(judge.verdict(expression), expression))

    def facts(self, msg_id: str) -> Facts | None:
        """What is known of the message of this id, if it's kept."""
        message = self._message(msg_id)
        return self._read(message) if message else None

    def _read(self, message: Message) -> Facts:
        return self._knowledge.catalog.facts(message, self._knowledge.directory.account)

    def _message(self, msg_id: str) -> Message | None:
        if not msg_id.isprintable() or len(msg_id) > LONGEST_ID:
            return None
        found = with_id(self._session, msg_id)
        return found[0].message if found else None

    def latest(self) -> Sequence[Told]:
        """The latest messages, whatever they're about."""
        rows = self._session.scalars(
            select(StoredMessage)
            .order_by(StoredMessage.received_at.desc(), StoredMessage.id.desc()).limit(OFFERED))
        return [self._told(row.message) for row in rows]

    def _told(self, message: Message) -> Told:
        telling = tell(message, self._knowledge.catalog, self._knowledge.directory)
        return Told(message.msg_id, telling, when(message.sent_at, self._window.now, self._window.zone))

    def _words(self, found: Preview) -> str:
        time = self._time(found)
        if not found.total:
            return f"Nothing {time} would have got through."
        messages = counted(found.total, "message")
        peak = max(found.days, key=lambda day: day.messages)
        if found.total == 1 or len(found.days) == 1:
            return f"{messages} {time} would have got through."
        return (f"{messages} {time} would have got through: {per_day(found.average)}, "
                f"{peak.messages} on the busiest day, {weekday_of(peak.date)}.")

    def _time(self, found: Preview) -> str:
        if found.since <= self._window.begins:
            return f"in the last {self._window.days} days"
        return f"since {self._since(found)}"

    def _cut(self, found: Preview) -> str:
        return (f"There was too much to look through at once, so this goes back to "
                f"{self._since(found)} only.")

    def _since(self, found: Preview) -> str:
        return until(found.since, self._window.now, self._window.zone)

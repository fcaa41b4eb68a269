"""Previews: the stored messages that a filter would have matched, and the verdict about one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.catalog import Facts, Message, Severity
from fmn.filters.expressions import Expression
from fmn.ledger.messages import messages_with_id
from fmn.ledger.models import StoredMessage
from fmn.localized import number_text
from fmn.matching.deadlines import Deadline, IsAbandoned
from fmn.matching.match_context import MatchContext
from fmn.matching.preview import DayRange, Preview, SeverityDayCount, preview
from fmn.matching.verdicts import ExpressionEvaluator
from fmn.translations import gettext, ngettext
from webapp.filters.explanations import DescribedMessage, VerdictSummary, describe_message, summarize_verdict
from webapp.humanize import messages_per_day, natural_time, natural_time_without_on, weekday_and_date

#: Messages that a preview shows, and that are offered to be tried.
SHOWN: Final = 10
OFFERED: Final = 20
#: Characters of the longest id of a message.
LONGEST_ID: Final = 200


@dataclass(frozen=True)
class PreviewedMessage:
    """A message in a list. ``when`` is its time in the reader's zone."""

    msg_id: str
    described: DescribedMessage
    when: str


@dataclass(frozen=True)
class PreviewPanel:
    """Rendered preview. ``truncated`` says from when on it is complete, if the search ended early.

    ``severities`` are how many messages there are of each severity that there are any of, the worst first.
    """

    words: str
    truncated: str
    days: Sequence[SeverityDayCount]
    severities: Sequence[tuple[Severity, int]]
    newest: Sequence[PreviewedMessage]


@dataclass(frozen=True)
class MessageTest:
    """Test of a filter with one message. ``previewed`` is ``None`` if no such message is stored."""

    previewed: PreviewedMessage | None
    reasons: VerdictSummary | None = None


class Previewer:
    """Searches stored messages for one person in the time zone ``zone``, for ``seconds`` at most.

    It stops when the client is gone.
    """

    def __init__(
        self, session: Session, match_context: MatchContext, nick: str, now: datetime, zone: tzinfo,
        seconds: float, is_abandoned: IsAbandoned,
    ) -> None:
        self._session = session
        self._seconds = seconds
        self._is_abandoned = is_abandoned
        self._knowledge = match_context
        self._nick = nick
        self._window = DayRange(now, zone=zone)

    def panel(self, expression: Expression) -> PreviewPanel:
        """The preview of an expression.

        Raises :class:`~fmn.filters.rule_types.RuleError` for an unusable rule, and
        :class:`~fmn.matching.deadlines.RequestAbandonedError` if the client is gone.
        """
        found = preview(
            self._session, expression, self._nick, self._knowledge, self._window, shown=SHOWN,
            seconds=self._seconds, deadline=Deadline(self._is_abandoned))
        return PreviewPanel(
            self._words(found), "" if found.complete else self._truncated(found), found.days,
            [(level, number) for level, number in reversed(list(found.by_severity.items())) if number],
            list(map(self._previewed_message, found.newest)))

    def test_message(self, expression: Expression, msg_id: str) -> MessageTest:
        """The verdict about one message. Raises :class:`~fmn.matching.deadlines.RequestAbandonedError`."""
        message = self._message(msg_id)
        if message is None:
            return MessageTest(None)
        deadline = Deadline(self._is_abandoned)
        deadline.end_in(self._seconds)
        judge = ExpressionEvaluator(
            self._read(message), self._knowledge.directory, self._knowledge.rule_types, self._nick,
            meter=deadline)
        return MessageTest(
            self._previewed_message(message), summarize_verdict(judge.verdict(expression), expression))

    def facts(self, msg_id: str) -> Facts | None:
        """The facts of a message, ``None`` if it isn't stored."""
        message = self._message(msg_id)
        return self._read(message) if message else None

    def _read(self, message: Message) -> Facts:
        return self._knowledge.catalog.facts(message, self._knowledge.directory.account)

    def _message(self, msg_id: str) -> Message | None:
        if not msg_id.isprintable() or len(msg_id) > LONGEST_ID:
            return None
        found = messages_with_id(self._session, msg_id)
        return found[0].message if found else None

    def latest(self) -> Sequence[PreviewedMessage]:
        """The latest messages of any kind."""
        rows = self._session.scalars(
            select(StoredMessage)
            .order_by(StoredMessage.received_at.desc(), StoredMessage.id.desc()).limit(OFFERED))
        return [self._previewed_message(row.message) for row in rows]

    def _previewed_message(self, message: Message) -> PreviewedMessage:
        described = describe_message(message, self._knowledge.catalog, self._knowledge.directory)
        return PreviewedMessage(
            message.msg_id, described, natural_time(message.sent_at, self._window.now, self._window.zone))

    def _words(self, found: Preview) -> str:
        period = self._period(found)
        if not found.total:
            return gettext("No messages would have matched {period}.").format(period=period)
        number = number_text(found.total)
        if found.total == 1 or len(found.days) == 1:
            return ngettext(
                "{number} message would have matched {period}.",
                "{number} messages would have matched {period}.", found.total,
            ).format(number=number, period=period)
        peak = max(found.days, key=lambda day: day.messages)
        return ngettext(
            "{number} message would have matched {period}: {rate}, {history}, at most {most} on one day "
            "({date}).",
            "{number} messages would have matched {period}: {rate}, {history}, at most {most} on one day "
            "({date}).", found.total,
        ).format(
            number=number, period=period, rate=messages_per_day(found.average),
            history=_history_length(found.history_days), most=number_text(peak.messages),
            date=weekday_and_date(peak.date))

    def _period(self, found: Preview) -> str:
        if found.since <= self._window.begins:
            return gettext("in the last {days} days").format(days=self._window.days)
        return gettext("since {when}").format(when=self._since(found))

    def _truncated(self, found: Preview) -> str:
        return gettext(
            "The preview stopped early because there is too much to search. It covers messages since {when}.",
        ).format(when=self._since(found))

    def _since(self, found: Preview) -> str:
        return natural_time_without_on(found.since, self._window.now, self._window.zone)


def _history_length(days: float) -> str:
    """How many messages the average is made of, by their time."""
    if days >= 1:
        number = round(days)
        words = ngettext("from {number} day of messages", "from {number} days of messages", number)
    else:
        number = max(1, round(days * 24))
        words = ngettext("from {number} hour of messages", "from {number} hours of messages", number)
    return words.format(number=number_text(number))

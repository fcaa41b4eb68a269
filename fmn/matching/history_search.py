"""Search in the ledger's history for messages that a filter matches.

SQL narrows them down, then each is evaluated by its stored facts. Bodies are read only if the filter has
rules about them, and only of messages that are still undecided.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Select, Text, func, null, select, type_coerce
from sqlalchemy.orm import Session

from fmn.filters.conditions import MessagePart
from fmn.ledger.models import StoredMessage
from fmn.matching.compiler import Clause, EvaluationTimeoutError
from fmn.matching.deadlines import Deadline
from fmn.matching.match_context import MatchContext
from fmn.matching.search_texts import search_texts
from fmn.matching.sql_prefilter import BODY, GROUPS, PACKAGES, USERNAMES, SqlPrefilter
from fmn.matching.stored_evaluation import Answer, Remainder, StoredEvaluation

Result = TypeVar("Result")

#: The columns of a row that are facts, see :class:`~fmn.matching.stored_facts.StoredFacts`.
FACTS: Final = slice(2, 9)
#: Rows fetched at once.
ROWS_AT_ONCE: Final = 2_000
#: Rows whose bodies are read together: so many at first, and twice as many each time that judging them took
#: less than so many seconds. Some filters take a thousand times as long for a message as others.
FIRST_ROWS: Final = 25
#: Bodies that are kept in memory at once.
BODIES_AT_ONCE: Final = 200
QUICK: Final = 0.02
#: The database can't be stopped when the time is up. So history is searched in windows, the latest first: at
#: first of about so many messages, then up to so many times as long, to take half of the time that is left.
FIRST_MESSAGES: Final = 20_000
MAX_GROWTH: Final = 4.0


class HistorySearch:
    """Search in the messages from ``since`` to ``now``.

    It stops after so many ``seconds``; then ``since`` says how far back it got, and ``complete`` whether that
    was all the way. It also stops when the ``deadline`` says that the client has gone.
    """

    def __init__(
        self, session: Session, clause: Clause, nick: str, match_context: MatchContext, since: datetime,
        now: datetime, *, seconds: float, deadline: Deadline,
    ) -> None:
        self.since = since
        self.complete = True
        self._now = now
        self._seconds = seconds
        self._deadline = deadline
        self._session = session
        self._clause = clause
        self._evaluation = StoredEvaluation(clause, nick, match_context, deadline)
        self._prefilter = SqlPrefilter(match_context.catalog, match_context.directory, nick)

    def matching(self) -> Iterator[Sequence[Any]]:
        """Matching messages, latest first, in pages of rows with ``id``, ``received_at`` and ``event``.

        Raises :class:`~fmn.matching.deadlines.RequestAbandonedError`.
        """
        if self._clause.never:
            return
        if self._deadline.ends_at == math.inf:
            self._deadline.end_in(self._seconds)
        condition = self._prefilter.condition(self._clause)
        for begin, end in self._windows():
            before = () if end is None else (StoredMessage.received_at < end,)
            candidates = self._candidates(StoredMessage.received_at >= begin, *before, condition)
            yield from self._matching_of(candidates)
            if not self.complete:
                return

    def _windows(self) -> Iterator[tuple[datetime, datetime | None]]:
        """Begin and end of windows, the latest first, until time is up.

        The first has no end: messages may have come since ``now``.
        """
        length = self._first_length()
        begin = max(self.since, self._now - length)
        given_at = perf_counter()
        yield begin, None
        while begin > self.since:
            if self._is_late():
                self.since, self.complete = begin, False
                return
            length *= self._growth(perf_counter() - given_at)
            given_at = perf_counter()
            end, begin = begin, max(self.since, begin - length)
            yield begin, end

    def _first_length(self) -> timedelta:
        first, last = self._session.execute(
            select(func.min(StoredMessage.id), func.max(StoredMessage.id))).one()
        return (self._now - self.since) * min(1.0, FIRST_MESSAGES / (last - first + 1 if first else 1))

    def _growth(self, took: float) -> float:
        """How much longer the next window is than one that took so many seconds."""
        left = self._deadline.ends_at - perf_counter()
        return min(max(left / 2 / max(took, 0.001), 1 / MAX_GROWTH), MAX_GROWTH)

    def _is_late(self) -> bool:
        try:
            self._deadline.check()
        except EvaluationTimeoutError:
            return True
        return False

    def _matching_of(self, candidates: Select[*tuple[Any, ...]]) -> Iterator[Sequence[Any]]:
        most = BODIES_AT_ONCE if MessagePart.BODY in self._evaluation.parts else ROWS_AT_ONCE
        rows = self._session.execute(candidates, execution_options={"yield_per": most})
        for few in _in_pace(rows.partitions(), most):
            yield self._matching_rows(few)
            if not self.complete:
                return

    def _matching_rows(self, rows: Sequence[Any]) -> Sequence[Any]:
        # Results are fewer than rows if time is up.
        judged = list(zip(rows, self._in_time(rows, self._remainders(rows)), strict=False))
        answers = self._in_time(rows, self._answers(judged))
        return [row for row, holds in zip(rows, answers, strict=False) if holds]

    def _remainders(self, rows: Sequence[Any]) -> Iterator[Remainder]:
        """What the facts of messages leave over."""
        self._deadline.check()
        remainder = self._evaluation.remainder
        yield from (remainder(row[FACTS]) for row in rows)

    def _answers(self, judged: Sequence[tuple[Any, Remainder]]) -> Iterator[bool]:
        """Whether the clause holds for messages of which the facts leave something over."""
        evaluation = self._evaluation
        texts = iter(search_texts([row.body for row, left in judged if left.answer is Answer.SEARCH]))
        stored = self._read([row.id for row, left in judged if left.answer is Answer.READ])
        for row, (answer, clause) in judged:
            match answer:
                case Answer.SEARCH:
                    found = evaluation.found_in(clause, next(texts))
                    yield evaluation.holds(clause, row.msg_id, row.body) if found is None else found
                case Answer.DECODE:
                    yield evaluation.holds(clause, row.msg_id, row.body)
                case Answer.READ:  # it may have been deleted meanwhile
                    yield row.id in stored and evaluation.holds_for(clause, row[FACTS], stored[row.id])
                case _:
                    yield answer is Answer.YES

    def _in_time(self, rows: Sequence[Any], results: Iterable[Result]) -> Sequence[Result]:
        """Results for rows, latest first, until time is up."""
        found: list[Result] = []
        try:
            for result in results:
                found.append(result)  # noqa: PERF402 - those so far count
        except EvaluationTimeoutError:
            self.since, self.complete = rows[len(found)].received_at, False
        return found

    def _candidates(self, *conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
        people, packages, groups, topic = (part in self._evaluation.parts for part in (
            MessagePart.PEOPLE, MessagePart.PACKAGES, MessagePart.GROUPS, MessagePart.TOPIC))
        bodies = self._evaluation.reads_bodies
        return select(
            StoredMessage.id, StoredMessage.received_at, StoredMessage.category, StoredMessage.event,
            StoredMessage.agent if people else null(), USERNAMES if people else null(),
            PACKAGES if packages else null(), GROUPS if groups else null(),
            StoredMessage.topic if topic else null(),
            (StoredMessage.msg_id if bodies else null()).label("msg_id"),
            (BODY if bodies else null()).label("body"),
        ).where(*conditions).order_by(StoredMessage.received_at.desc(), StoredMessage.id.desc())

    def _read(self, ids: Sequence[int]) -> Mapping[int, Any]:
        """Messages' bodies as text, and the other fields that facts lack, by id."""
        if not ids:
            return {}
        found = self._session.execute(
            select(StoredMessage.id, StoredMessage.msg_id, StoredMessage.topic, StoredMessage.sent_at,
                   BODY.label("body"),
                   type_coerce(StoredMessage.headers, Text).label("headers"))
            .where(StoredMessage.id.in_(ids)))
        return {row.id: row for row in found}


def _in_pace(parts: Iterable[Sequence[Any]], most: int) -> Iterator[Sequence[Any]]:
    """Rows in pages of up to ``most``, sized by how quickly the caller takes them."""
    many = FIRST_ROWS
    for part in parts:
        begin = 0
        while begin < len(part):
            given_at = perf_counter()
            yield part[begin:begin + many]
            begin += many
            if perf_counter() - given_at < QUICK:
                many = min(2 * many, most)

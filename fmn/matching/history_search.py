"""Search in the ledger's history for messages that a filter matches.

SQL narrows them down, then each is evaluated by its stored facts. Bodies are read only if the filter has
rules about them, and only of messages that are still undecided.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import Enum
from time import perf_counter
from typing import Any, Final, TypeVar

from sqlalchemy import Select, Text, null, select, type_coerce
from sqlalchemy.orm import Session

from fmn.catalog import EventType, Facts, Message
from fmn.filters.conditions import (
    ACTED,
    IN_GROUP,
    NAMED,
    NOT_BY_PACKAGE,
    OWNER_KINDS,
    CheckedMessage,
    KeyKind,
    MessagePart,
    Relations,
    group_members,
    keys_of,
    member_keys,
    owner_keys,
    owners_of,
    relations_of,
)
from fmn.ledger.models import StoredMessage
from fmn.matching.compiler import Clause, EvaluationTimeoutError, MessageEvaluation, members_asked_for
from fmn.matching.deadlines import Deadline
from fmn.matching.match_context import MatchContext
from fmn.matching.sql_prefilter import GROUPS, PACKAGES, USERNAMES, SqlPrefilter
from fmn.matching.stored_facts import StoredFacts, stored_event_type

Result = TypeVar("Result")

#: Rows fetched at once.
ROWS_AT_ONCE: Final = 2_000
#: Rows whose bodies are read together: so many at first, and twice as many each time that judging them took
#: less than so many seconds. Some filters take a thousand times as long for a message as others.
FIRST_ROWS: Final = 25
#: Bodies that are kept in memory at once.
BODIES_AT_ONCE: Final = 200
QUICK: Final = 0.02
#: Seconds that there are for judging at least, however long it took the database to find something to judge.
#: What it had to search for so long is little.
LEAST: Final = 0.2

#: What keys are made of, where it's neither a message's event type nor its category.
_PART_OF: Final = {
    KeyKind.USER: MessagePart.PEOPLE, KeyKind.ACTOR: MessagePart.PEOPLE, KeyKind.GROUP: MessagePart.PEOPLE,
    KeyKind.ABOUT_GROUP: MessagePart.GROUPS, KeyKind.MEMBER: MessagePart.GROUPS,
    KeyKind.PACKAGE: MessagePart.PACKAGES, **dict.fromkeys(OWNER_KINDS, MessagePart.PACKAGES),
}


class _Answer(Enum):
    """What the stored facts of a message decide."""

    NO = "no"
    YES = "yes"
    #: Its body has to be read.
    READ = "read"


class HistorySearch:
    """Search in the messages since some time.

    It stops after so many ``seconds``; then ``since`` says how far back it got, and ``complete`` whether that
    was all the way. It also stops when the ``deadline`` says that the client has gone.
    """

    def __init__(
        self, session: Session, clause: Clause, nick: str, match_context: MatchContext, since: datetime, *,
        seconds: float, deadline: Deadline,
    ) -> None:
        self.since = since
        self._seconds = seconds
        self._deadline = deadline
        self.complete = True
        self._session = session
        self._clause = clause
        self._nick = nick
        self._catalog = match_context.catalog
        self._directory = match_context.directory
        self._parts = frozenset(_parts(clause))
        self._without_bodies = _without_bodies(clause)
        self._members = members_asked_for(clause)
        self._asks_for_owners = not frozenset(_kinds(clause)).isdisjoint(OWNER_KINDS)
        self._answers: dict[Sequence[str | None], _Answer] = {}
        self._events: dict[str | None, EventType | None] = {}
        self._bodiless: dict[str, Message] = {}

    def matching(self) -> Iterator[tuple[int, datetime]]:
        """Ids and times of matching messages, latest first.

        Raises :class:`~fmn.matching.deadlines.RequestAbandonedError`.
        """
        if self._clause.never:
            return
        begun_at = perf_counter()
        most = BODIES_AT_ONCE if MessagePart.BODY in self._parts else ROWS_AT_ONCE
        rows = self._session.execute(self._candidates(), execution_options={"yield_per": ROWS_AT_ONCE})
        for few in _in_pace(rows.partitions(), most):
            if self._deadline.ends_at == math.inf:
                left = begun_at + self._seconds - perf_counter()
                self._deadline.end_in(max(left, min(LEAST, self._seconds)))
            yield from self._let_through(few)
            if not self.complete:
                return

    def _let_through(self, rows: Sequence[Any]) -> Iterator[tuple[int, datetime]]:
        answers = dict(self._in_time(rows, lambda row: self._answer(row[2:])))
        bodies = self._read([row for row, answer in answers.items() if answer is _Answer.READ])
        for row, holds in self._in_time(answers, lambda row: self._holds_in_all(row, answers[row], bodies)):
            if holds:
                yield row.id, row.received_at

    def _in_time(
        self, rows: Iterable[Any], ask: Callable[[Any], Result],
    ) -> Iterator[tuple[Any, Result]]:
        """Rows with their answers, latest first, until time is up."""
        for row in rows:
            try:
                self._deadline.check()
                answer = ask(row)
            except EvaluationTimeoutError:
                self.since, self.complete = row.received_at, False
                return
            yield row, answer

    def _holds_in_all(self, row: Any, answer: _Answer, bodies: Mapping[int, Any]) -> bool:
        """Whether a message matches, by its body if its stored facts leave that open."""
        if answer is not _Answer.READ:
            return answer is _Answer.YES
        if (stored := bodies.get(row.id)) is None:  # deleted meanwhile
            return False
        message = Message(
            stored.msg_id, stored.topic, stored.sent_at, json.loads(stored.body),
            headers=json.loads(stored.headers))
        return self._holds(self._clause, self._facts(message, StoredFacts(*row[2:])))

    def _candidates(self) -> Select[*tuple[Any, ...]]:
        people, packages, groups, topic = (part in self._parts for part in (
            MessagePart.PEOPLE, MessagePart.PACKAGES, MessagePart.GROUPS, MessagePart.TOPIC))
        return select(
            StoredMessage.id, StoredMessage.received_at, StoredMessage.category, StoredMessage.event,
            StoredMessage.agent if people else null(), USERNAMES if people else null(),
            PACKAGES if packages else null(), GROUPS if groups else null(),
            StoredMessage.topic if topic else null(),
        ).where(
            StoredMessage.received_at >= self.since,
            SqlPrefilter(self._catalog, self._directory, self._nick).condition(self._clause),
        ).order_by(StoredMessage.received_at.desc(), StoredMessage.id.desc())

    def _answer(self, notes: Sequence[str | None]) -> _Answer:
        answer = self._answers.get(notes)
        if answer is None:
            answer = self._answers[notes] = self._find_answer(StoredFacts._make(notes))
        return answer

    def _find_answer(self, noted: StoredFacts) -> _Answer:
        event = self._event(noted)
        if event is None:
            return _Answer.READ
        if not self._holds(self._without_bodies, noted.facts(self._message(noted), event)):
            return _Answer.NO
        return _Answer.READ if MessagePart.BODY in self._parts else _Answer.YES

    def _event(self, noted: StoredFacts) -> EventType | None:
        if noted.event not in self._events:
            self._events[noted.event] = stored_event_type(self._catalog, noted.event)
        return self._events[noted.event]

    def _message(self, noted: StoredFacts) -> Message:
        """A message without its body; all of one application share it."""
        topic = noted.topic or f"...{noted.category}"
        if topic not in self._bodiless:
            self._bodiless[topic] = Message("", topic, datetime.min.replace(tzinfo=UTC), None)
        return self._bodiless[topic]

    def _read(self, rows: Sequence[Any]) -> Mapping[int, Any]:
        """Messages' bodies as text, and the other fields that facts lack, by id."""
        if not rows:
            return {}
        found = self._session.execute(
            select(StoredMessage.id, StoredMessage.msg_id, StoredMessage.topic, StoredMessage.sent_at,
                   type_coerce(StoredMessage.body, Text).label("body"),
                   type_coerce(StoredMessage.headers, Text).label("headers"))
            .where(StoredMessage.id.in_([row.id for row in rows])))
        return {row.id: row for row in found}

    def _facts(self, message: Message, noted: StoredFacts) -> Facts:
        event = self._event(noted)
        if event is None:
            return self._catalog.facts(message, self._directory.account)
        return noted.facts(message, event)

    def _holds(self, clause: Clause, facts: Facts) -> bool:
        owners = owners_of(facts, self._directory)
        keys = keys_of(facts, self._directory)
        if self._asks_for_owners:
            keys |= owner_keys(owners)
        keys |= member_keys(facts, self._directory, self._members)
        view = MessageEvaluation(CheckedMessage(facts), keys, self._deadline)
        members = group_members(facts, self._directory, {self._nick})
        return clause.holds(view, relations_of(facts, owners, members).get(self._nick, 0))


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


def _without_bodies(clause: Clause) -> Clause:
    """A clause that holds whenever the given one can, whatever the bodies hold."""
    return replace(
        clause, checks=tuple(pair for pair in clause.checks if MessagePart.BODY not in pair[0].reads),
        alternatives=tuple(tuple(map(_without_bodies, either)) for either in clause.alternatives))


def _parts(clause: Clause) -> Iterator[MessagePart]:
    """The parts of a message that a clause depends on."""
    for check, _ in clause.checks:
        yield from check.reads
    yield from (_PART_OF[kind] for kind in _kinds(clause) if kind in _PART_OF)
    for either in clause.alternatives:
        for part in either:
            yield from _parts(part)


def _kinds(clause: Clause) -> Iterator[KeyKind]:
    """The kinds of keys that a clause depends on, as keys or as relations."""
    for keys, ties in (
        (clause.forbidden_keys, clause.forbidden_ties), *((has.keys, has.ties) for has in clause.required),
    ):
        yield from (kind for kind, _ in keys)
        yield from _kinds_of_ties(ties)
    for either in clause.alternatives:
        for part in either:
            yield from _kinds(part)


def _kinds_of_ties(ties: Relations) -> Iterator[KeyKind]:
    if ties & NAMED:
        yield KeyKind.USER
    if ties & ACTED:
        yield KeyKind.ACTOR
    if ties & IN_GROUP:
        yield KeyKind.MEMBER
    if ties & ~NOT_BY_PACKAGE:
        yield from OWNER_KINDS

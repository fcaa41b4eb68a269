"""Evaluation of a clause for stored messages: by their stored facts, and by their bodies where those decide.

Most messages of a history have to be evaluated within a second, so only what the clause depends on is
computed, and a body that's only searched is not decoded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import Enum
from functools import partial
from typing import Any, Final

from fmn.catalog import EventType, Facts, Message
from fmn.filters.conditions import (
    OWNER_KINDS,
    CheckCondition,
    CheckedMessage,
    Key,
    MessagePart,
    PackageOwners,
    group_members,
    keys_of,
    member_keys,
    owner_keys,
    owners_of,
    relations_to,
)
from fmn.filters.generic_rules import TEXT_RULE
from fmn.filters.regexes import TooLongToSearchError
from fmn.matching.clause_parts import body_clause, kinds_of_keys, parts_of, without_bodies
from fmn.matching.compiler import Clause, MessageEvaluation, Meter, members_asked_for
from fmn.matching.match_context import MatchContext
from fmn.matching.stored_facts import StoredFacts, stored_event_type

_NO_KEYS: Final[frozenset[Key]] = frozenset()
_NO_OWNERS: Final = PackageOwners()
_NO_MESSAGE: Final = Message("", "", datetime.min.replace(tzinfo=UTC), None)


class Answer(Enum):
    """What the stored facts of a message decide."""

    NO = "no"
    YES = "yes"
    #: Its body has to be read.
    READ = "read"


class StoredEvaluation:
    """Evaluation of a clause for one user. Rows of facts are those of :class:`StoredFacts`."""

    def __init__(self, clause: Clause, nick: str, match_context: MatchContext, meter: Meter) -> None:
        self.parts = parts_of(clause)
        self._catalog = match_context.catalog
        self._directory = match_context.directory
        self._whole, self._by_facts, self._by_body = (
            _ClauseEvaluation(each, nick, match_context, meter)
            for each in (clause, without_bodies(clause), body_clause(clause)))
        self._answers: dict[Sequence[str | None], Answer] = {}
        self._events: dict[str | None, EventType | None] = {}
        self._bodiless: dict[str, Message] = {}
        self._bare: dict[str, Facts] = {}

    def answer(self, facts: Sequence[str | None]) -> Answer:
        """What the facts decide; equal ones are asked once."""
        answer = self._answers.get(facts)
        if answer is None:
            answer = self._answers[facts] = self._find_answer(StoredFacts._make(facts))
        return answer

    @property
    def only_searches(self) -> bool:
        """Whether bodies are only searched, see :meth:`found_in`."""
        return self._by_body.only_searches

    def found_in(self, event: str | None, text: bytes) -> bool | None:
        """Whether the clause holds for a message with this text, where the facts left that open.

        ``None`` if it takes :meth:`holds` to tell.
        """
        known = self._event(event)
        if known is None:
            return None
        return self._by_body.found_in(CheckedMessage(self._nothing_but(known), text))

    def holds(self, facts: Sequence[str | None], stored: Any) -> bool:
        """Whether the clause holds for a message whose body was read, where the facts left that open."""
        noted = StoredFacts._make(facts)
        message = Message(
            stored.msg_id, stored.topic, stored.sent_at, json.loads(stored.body),
            headers=json.loads(stored.headers))
        if (event := self._event(noted.event)) is None:
            return self._whole.holds(self._catalog.facts(message, self._directory.account))
        return self._by_body.holds(noted.facts(message, event))

    def _find_answer(self, noted: StoredFacts) -> Answer:
        event = self._event(noted.event)
        if event is None:
            return Answer.READ
        if not self._by_facts.holds(noted.facts(self._message(noted), event)):
            return Answer.NO
        return Answer.READ if MessagePart.BODY in self.parts else Answer.YES

    def _event(self, name: str | None) -> EventType | None:
        if name not in self._events:
            self._events[name] = stored_event_type(self._catalog, name)
        return self._events[name]

    def _message(self, noted: StoredFacts) -> Message:
        """A message without its body; all of one application share it."""
        topic = noted.topic or f"...{noted.category}"
        if topic not in self._bodiless:
            self._bodiless[topic] = replace(_NO_MESSAGE, topic=topic)
        return self._bodiless[topic]

    def _nothing_but(self, event: EventType) -> Facts:
        """Facts of no message in particular; all of one event type share them."""
        if event.name not in self._bare:
            self._bare[event.name] = Facts(_NO_MESSAGE, event, None, frozenset(), frozenset())
        return self._bare[event.name]


class _ClauseEvaluation:
    """Evaluation of a clause with only those keys and relations that it depends on."""

    def __init__(self, clause: Clause, nick: str, match_context: MatchContext, meter: Meter) -> None:
        kinds = kinds_of_keys(clause)
        checks = tuple(_checks(clause))
        self.only_searches = not kinds and all(check.rule == TEXT_RULE for check in checks)
        self._clause = clause
        self._nick = nick
        self._directory = match_context.directory
        self._meter = meter
        self._members = members_asked_for(clause)
        self._asks_for_owners = not kinds.isdisjoint(OWNER_KINDS)
        self._asks_for_keys = bool(kinds) or any(check.within for check in checks)

    def found_in(self, subject: CheckedMessage) -> bool | None:
        """Whether the clause holds, if it only searches; ``None`` if the text is too long for a pattern."""
        try:
            return self._is_found(self._clause, subject)
        except TooLongToSearchError:
            return None

    def _is_found(self, clause: Clause, subject: CheckedMessage) -> bool:
        for check, wanted in clause.checks:
            if self._meter.evaluate(check, partial(check.holds, subject)) is not wanted:
                return False
        return all(any(self._is_found(part, subject) for part in either) for either in clause.alternatives)

    def holds(self, facts: Facts) -> bool:
        """Whether the clause holds."""
        subject = CheckedMessage(facts)
        if not self._asks_for_keys:
            return self._clause.holds(MessageEvaluation(subject, _NO_KEYS, self._meter), 0)
        keys = keys_of(facts, self._directory)
        owners = _NO_OWNERS
        if self._asks_for_owners:
            owners = owners_of(facts, self._directory)
            keys |= owner_keys(owners)
        if self._members:
            keys |= member_keys(facts, self._directory, self._members)
        members = group_members(facts, self._directory, {self._nick}) if facts.groups else ()
        return self._clause.holds(
            MessageEvaluation(subject, keys, self._meter), relations_to(self._nick, facts, owners, members))


def _checks(clause: Clause) -> Iterator[CheckCondition]:
    yield from (check for check, _ in clause.checks)
    for either in clause.alternatives:
        for part in either:
            yield from _checks(part)

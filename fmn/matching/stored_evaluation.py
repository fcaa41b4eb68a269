"""Evaluation of a clause for stored messages: by their stored facts, and by their bodies where those decide.

Most messages of a history have to be evaluated within a second, so only what the clause depends on is
computed, and a body that's only searched is not decoded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final, NamedTuple

from fmn.catalog import EventType, Facts, Message
from fmn.catalog.registry import UNKNOWN
from fmn.directory.snapshot import Directory
from fmn.filters.conditions import (
    OWNER_KINDS,
    PERSON_OWNER_KINDS,
    CheckedMessage,
    Key,
    MessagePart,
    PackageOwners,
    Relations,
    group_members,
    keys_of,
    member_keys,
    owner_keys,
    owners_of,
    relations_to,
)
from fmn.filters.generic_rules import TEXT_RULE
from fmn.filters.regexes import TooLongToSearchError
from fmn.infra.json_decoder import decode_json
from fmn.matching.clause_parts import SplitClause, checks_of, kinds_of_keys, parts_of
from fmn.matching.compiler import ALWAYS, NEVER, Clause, MessageEvaluation, members_asked_for
from fmn.matching.deadlines import Deadline
from fmn.matching.match_context import MatchContext
from fmn.matching.stored_facts import StoredFacts, stored_event_type

_NO_KEYS: Final[frozenset[Key]] = frozenset()
_NO_OWNERS: Final = PackageOwners()
_NO_MESSAGE: Final = Message("", "", datetime.min.replace(tzinfo=UTC), None)
_NO_FACTS: Final = Facts(_NO_MESSAGE, UNKNOWN.fallback, None, frozenset(), frozenset())
_ONLY_BODY: Final = frozenset({MessagePart.BODY})


class Answer(Enum):
    """What the stored facts of a message decide."""

    NO = "no"
    YES = "yes"
    #: Its text has to be searched.
    SEARCH = "search"
    #: Its body has to be decoded.
    DECODE = "decode"
    #: The whole message has to be read.
    READ = "read"


class Remainder(NamedTuple):
    """What a message's stored facts decide, and the clause that its body has to decide."""

    answer: Answer
    clause: Clause


_NO: Final = Remainder(Answer.NO, NEVER)
_YES: Final = Remainder(Answer.YES, ALWAYS)


class StoredEvaluation:
    """Evaluation of a clause for one user. Rows of facts are those of :class:`StoredFacts`."""

    def __init__(self, clause: Clause, nick: str, match_context: MatchContext, deadline: Deadline) -> None:
        self.parts = parts_of(clause)
        #: Whether messages' bodies are needed without the rest of them.
        self.reads_bodies = any(check.reads == _ONLY_BODY for check in checks_of(clause))
        self._catalog = match_context.catalog
        self._directory = match_context.directory
        self._split = SplitClause.of(clause)
        self._views = _Views(clause, nick, match_context.directory, deadline)
        self._deadline = deadline
        self._remainders: dict[Sequence[str | None], Remainder] = {}
        self._unknown = Remainder(Answer.READ, clause)
        self._by_clause: dict[Clause, Remainder] = {ALWAYS: _YES}
        self._events: dict[str | None, EventType | None] = {}
        self._bodiless: dict[str, Message] = {}

    def remainder(self, facts: Sequence[str | None]) -> Remainder:
        """What the facts decide; equal ones are asked once."""
        remainder = self._remainders.get(facts)
        if remainder is None:
            remainder = self._remainders[facts] = self._find_remainder(StoredFacts._make(facts))
        return remainder

    def found_in(self, clause: Clause, text: bytes) -> bool | None:
        """Whether a clause holds that is left to search a text for.

        ``None`` if the text is too long for one of its patterns, so that it takes :meth:`holds` to tell.
        """
        try:
            return self._is_found(clause, CheckedMessage(_NO_FACTS, text))
        except TooLongToSearchError:
            return None

    def holds(self, clause: Clause, msg_id: str, body: str) -> bool:
        """Whether a clause holds that is left to decode a body for."""
        self._deadline.check()
        message = Message(msg_id, "", _NO_MESSAGE.sent_at, decode_json(body))
        return self._holds(clause, Facts(message, UNKNOWN.fallback, None, frozenset(), frozenset()))

    def holds_for(self, clause: Clause, facts: Sequence[str | None], stored: Any) -> bool:
        """Whether a clause holds that is left to read a message for."""
        self._deadline.check()
        noted = StoredFacts._make(facts)
        message = Message(
            stored.msg_id, stored.topic, stored.sent_at, decode_json(stored.body),
            headers=decode_json(stored.headers))
        if (event := self._event(noted.event)) is None:
            found = self._catalog.facts(message, self._directory.account)
            return clause.holds(*self._views.view(found))
        return self._holds(clause, noted.facts(message, event))

    def _holds(self, clause: Clause, facts: Facts) -> bool:
        return clause.holds(MessageEvaluation(CheckedMessage(facts), _NO_KEYS, self._deadline), 0)

    def _is_found(self, clause: Clause, subject: CheckedMessage) -> bool:
        for check, wanted in clause.checks:
            self._deadline.check()
            if check.holds(subject) is not wanted:
                return False
        return not clause.alternatives or all(
            any(self._is_found(part, subject) for part in either) for either in clause.alternatives)

    def _find_remainder(self, noted: StoredFacts) -> Remainder:
        event = self._event(noted.event)
        if event is None:
            return self._unknown
        self._deadline.check()
        left = self._split.remainder(*self._views.view(noted.facts(self._message(noted), event)))
        if left is None:
            return _NO
        if left not in self._by_clause:
            self._by_clause[left] = Remainder(_way_to_decide(left), left)
        return self._by_clause[left]

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


class FactsEvaluation:
    """Evaluation of several clauses for one user, by messages' stored facts alone: none may read bodies."""

    def __init__(self, clauses: Sequence[Clause], nick: str, match_context: MatchContext) -> None:
        self._clauses = clauses
        self._catalog = match_context.catalog
        together = Clause(alternatives=(tuple(clauses),))
        self._views = _Views(together, nick, match_context.directory, Deadline())

    def holding(self, facts: StoredFacts) -> Sequence[int]:
        """The indexes of the clauses that hold. None does for an event type that the catalogue hasn't."""
        event = stored_event_type(self._catalog, facts.event)
        if event is None:
            return ()
        message = replace(_NO_MESSAGE, topic=facts.topic or f"...{facts.category}")
        view = self._views.view(facts.facts(message, event))
        return [number for number, clause in enumerate(self._clauses) if clause.holds(*view)]


def _way_to_decide(clause: Clause) -> Answer:
    checks = tuple(checks_of(clause))
    if all(check.rule == TEXT_RULE for check in checks):
        return Answer.SEARCH
    return Answer.DECODE if all(check.reads == _ONLY_BODY for check in checks) else Answer.READ


class _Views:
    """Messages as a clause sees them, with only those keys and relations that it depends on."""

    def __init__(self, clause: Clause, nick: str, directory: Directory, deadline: Deadline) -> None:
        kinds = kinds_of_keys(clause)
        self._nick = nick
        self._directory = directory
        self._deadline = deadline
        self._members = members_asked_for(clause)
        self._owner_kinds = kinds.intersection(OWNER_KINDS)
        # Groups as such are found without their members, of whom there may be thousands.
        self._asks_for_people = not kinds.isdisjoint(PERSON_OWNER_KINDS)
        self._asks_for_keys = bool(kinds) or any(check.within for check in checks_of(clause))

    def view(self, facts: Facts) -> tuple[MessageEvaluation, Relations]:
        """A message with its keys, and the user's relations to it."""
        subject = CheckedMessage(facts)
        if not self._asks_for_keys:
            return MessageEvaluation(subject, _NO_KEYS, self._deadline), 0
        keys = keys_of(facts, self._directory)
        owners = owners_of(facts, self._directory) if self._asks_for_people else _NO_OWNERS
        keys |= owner_keys(facts, owners, self._directory, self._owner_kinds)
        if self._members:
            keys |= member_keys(facts, self._directory, self._members)
        members = group_members(facts, self._directory, {self._nick}) if facts.groups else ()
        return (
            MessageEvaluation(subject, keys, self._deadline),
            relations_to(self._nick, facts, owners, members))

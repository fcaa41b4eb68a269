"""How many recent messages each preset would have let through, for the page of the first visit.

Presets ask for stored facts only, so no body is read, and a few statements answer for all of them together,
however long the history is:

- Those that are the same for everybody are counted by application, event type and topic, once for some
  minutes.
- Personal ones begin with a rule about the person or their packages. The newest messages for which that
  rule may hold are evaluated by all presets that begin with it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

from sqlalchemy import Select, literal, select, union_all
from sqlalchemy.orm import Session

from fmn.directory.snapshot import Directory, Relation
from fmn.filters.expressions import All, AnyOf, Rule
from fmn.filters.presets import BY_ME, Preset, presets
from fmn.infra.cache import Cache
from fmn.ledger.day_range import DayRange
from fmn.ledger.models import StoredMessage
from fmn.ledger.name_indexes import has_name_indexes
from fmn.ledger.recent_messages import HistoryStart, event_counts, history_starts
from fmn.matching.compiler import EvaluationTimeoutError, compile_expression
from fmn.matching.deadlines import Deadline
from fmn.matching.match_context import MatchContext
from fmn.matching.sql_prefilter import GROUPS, PACKAGES, USERNAMES, SqlPrefilter
from fmn.matching.stored_evaluation import FactsEvaluation
from fmn.matching.stored_facts import StoredFacts

#: Messages that are counted for everybody, the newest, and the seconds for which that is good.
MAX_COUNTED: Final = 100_000
CACHED_SECONDS: Final = 600.0
#: Messages that are scanned for somebody where no index helps, the newest, and those that are evaluated for
#: each rule that presets begin with.
MAX_SCANNED: Final = 20_000
MAX_EVALUATED: Final = 400
#: Seconds that evaluating may take.
SECONDS: Final = 0.3

_DAY: Final = timedelta(days=1)
_CACHE_KEY: Final = "preset-counts"


@dataclass(frozen=True)
class MessageCount:
    """A number of messages since some time. If it isn't ``complete``, there may be more of them before."""

    messages: int
    since: datetime
    complete: bool

    def a_day(self, now: datetime) -> float:
        """Messages a day, where less than a day counts as one."""
        return self.messages / max(1.0, (now - self.since) / _DAY)

    def dump(self) -> Sequence[object]:
        """The count as JSON has it."""
        return [self.messages, self.since.isoformat(), self.complete]

    @classmethod
    def load(cls, dumped: Sequence[Any]) -> Self:
        """The count of :meth:`dump`."""
        messages, since, complete = dumped
        return cls(messages, datetime.fromisoformat(since), complete)


def count_presets(
    session: Session, chosen: Sequence[Preset], nick: str, match_context: MatchContext, window: DayRange,
    cache: Cache,
) -> Mapping[str, MessageCount]:
    """What each of the presets would have let through for ``nick``, by its key."""
    personal = [each for each in chosen if each.personal]
    return {
        **_counts_for_everybody(session, match_context, window, cache),
        **_PersonalCount(session, nick, match_context, window).counts(personal)}


def maintains_packages(directory: Directory, nick: str) -> bool:
    """Whether a user maintains any package; if not, presets about packages match nothing."""
    return next(directory.packages_of([nick], Relation.COMMIT), None) is not None


def _counts_for_everybody(
    session: Session, match_context: MatchContext, window: DayRange, cache: Cache,
) -> Mapping[str, MessageCount]:
    shared = [each for each in presets(match_context.rule_types) if not each.personal]
    if (known := cache.get(_CACHE_KEY)) is not None:
        found = {key: MessageCount.load(each) for key, each in json.loads(known).items()}
        if found.keys() >= {each.key for each in shared}:
            return found
    counted = _count_for_everybody(session, shared, match_context, window)
    dumped = json.dumps({key: each.dump() for key, each in counted.items()})
    cache.set(_CACHE_KEY, dumped.encode(), CACHED_SECONDS)
    return counted


def _count_for_everybody(
    session: Session, shared: Sequence[Preset], match_context: MatchContext, window: DayRange,
) -> Mapping[str, MessageCount]:
    _, start = history_starts(session, window.begins, window.now, MAX_COUNTED)
    evaluation = _evaluation(shared, "", match_context)
    counts: Counter[int] = Counter()
    for row in event_counts(session, start.since):
        for number in evaluation.holding(StoredFacts(row.category, row.event, topic=row.topic)):
            counts[number] += row.messages
    return {each.key: MessageCount(counts[number], *start) for number, each in enumerate(shared)}


def _evaluation(some: Iterable[Preset], nick: str, match_context: MatchContext) -> FactsEvaluation:
    clauses = [compile_expression(each.expression, match_context.rule_types) for each in some]
    return FactsEvaluation(clauses, nick, match_context)


class _PersonalCount:
    """Count of what presets about somebody would have let through."""

    def __init__(
        self, session: Session, nick: str, match_context: MatchContext, window: DayRange,
    ) -> None:
        self._session = session
        self._nick = nick
        self._match_context = match_context
        self._window = window
        self._deadline = Deadline()

    def counts(self, some: Sequence[Preset]) -> Mapping[str, MessageCount]:
        """What each preset would have let through, by its key."""
        if not some:
            return {}
        by_rule: dict[Rule, list[Preset]] = {}
        for each in some:
            by_rule.setdefault(each.wanted[0], []).append(each)
        starts = self._starts(by_rule)
        candidates = self._candidates(by_rule, starts)
        self._deadline.end_in(SECONDS)
        return {
            key: count for rule, group in by_rule.items()
            for key, count in self._evaluated(group, candidates[rule], starts[rule]).items()}

    def _starts(self, rules: Iterable[Rule]) -> Mapping[Rule, HistoryStart]:
        """Since when messages are looked at: without an index for a rule, the newest ones."""
        whole, scanned = history_starts(
            self._session, self._window.begins, self._window.now, MAX_SCANNED)
        by_names = whole if has_name_indexes(self._session) else scanned
        return {rule: scanned if rule == BY_ME else by_names for rule in rules}

    def _candidates(
        self, by_rule: Mapping[Rule, Sequence[Preset]], starts: Mapping[Rule, HistoryStart],
    ) -> Mapping[Rule, Sequence[Any]]:
        """The newest messages that presets may let through, by the rule that these begin with."""
        parts = [
            self._newest(number, rule, group, starts[rule].since)
            for number, (rule, group) in enumerate(by_rule.items())]
        rows = self._session.execute(union_all(*(select(each.subquery()) for each in parts))).all()
        rows = sorted(rows, key=lambda row: row.received_at, reverse=True)
        return {
            rule: [row for row in rows if row.part == number] for number, rule in enumerate(by_rule)}

    def _newest(
        self, number: int, rule: Rule, group: Iterable[Preset], since: datetime,
    ) -> Select[*tuple[Any, ...]]:
        """Statement for the newest messages that one of these presets may let through."""
        either = AnyOf(tuple(All(each.wanted[1:] or each.wanted) for each in group))
        clause = compile_expression(All((rule, either)), self._match_context.rule_types)
        prefilter = SqlPrefilter(self._match_context.catalog, self._match_context.directory, self._nick)
        return select(
            literal(number).label("part"), StoredMessage.received_at, StoredMessage.category,
            StoredMessage.event, StoredMessage.agent, USERNAMES.label("usernames"),
            PACKAGES.label("packages"), GROUPS.label("groups"), StoredMessage.topic,
        ).where(StoredMessage.received_at >= since, prefilter.condition(clause)).order_by(
            StoredMessage.received_at.desc()).limit(MAX_EVALUATED)

    def _evaluated(
        self, group: Sequence[Preset], rows: Sequence[Any], start: HistoryStart,
    ) -> Mapping[str, MessageCount]:
        evaluation = _evaluation(group, self._nick, self._match_context)
        counts: Counter[int] = Counter()
        if len(rows) == MAX_EVALUATED:
            start = HistoryStart(rows[-1].received_at, complete=False)
        for row in rows:
            try:
                self._deadline.check()
            except EvaluationTimeoutError:
                start = HistoryStart(row.received_at, complete=False)
                break
            counts.update(evaluation.holding(StoredFacts._make(row[2:])))
        return {each.key: MessageCount(counts[number], *start) for number, each in enumerate(group)}

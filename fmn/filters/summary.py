"""Summaries of a preference's filters: how many there are, how many are on, and which were stopped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from fmn.filters.models import Filter


class StoppedFilter(NamedTuple):
    """A filter that an administrator or FMN switched off, with the reason."""

    id: int
    name: str
    note: str


@dataclass(frozen=True)
class FilterSummary:
    """Counts of a preference's filters, and those that were stopped."""

    total: int = 0
    on: int = 0
    stopped: Sequence[StoppedFilter] = ()


def summarize_filters(session: Session, preference_ids: Collection[int]) -> Mapping[int, FilterSummary]:
    """The summaries of preferences, by the preference's id."""
    counts = {
        preference_id: (total, on) for preference_id, total, on in session.execute(
            select(Filter.preference_id, func.count(), func.sum(case((Filter.enabled, 1), else_=0)))
            .where(Filter.preference_id.in_(preference_ids)).group_by(Filter.preference_id))}
    stopped = _stopped(session, preference_ids)
    return {each: FilterSummary(*counts.get(each, (0, 0)), stopped[each]) for each in preference_ids}


def _stopped(session: Session, preference_ids: Collection[int]) -> Mapping[int, Sequence[StoppedFilter]]:
    rows = session.execute(
        select(Filter.preference_id, Filter.id, Filter.name, Filter.stop_reason)
        .where(Filter.preference_id.in_(preference_ids), Filter.stop_reason.is_not(None), ~Filter.enabled)
        .order_by(Filter.position, Filter.id))
    found: defaultdict[int, list[StoppedFilter]] = defaultdict(list)
    for preference_id, filter_id, name, note in rows:
        found[preference_id].append(StoppedFilter(filter_id, name, note or ""))
    return found

"""Matching batches, and what is to be sent then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.filters.models import Filter
from fmn.matching.batch_matcher import BatchMatcher
from fmn.matching.index.matching_index import Match
from fmn.people.change_log import changes_since, current_revision
from fmn.people.models import Preference


class Sent(dict[str, list[int]]):
    """The ids of the deliveries that a matcher has sent, by context."""

    def __call__(self, deliveries: Mapping[str, Sequence[int]]) -> None:
        """Take what is sent."""
        for context, ids in deliveries.items():
            self.setdefault(context, []).extend(ids)


def match(matcher: BatchMatcher, ids: Sequence[int]) -> Sent:
    """Match a batch; returns what is to be sent."""
    sent = Sent()
    matcher.match(ids, sent)
    return sent


def match_one_by_one(matcher: BatchMatcher, ids: Sequence[int]) -> Sent:
    """The same, message by message."""
    sent = Sent()
    matcher.match_one_by_one(ids, sent)
    return sent


@dataclass
class GivenRecipients:
    """People who are matched again as they were at first, as far as their filters are still on."""

    session: Session
    given: Sequence[Sequence[Match]]
    revision: int

    @classmethod
    def of(
        cls, session: Session, given: Sequence[Sequence[Match]], revision: int | None = None,
    ) -> GivenRecipients:
        """Concerns as they were at a revision, by default that of now."""
        return cls(session, given, current_revision(session) if revision is None else revision)

    def changed(self) -> frozenset[int]:
        """Who changed their preferences since the last look."""
        changes = changes_since(self.session, self.revision)
        self.revision = changes.revision
        return changes.user_ids

    def matches(self, user_ids: frozenset[int]) -> Sequence[Sequence[Match]]:
        """For each message what is left of its concerns."""
        on: defaultdict[int, set[Match]] = defaultdict(set)
        rows = self.session.execute(
            select(Preference.user_id, Preference.context, Filter.expression_id)
            .join(Filter, Filter.preference_id == Preference.id)
            .where(Preference.user_id.in_(user_ids), Preference.enabled, Filter.enabled))
        for row in rows:
            on[row.user_id].add(Match(*row))
        return [[each for each in recipients if each in on[each.user_id]] for recipients in self.given]

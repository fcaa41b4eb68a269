"""Rematching of users who changed their preferences, in the transaction that records a batch.

See :func:`fmn.matching.batch_recorder.record`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy.orm import Session

from fmn.catalog import Facts
from fmn.directory.snapshot import Directory
from fmn.filters.rule_types import RuleTypes
from fmn.matching.index.group_profiles import with_members
from fmn.matching.index.loading import index_of
from fmn.matching.index.matching_index import Index, Match
from fmn.people.change_log import changes_since


class StaleIndexError(Exception):
    """The log of changes doesn't reach back to the index's revision: load the index anew."""


class Rematcher:
    """Rematches users who changed their preferences since a batch was matched with ``index``.

    ``superseded`` are all users who changed so far: the index is out of date for them.
    """

    def __init__(
        self, index: Index, directory: Directory, rule_types: RuleTypes, facts: Sequence[Facts],
    ) -> None:
        self._index = index
        self._directory = directory
        self._rule_types = rule_types
        self._facts = facts
        self._revision = index.revision
        self.superseded: frozenset[int] = frozenset()

    def within(self, session: Session) -> Rematcher:
        """The same rematcher, in this transaction."""
        self._session = session
        return self

    def changed(self) -> frozenset[int]:
        """Users who changed their preferences, or whose groups did, since the last call or since the index.

        Raises :class:`StaleIndexError`; roll back then.
        """
        changes = changes_since(self._session, self._revision)
        if not changes.complete:
            raise StaleIndexError
        self._revision = changes.revision
        changed = with_members(self._session, changes.user_ids, self._directory.groups)
        self.superseded |= changed
        return changed

    def matches(self, user_ids: Collection[int]) -> Sequence[Sequence[Match]]:
        """For each message of the batch, these users' matches by their current preferences."""
        index = index_of(self._session, user_ids, self._index, self._rule_types, self._directory)
        return [index.match(facts, self._directory) for facts in self._facts]

"""Matching a batch of the ledger's messages and recording whom they concern."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import structlog
from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from fmn import metrics
from fmn.catalog import Catalog, Facts
from fmn.db import Database
from fmn.directory.changes import concerns_directory
from fmn.directory.snapshot import Directory
from fmn.directory.store import DirectoryStore
from fmn.filters.accounts import create_user
from fmn.filters.autocreate import newcomers
from fmn.filters.defaults import default_filters
from fmn.filters.rule_types import RuleTypes
from fmn.ledger.messages import UNSUSPECTED, take_unmatched
from fmn.ledger.models import StoredMessage
from fmn.ledger.notifications import Concern, Matched, StaleIndexError, record
from fmn.ledger.suspects import begin_try, end_try
from fmn.matching.index import Index
from fmn.matching.loading import Matcher
from fmn.people.models import User
from fmn.settings import AutocreateSettings, FloodSettings

log = structlog.get_logger()


class BatchMatcher:
    """Matches batches against the current index and directory."""

    def __init__(
        self, database: Database, catalog: Catalog, rule_types: RuleTypes,
        directory: DirectoryStore, autocreate: AutocreateSettings, floods: FloodSettings,
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._rule_types = rule_types
        self._directory = directory
        self._autocreate = autocreate
        self._floods = floods
        self._matcher = Matcher(database, rule_types)

    def match(self, ids: Sequence[int]) -> Mapping[str, Sequence[int]]:
        """Match those of the messages that aren't; returns the ids of deliveries to send, by context.

        Running it twice, or twice at once, has its effect once.
        """
        with metrics.match_seconds.time():
            return _joined(self._steps(ids, UNSUSPECTED))

    def match_one_by_one(self, ids: Sequence[int]) -> Mapping[str, Sequence[int]]:
        """The same for messages that a process may have died of: it harms no other if that happens again."""
        return _joined(map(self._try, ids))

    def _try(self, message_id: int) -> Mapping[str, Sequence[int]]:
        with self._database.transaction() as session:
            if not begin_try(session, message_id):
                return {}
        with self._ending(message_id):
            return _joined(self._steps([message_id], true()))

    @contextmanager
    def _ending(self, message_id: int) -> Iterator[None]:
        # What a task is stopped by because it takes too long isn't an Exception, and counts like a death.
        try:
            yield
        except Exception:
            self._end_try(message_id)
            raise
        self._end_try(message_id)

    def _end_try(self, message_id: int) -> None:
        with self._database.transaction() as session:
            end_try(session, message_id)

    def _steps(
        self, ids: Sequence[int], which: ColumnElement[bool],
    ) -> Iterator[Mapping[str, Sequence[int]]]:
        while (recorded := self._step(ids, which)) is not None:
            yield recorded

    def _step(
        self, ids: Sequence[int], which: ColumnElement[bool],
    ) -> Mapping[str, Sequence[int]] | None:
        """Go one transaction further; ``None`` when nothing is left to do."""
        directory, index = self._directory.current(), self._matcher.current()
        try:
            with self._database.transaction() as session:
                batch = self._read(take_unmatched(session, ids, which=which), directory)
                if self._make_accounts(session, (facts for _, facts in batch), directory):
                    return {}
                matched = list(_matched(batch, index, directory))
                if not matched:
                    return None
                recorded = record(session, matched, index.revision, self._database.now(), self._floods)
        except StaleIndexError:
            return {}
        self._tell(matched[:recorded.taken])
        return recorded.deliveries

    def _tell(self, matched: Sequence[Matched]) -> None:
        metrics.messages_matched.inc(len(matched))
        log.info("messages matched", concerned={one.stored.msg_id: len(one.concerns) for one in matched})
        if any(concerns_directory(one.facts.message) for one in matched):
            self._directory.want_refresh()

    def _read(
        self, stored: Iterable[StoredMessage], directory: Directory,
    ) -> Sequence[tuple[StoredMessage, Facts]]:
        return [(row, self._catalog.facts(row.message, directory.account)) for row in stored]

    def _make_accounts(self, session: Session, batch: Iterable[Facts], directory: Directory) -> bool:
        nicks = {nick for facts in batch for nick in newcomers(facts, self._autocreate)}
        if not nicks:
            return False
        nicks -= set(session.scalars(select(User.nick).where(User.nick.in_(nicks))))
        for nick in sorted(nicks):
            address = directory.address(nick)
            contexts = {
                context: [address] if context == "email" and address else []
                for context in self._autocreate.contexts
            }
            create_user(
                session, nick, contexts, default_filters(self._rule_types),
                enabled=self._autocreate.switched_on)
            log.info("account made", nick=nick)
        return bool(nicks)


def _joined(recorded: Iterable[Mapping[str, Sequence[int]]]) -> Mapping[str, Sequence[int]]:
    deliveries: defaultdict[str, list[int]] = defaultdict(list)
    for by_context in recorded:
        for context, found in by_context.items():
            deliveries[context] += found
    return deliveries


def _matched(
    batch: Iterable[tuple[StoredMessage, Facts]], index: Index, directory: Directory,
) -> Iterator[Matched]:
    for stored, facts in batch:
        try:
            concerns = [Concern(*match) for match in index.match(facts, directory)]
        except Exception:
            # It stays unmatched, and the sweep brings it back; the rest of the batch doesn't wait for it.
            log.exception("message can't be matched", msg_id=stored.msg_id, topic=stored.topic)
            continue
        yield Matched(stored, facts, concerns)

"""Matches batches of stored messages against the index, and records the result."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.catalog import Catalog, Facts
from fmn.directory.change_messages import changes_directory
from fmn.directory.snapshot import Directory
from fmn.directory.store import DirectoryStore
from fmn.filters.account_creation import accounts_to_create, create_user
from fmn.filters.default_filters import default_filters
from fmn.filters.rule_types import RuleTypes
from fmn.infra import metrics
from fmn.infra.clock import monotonic_seconds
from fmn.infra.db import Database
from fmn.ledger.messages import UnmatchedMessage, lock_unmatched
from fmn.ledger.quarantine import begin_try, end_try, interrupt_try
from fmn.matching.batch_recorder import Recorded, record
from fmn.matching.cpu_costs import CpuCosts, Spending, nothing_settled
from fmn.matching.index.loading import CurrentIndex
from fmn.matching.index.matching_index import Index
from fmn.matching.index.snapshots import IndexSnapshots
from fmn.matching.pipeline import MatchedMessage
from fmn.matching.rematching import Rematcher, StaleIndexError
from fmn.people.models import User
from fmn.settings import AutocreateSettings, FloodSettings

log = structlog.get_logger()

#: Concerns that one transaction records: it takes some tenths of a second, for which whoever deletes one of
#: the filters has to wait, and others who have the rest of a batch needn't.
AT_ONCE: Final = 1_000
#: Attempts that may come to nothing because the log of changed preferences doesn't reach back far enough.
#: What is left then waits for the sweep.
MAX_VOID: Final = 3

#: Takes the ids of deliveries to send, by context, as soon as they're committed.
Send = Callable[[Mapping[str, Sequence[int]]], object]


class BatchMatcher:
    """Matches batches against the current index and directory."""

    def __init__(
        self, database: Database, catalog: Catalog, rule_types: RuleTypes,
        directory: DirectoryStore, autocreate: AutocreateSettings, throttling: FloodSettings,
        costs: CpuCosts | None = None, snapshots: IndexSnapshots | None = None,
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._rule_types = rule_types
        self._directory = directory
        self._autocreate = autocreate
        self._throttling = throttling
        self._current_index = CurrentIndex(database, rule_types, snapshots)
        self._costs = costs or CpuCosts(math.inf, nothing_settled)

    def match(self, ids: Sequence[int], send: Send) -> None:
        """Match those of the messages that are unmatched, and send their deliveries.

        Running it twice, or twice concurrently, has its effect once.
        """
        with metrics.match_seconds.time():
            self._match(ids, send)

    def match_one_by_one(self, ids: Sequence[int], send: Send) -> None:
        """Like :meth:`match`, one at a time: for messages that a process may have died of."""
        for message_id in ids:
            with self._database.transaction() as session:
                begun = begin_try(session, message_id, self._database.now())
            if begun:
                with self._ending(message_id):
                    self._match([message_id], send, batchable=False)

    @contextmanager
    def _ending(self, message_id: int) -> Iterator[None]:
        began = monotonic_seconds()
        try:
            yield
        except Exception:
            self._end_try(message_id)
            raise
        except BaseException:  # it took too long, or the process is to stop: neither is a death
            seconds = monotonic_seconds() - began
            with self._database.transaction() as session:
                interrupt_try(session, message_id, self._database.now(), seconds)
            raise
        self._end_try(message_id)

    def _end_try(self, message_id: int) -> None:
        with self._database.transaction() as session:
            end_try(session, message_id)

    def _match(self, ids: Sequence[int], send: Send, *, batchable: bool = True) -> None:
        void, unmatched = 0, True
        while unmatched and void < MAX_VOID:
            try:
                unmatched = self._step(ids, send, batchable=batchable)
            except StaleIndexError:
                void += 1
            self._costs.settle()
        if not unmatched:
            return
        log.warning("messages wait for the sweep: the log of preferences doesn't reach back", ids=ids)

    def _step(self, ids: Sequence[int], send: Send, *, batchable: bool) -> bool:
        """Match and record one transaction, or all parts of one large message; false if nothing is left."""
        directory = self._directory.current()
        index = self._current_index.current(directory)
        with self._database.transaction() as session:
            batch = self._read(lock_unmatched(session, ids, batchable=batchable), directory)
            if self._make_accounts(session, (facts for _, facts in batch), directory):
                return True
            matched = _up_to(AT_ONCE, _matched(batch, index, directory, self._costs.spending(index)))
            if not matched:
                return False
            rematcher = Rematcher(index, directory, self._rule_types, [one.facts for one in matched])
            to_many = len(matched[0].matches) > AT_ONCE
            recorded = None if to_many else self._record(session, matched, rematcher, directory)
        if recorded is None:
            self._in_parts(matched[0], rematcher, send, directory, batchable=batchable)
        else:
            self._report(matched)
            send(recorded.deliveries)
        return len(matched) < len(batch)

    def _in_parts(
        self, matched: MatchedMessage, rematcher: Rematcher, send: Send, directory: Directory, *,
        batchable: bool,
    ) -> None:
        """Record a message with many matches in several transactions.

        Parts recorded by a worker that dies stay: whoever matches the message again adds the missing ones.
        """
        for part in _parts(matched):
            with self._database.transaction() as session:
                rows = lock_unmatched(session, [matched.stored.id], batchable=batchable)
                if not rows:  # another worker was quicker
                    return
                matches = [each for each in part.matches if each.user_id not in rematcher.superseded]
                recorded = self._record(
                    session, [replace(part, stored=rows[0], matches=matches)], rematcher, directory)
            send(recorded.deliveries)
        self._report([matched])

    def _record(
        self, session: Session, matched: Sequence[MatchedMessage], rematcher: Rematcher, directory: Directory,
    ) -> Recorded:
        return record(
            session, matched, self._database.now(), self._throttling, rematcher.within(session),
            directory.groups)

    def _report(self, matched: Sequence[MatchedMessage]) -> None:
        metrics.messages_matched.inc(len(matched))
        log.info("messages matched", concerned={
            one.facts.message.msg_id: len(one.matches) for one in matched})
        if any(changes_directory(one.facts.message) for one in matched):
            self._directory.request_refresh()

    def _read(
        self, stored: Iterable[UnmatchedMessage], directory: Directory,
    ) -> Sequence[tuple[UnmatchedMessage, Facts]]:
        return [(row, self._catalog.facts(row.message, directory.account)) for row in stored]

    def _make_accounts(self, session: Session, batch: Iterable[Facts], directory: Directory) -> bool:
        nicks = {nick for facts in batch for nick in accounts_to_create(facts, self._autocreate)}
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


def _up_to(most: int, matched: Iterable[MatchedMessage]) -> Sequence[MatchedMessage]:
    """The first messages with up to ``most`` matches in all, but at least one message."""
    found: list[MatchedMessage] = []
    for each in matched:
        most -= len(each.matches)
        if found and most < 0:
            break
        found.append(each)
    return found


def _parts(matched: MatchedMessage) -> Iterator[MatchedMessage]:
    last = len(matched.matches) - AT_ONCE
    for start in range(0, len(matched.matches), AT_ONCE):
        yield replace(
            matched, matches=matched.matches[start:start + AT_ONCE], complete=start >= last)


def _matched(
    batch: Iterable[tuple[UnmatchedMessage, Facts]], index: Index, directory: Directory, spending: Spending,
) -> Iterator[MatchedMessage]:
    """Messages with their matches, up to the message at which a user exceeds their CPU budget."""
    for stored, facts in batch:
        try:
            # Sets of nicks have another order in every process, and a trace shows people as they're recorded.
            matches = sorted(index.match(facts, directory, spending))
        except Exception:
            # It stays unmatched, and the sweep brings it back; the rest of the batch doesn't wait for it.
            log.exception(
                "message can't be matched", msg_id=stored.message.msg_id, topic=stored.message.topic)
            continue
        yield MatchedMessage(stored, facts, matches)
        if spending.end_message():
            return

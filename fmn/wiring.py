"""Composition root: builds the objects of a process from its settings, each on first use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache, cached_property, partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from fmn.catalog import Catalog, Description, Message, catalog
from fmn.catalog.current import ApplicationTitles
from fmn.channels import channel_opener, channel_type, in_partition
from fmn.delivery.backend import Backend
from fmn.delivery.contract import Channel, ChannelContext, PersistentChannel
from fmn.delivery.email.return_addresses import ReturnAddresses, return_addresses_from
from fmn.delivery.retry import RetryPolicy
from fmn.delivery.signed_links import Links
from fmn.directory import DirectoryUnavailableError, open_directory
from fmn.directory.store import DirectoryStore
from fmn.filters.rule_types import RuleTypes, follow_event_types, rule_types
from fmn.infra.broker import MATCH_ACTOR, enqueue, open_broker, remote_actor
from fmn.infra.cache import Cache, open_cache
from fmn.infra.db import Database
from fmn.infra.queue_names import MATCH_QUEUE
from fmn.infra.token_buckets import MemoryTokenBuckets, TokenBuckets
from fmn.ledger.event_streams import LedgerStream
from fmn.settings import Settings, SettingsError, load_settings
from fmn.settings.secret_strength import weak_secrets

# They take long to import, since they bring numpy, zmq, clients of HTTP and Redis or much of FMN, and few
# processes need them.
if TYPE_CHECKING:
    from fmn.chat_commands.handler import CommandHandler
    from fmn.matching.batch_matcher import BatchMatcher
    from fmn.matching.completion import Completer
    from fmn.matching.cpu_costs import CpuCosts
    from fmn.matching.index.snapshots import IndexSnapshots
    from fmn.sources.backfill.archive_parser import ArchiveParser
    from fmn.sources.backfill.ingesting import BackfillIngester
    from fmn.sources.backfill.worker import BackfillWorker
    from fmn.sources.webhooks.receiver import HookReceiver

Made = TypeVar("Made")


class _PerCatalog(Generic[Made]):
    """Something that depends on the catalogue, made anew when another one takes its place. Thread-safe."""

    def __init__(self, make: Callable[[Catalog], Made]) -> None:
        self._make, self._lock = make, Lock()
        self._made: tuple[Catalog, Made] | None = None

    def current(self) -> Made:
        """What was made for the current catalogue."""
        known = catalog()
        with self._lock:
            if self._made is None or self._made[0] is not known:
                self._made = known, self._make(known)
            return self._made[1]


class Services:
    """The objects that a process works with."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._matchers, self._completers = _PerCatalog(self._matcher), _PerCatalog(_completer)
        follow_event_types(settings.catalog.directory)

    @cached_property
    def database(self) -> Database:
        """The database."""
        return Database(self.settings.database.url)

    @cached_property
    def cache(self) -> Cache:
        """The cache that processes share."""
        return open_cache(self.settings.cache.url)

    @cached_property
    def buckets(self) -> TokenBuckets:
        """The token buckets of rate limits, which are where the cache is."""
        url = self.settings.cache.url
        if url == "memory://":
            return MemoryTokenBuckets()
        from fmn.infra.redis_token_buckets import RedisTokenBuckets  # noqa: PLC0415

        return RedisTokenBuckets(url)

    @cached_property
    def directory(self) -> DirectoryStore:
        """The directory: owners of packages, members of groups."""
        return open_directory(self.settings.directory, self.cache)

    @property
    def rule_types(self) -> RuleTypes:
        """The rule types that filters can use."""
        return rule_types(self.settings.bus.environment)

    @property
    def batch_matcher(self) -> BatchMatcher:
        """The matcher of a worker: another one, with an index of its own, for another catalogue."""
        return self._matchers.current()

    def _matcher(self, known: Catalog) -> BatchMatcher:
        from fmn.matching.batch_matcher import BatchMatcher  # noqa: PLC0415 - see above

        return BatchMatcher(
            self.database, known, self.rule_types, self.directory, self.settings.autocreate,
            self.settings.flood, self._costs, self._index_snapshots)

    @property
    def _index_snapshots(self) -> IndexSnapshots | None:
        from fmn.matching.index.snapshots import IndexSnapshots  # noqa: PLC0415 - see above

        directory = self.settings.matching.snapshot_directory
        return None if directory is None else IndexSnapshots(directory, self.rule_types)

    @cached_property
    def _costs(self) -> CpuCosts:
        from fmn.administration.budget_enforcement import BudgetEnforcer  # noqa: PLC0415 - see above
        from fmn.matching.cpu_costs import CpuCosts  # noqa: PLC0415 - see above

        most = self.settings.budget.matching_milliseconds
        return CpuCosts(most / 1000, BudgetEnforcer(self.database, most))

    @cached_property
    def archive_parser(self) -> ArchiveParser:
        """The parser that accepts or rejects archived messages.

        :raises BusError: its certificates can't be read
        """
        from fmn.sources.backfill.archive_parser import ArchiveParser  # noqa: PLC0415 - see above

        return ArchiveParser.from_settings(self.settings)

    def ingester(self, match: Callable[[list[int]], object]) -> BackfillIngester:
        """The ingester of backfilled messages. Raises what :attr:`archive_parser` does."""
        from fmn.sources.backfill.ingesting import BackfillIngester  # noqa: PLC0415 - see above

        return BackfillIngester(self.archive_parser, self.database, match)

    def backfill_worker(self, match: Callable[[list[int]], object]) -> BackfillWorker:
        """The worker of backfills. Raises what :meth:`ingester` does."""
        from fmn.sources.backfill.worker import BackfillWorker  # noqa: PLC0415 - see above

        history = timedelta(days=self.settings.history.days)
        return BackfillWorker(self.settings.catchup, self.database, self.ingester(match), history)

    @cached_property
    def enqueue_match(self) -> Callable[[list[int]], object]:
        """Sends the task that matches messages, from a process that has no actors such as a web process.

        With a broker in memory there's nobody to send it to: ``fmn up``, which has actors, sets its own.
        """
        if self.settings.broker.url == "memory://":
            return _leave_to_the_sweep
        broker = open_broker(self.settings.broker, self.partitions, self.database.now)
        return partial(enqueue, remote_actor(broker, MATCH_ACTOR, MATCH_QUEUE))

    @cached_property
    def hook_receiver(self) -> HookReceiver:
        """The receiver of forges' webhooks."""
        from fmn.sources.webhooks.receiver import HookReceiver  # noqa: PLC0415 - see above

        self.check_secrets()
        return HookReceiver(
            self.database, self.buckets, self.settings.web.secrets, self.settings.hooks,
            self.enqueue_match)

    @property
    def completer(self) -> Completer:
        """The completion of names that people type."""
        return self._completers.current()

    @cached_property
    def links(self) -> Links:
        """Builder of signed links to the web app.

        :raises SettingsError: the secret is one that anyone knows
        """
        self.check_secrets()
        web = self.settings.web
        return Links(web.base_url, web.secret, web.previous_secrets)

    @cached_property
    def return_addresses(self) -> ReturnAddresses:
        """Builder of the return addresses of mails.

        :raises SettingsError: no bounce address is set
        """
        self.check_secrets()
        addresses = return_addresses_from(self.settings)
        if addresses is None:
            raise SettingsError(
                "fmn.email.bounce_address is empty: set it to the address that mails come back to")
        return addresses

    def check_secrets(self) -> None:
        """Check the secret. Call it before signing anything or accepting a signature.

        :raises SettingsError: the secret is one that anyone knows
        """
        if weak := list(weak_secrets(self.settings.web)):
            raise SettingsError("\n".join(weak))

    @property
    def contexts(self) -> Sequence[str]:
        """The enabled contexts. Each has a channel, and a backend with queues of its own."""
        return self.settings.delivery.channels

    @property
    def partitions(self) -> Mapping[str, int]:
        """The number of partitions of each enabled context."""
        return self.settings.delivery.partition_counts

    @cached_property
    def channels(self) -> Mapping[str, Channel]:
        """The channels by :meth:`channel_name`. A persistent channel connects when told to keep connected."""
        first = ChannelContext(
            self.settings, self.links, ApplicationTitles(), self.chat_commands, LedgerStream(self.database))
        return {
            self.channel_name(context, each): channel_opener(context)(replace(first, partition=each))
            for context, count in self.partitions.items()
            for each in range(count if channel_type(context).persistent else 1)}

    @staticmethod
    def channel_name(context: str, partition: int) -> str:
        """Name of the channel that delivers what a partition has: its context's, but for persistent ones."""
        return in_partition(context, partition) if channel_type(context).persistent else context

    @cached_property
    def chat_commands(self) -> CommandHandler:
        """The handler of commands that people send in a chat."""
        from fmn.chat_commands.handler import CommandHandler  # noqa: PLC0415 - see above

        return CommandHandler(
            self.database, self.links, lambda: self.rule_types, self._describe_without_directory)

    def persistent_channel(self, context: str, partition: int = 0) -> PersistentChannel:
        """The persistent channel of a partition of a context."""
        channel: Any = self.channels[self.channel_name(context, partition)]
        return cast(PersistentChannel, channel)

    @cached_property
    def backend(self) -> Backend:
        """The backend that delivers notifications."""
        delivery = self.settings.delivery
        return Backend(
            self.database, self.channels, self._describe,
            retry=RetryPolicy(
                timedelta(seconds=delivery.first_retry_seconds),
                timedelta(seconds=delivery.longest_retry_seconds),
                timedelta(days=delivery.give_up_days)),
            claim_for=timedelta(seconds=delivery.claim_seconds), bounce=self.settings.bounce,
            now=self.database.now)

    def _describe(self, message: Message) -> Description:
        return catalog().describe(message, self.directory.current().account)

    def _describe_without_directory(self, message: Message) -> Description:
        try:
            return self._describe(message)
        except DirectoryUnavailableError:  # then names in messages count as account names
            return catalog().describe(message)


def _completer(known: Catalog) -> Completer:
    from fmn.matching.completion import Completer  # noqa: PLC0415 - see above

    return Completer(known)


def _leave_to_the_sweep(_ids: list[int]) -> None:
    """Send no task: messages without one are matched with the next sweep."""


@cache
def services() -> Services:
    """The services of this process, with the settings of the file in ``FMN_CONFIG``."""
    return Services(load_settings())

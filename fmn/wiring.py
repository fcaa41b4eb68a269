"""Wiring: builds the rooms of one process from its settings, each when it's first needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import cache, cached_property
from typing import Any, cast

from fmn.administration.budget_enforcement import BudgetEnforcer
from fmn.catalog import Description, Message, catalog
from fmn.channels import channel_opener
from fmn.chat_commands.handler import CommandHandler
from fmn.delivery.backend import Backend
from fmn.delivery.contract import Channel, ChannelContext, PersistentChannel
from fmn.delivery.email.return_addresses import ReturnAddresses, return_addresses_from
from fmn.delivery.retry import RetryPolicy
from fmn.delivery.signed_links import Links
from fmn.directory import DirectoryUnavailableError, open_directory
from fmn.directory.store import DirectoryStore
from fmn.filters.rule_types import RuleTypes, rule_types
from fmn.infra.cache import Cache, open_cache
from fmn.infra.db import Database
from fmn.infra.token_buckets import TokenBuckets, open_buckets
from fmn.ledger.event_streams import LedgerStream
from fmn.matching.batch_matcher import BatchMatcher
from fmn.matching.completion import Completer
from fmn.matching.cpu_costs import CpuCosts
from fmn.settings import Settings, SettingsError, load_settings
from fmn.settings.secret_strength import weak_secrets
from fmn.sources.backfill.ingesting import BackfillIngester
from fmn.sources.backfill.worker import BackfillWorker
from fmn.sources.fedmsg.parser import MessageParser


class Services:
    """What a process works with."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def database(self) -> Database:
        """The database."""
        return Database(self.settings.database.url)

    @cached_property
    def cache(self) -> Cache:
        """What workers share besides the database."""
        return open_cache(self.settings.cache.url)

    @cached_property
    def buckets(self) -> TokenBuckets:
        """Token buckets: how often somebody may ask for something."""
        return open_buckets(self.settings.cache.url)

    @cached_property
    def directory(self) -> DirectoryStore:
        """Who owns which package, who is in which group."""
        return open_directory(self.settings.directory, self.cache)

    @property
    def rule_types(self) -> RuleTypes:
        """The rules that people can pick."""
        return rule_types(self.settings.bus.environment)

    @cached_property
    def batch_matcher(self) -> BatchMatcher:
        """Matches messages."""
        return BatchMatcher(
            self.database, catalog(), self.rule_types, self.directory, self.settings.autocreate,
            self.settings.flood, self._costs)

    @cached_property
    def _costs(self) -> CpuCosts:
        most = self.settings.budget.matching_milliseconds
        return CpuCosts(most / 1000, BudgetEnforcer(self.database, most))

    @cached_property
    def message_parser(self) -> MessageParser:
        """Says which messages are acceptable. Raises :class:`BusError` where that can't be found out."""
        return MessageParser.from_settings(self.settings.bus)

    def ingester(self, match: Callable[[list[int]], object]) -> BackfillIngester:
        """Takes in what was missed. Raises what :attr:`message_parser` does."""
        return BackfillIngester(self.message_parser, self.database, match)

    def backfill_worker(self, match: Callable[[list[int]], object]) -> BackfillWorker:
        """Asks for what was missed. Raises what :meth:`ingester` does."""
        history = timedelta(days=self.settings.history.days)
        return BackfillWorker(self.settings.catchup, self.database, self.ingester(match), history)

    @cached_property
    def completer(self) -> Completer:
        """Completes names that people type."""
        return Completer(catalog())

    @cached_property
    def links(self) -> Links:
        """Addresses of the web app's pages. Raises :class:`SettingsError` where anyone could sign them."""
        self.check_secrets()
        web = self.settings.web
        return Links(web.base_url, web.secret, web.previous_secrets)

    @cached_property
    def return_addresses(self) -> ReturnAddresses:
        """Where mails come back to. Raises :class:`SettingsError` where there's no such address."""
        self.check_secrets()
        addresses = return_addresses_from(self.settings)
        if addresses is None:
            raise SettingsError(
                "fmn.email.bounce_address is empty: set it to the address that mails come back to")
        return addresses

    def check_secrets(self) -> None:
        """Whoever signs something, or believes what's signed, has to. Raises :class:`SettingsError`."""
        if weak := list(weak_secrets(self.settings.web)):
            raise SettingsError("\n".join(weak))

    @property
    def contexts(self) -> Sequence[str]:
        """The contexts that there are here. Each has a channel, and a backend with a queue of its own."""
        return self.settings.delivery.channels

    @cached_property
    def channels(self) -> Mapping[str, Channel]:
        """The channels by context. One that stays is connected only when it's told to be present."""
        titles = {category: known.title for category, known in catalog().applications.items()}
        channel_context = ChannelContext(
            self.settings, self.links, titles, self.chat_commands, LedgerStream(self.database))
        return {context: channel_opener(context)(channel_context) for context in self.contexts}

    @cached_property
    def chat_commands(self) -> CommandHandler:
        """Answers people who write to us."""
        return CommandHandler(self.database, self.links, self.rule_types, self._describe_without_directory)

    def persistent_channel(self, context: str) -> PersistentChannel:
        """The channel of a context in which it stays connected."""
        channel: Any = self.channels[context]
        return cast(PersistentChannel, channel)

    @cached_property
    def backend(self) -> Backend:
        """Delivers."""
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
        except DirectoryUnavailableError:  # then people are called as the message calls them
            return catalog().describe(message)


@cache
def services() -> Services:
    """The services of this process, by the settings that ``FMN_CONFIG`` names."""
    return Services(load_settings())

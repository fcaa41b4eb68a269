"""Sources that the settings configure, opened by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final

from fmn.catalog.message import FEDMSG, FEDORA_MESSAGING
from fmn.errors import OperatorError
from fmn.infra.db import Database
from fmn.settings import Settings
from fmn.sources.backfill.gap_recorder import GapRecorder
from fmn.sources.contract import Source
from fmn.sources.fedmsg.parser import MessageParser
from fmn.sources.fedmsg.source import FedmsgSource
from fmn.sources.fedmsg.subscriber import Subscriber
from fmn.sources.fedora_messaging.source import FedoraMessagingSource

Opener = Callable[[Settings, Database, ExitStack], Source]


def _open_fedmsg(settings: Settings, database: Database, opened: ExitStack) -> Source:
    bus, gap_recorder = settings.bus, GapRecorder.from_settings(settings.catchup, database)
    message_parser = MessageParser.from_settings(bus, ignores_bridged=settings.receives_from_both_buses)
    subscriber = opened.enter_context(Subscriber(
        bus.endpoints, bus.topics, message_bytes=bus.max_message_bytes, on_gap=gap_recorder.record_gap_at))
    return FedmsgSource(
        subscriber, message_parser, gap_recorder, batch_messages=bus.batch_messages,
        batch_milliseconds=bus.batch_milliseconds)


def _open_fedora_messaging(settings: Settings, _database: Database, _opened: ExitStack) -> Source:
    return FedoraMessagingSource.from_settings(settings)


#: How each source is opened, and the setting that configures it.
_OPENERS: Final[Mapping[str, tuple[str, Opener]]] = {
    FEDMSG: ("fmn.bus.endpoints", _open_fedmsg),
    FEDORA_MESSAGING: ("fmn.fedora_messaging.urls", _open_fedora_messaging),
}


def configured_sources(settings: Settings) -> Sequence[str]:
    """Names of the sources that the settings configure."""
    wanted = {FEDMSG: settings.bus.endpoints, FEDORA_MESSAGING: settings.fedora_messaging.urls}
    return [name for name, addresses in wanted.items() if addresses]


@contextmanager
def opened_sources(
    settings: Settings, database: Database, names: Sequence[str] = (),
) -> Iterator[Sequence[Source]]:
    """Open the named sources, by default all configured ones, until the end of the block.

    :raises OperatorError: there's no such source, it isn't configured, or its settings can't be used
    """
    wanted = list(dict.fromkeys(names)) or configured_sources(settings)
    for name in wanted:
        _check_configured(settings, name)
    if not wanted:
        ways = " or ".join(setting for setting, _ in _OPENERS.values())
        raise OperatorError(f"no source is configured: set {ways}")
    with ExitStack() as opened:
        yield [_OPENERS[name][1](settings, database, opened) for name in wanted]


def _check_configured(settings: Settings, name: str) -> None:
    if name not in _OPENERS:
        raise OperatorError(f"there is no source {name!r}: there are {', '.join(_OPENERS)}")
    if name not in configured_sources(settings):
        raise OperatorError(f"the source {name} isn't configured: set {_OPENERS[name][0]}")

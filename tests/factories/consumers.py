"""Consumers of a fedmsg bus alone."""

from __future__ import annotations

from collections.abc import Callable

from fmn.infra.db import Database
from fmn.sources.consumer import Consumer
from fmn.sources.fedmsg.parser import MessageParser
from fmn.sources.fedmsg.source import FedmsgSource, FrameReader
from fmn.sources.spool.backlog import Backlog


def fedmsg_consumer(
    bus: FrameReader, message_parser: MessageParser, database: Database,
    match: Callable[[list[int]], None], *,
    backlog: Backlog | None = None, batch_milliseconds: int = 50,
) -> Consumer:
    """A consumer of one bus."""
    source = FedmsgSource(bus, message_parser, batch_milliseconds=batch_milliseconds)
    return Consumer([source], database, match, backlog=backlog)

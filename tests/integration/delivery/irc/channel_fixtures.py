"""Channels on a test's network, with a command handler that does as the test says."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from fmn.delivery.contract import RenderedDelivery
from fmn.delivery.irc.channel import IrcChannel
from tests.servers.irc_network import Network
from tests.unit.fmn.delivery.email.examples import LINKS, a_delivery, a_notification

APPLICATIONS = {"bodhi": "Bodhi"}
#: Seconds from now until which a channel is to be present, unless a test says otherwise.
LONG = 600.0


class StubChatCommands:
    """Says what it was asked; ``answers`` may be anything else, and may take its time."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.answers: Callable[[str, str], Sequence[str]] = lambda sender, text: [f"{sender} said {text}"]
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def answer(self, context: str, sender: str, text: str) -> Sequence[str]:
        self.asked.append((context, sender, text))
        self.may_go_on.wait(30)
        return self.answers(sender, text)


@contextmanager
def channel_on(
    network: Network, commands: StubChatCommands | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC), partition: int = 0,
    **changes: Any,
) -> Iterator[IrcChannel]:
    """A channel that isn't there yet."""
    settings = network.settings(**changes).of_partition(partition)
    with closing(IrcChannel(settings, LINKS, APPLICATIONS, commands or StubChatCommands(), now)) as channel:
        yield channel


@contextmanager
def present_on(
    network: Network, commands: StubChatCommands | None = None, **changes: Any,
) -> Iterator[IrcChannel]:
    """A channel that is there, as is everybody who was coming."""
    with channel_on(network, commands, **changes) as channel:
        channel.keep_connected(time.monotonic() + LONG)
        network.stranger("observer").do("MONITOR + fmn", r" 730 observer :fmn\b")
        network.ready()
        yield channel


def to(nick: str, summary: str = "it rains", created_at: datetime | None = None) -> RenderedDelivery:
    """A notification for somebody, of one line."""
    delivery = a_delivery(
        a_notification(summary=summary, link=""), destination=nick, trigger_links=False, markup=False)
    return replace(delivery, created_at=created_at or datetime.now(UTC))


@contextmanager
def beside(work: Callable[[], object]) -> Iterator[None]:
    """Something else is done at the same time, and is done at the end of the block."""
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(work)
        yield
    done.result()

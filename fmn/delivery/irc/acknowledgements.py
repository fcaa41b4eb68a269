"""Acknowledgement of lines: the server answers a ``PING`` after it has processed all lines before it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fmn.delivery.contract import DeliveryError
from fmn.delivery.irc.irc_connection import IrcEvent
from fmn.delivery.irc.irc_errors import is_error_numeric, numeric_error
from fmn.delivery.irc.nicks import folded


@dataclass
class Acknowledgement:
    """State of the lines sent to a nick.

    ``sent`` counts those that were sent, ``acknowledged`` those of them that the server was done with and
    refused none of. ``token`` is what it's asked to return after them, ``""`` when it has. ``refusal`` is why
    it didn't pass one of them on.
    """

    nick: str
    sent: int = 0
    acknowledged: int = 0
    token: str = ""
    refusal: DeliveryError | None = None


class Acknowledgements:
    """Acknowledgements that are waited for."""

    def __init__(self) -> None:
        self._waiting: list[Acknowledgement] = []
        self._numbers = itertools.count(1)

    @contextmanager
    def of(self, nick: str) -> Iterator[Acknowledgement]:
        """An acknowledgement that is updated until the end of the block."""
        receipt = Acknowledgement(folded(nick))
        self._waiting.append(receipt)
        try:
            yield receipt
        finally:
            self._waiting.remove(receipt)

    def new_token(self) -> str:
        """A unique token for a ``PING``."""
        return f"fmn{next(self._numbers)}"

    def handle_event(self, event: IrcEvent) -> None:
        """Handle an answer to a line or a ``PING``."""
        for receipt in tuple(self._waiting):
            if event.code == "pong" and event.text == receipt.token:
                receipt.token = ""
            elif is_error_numeric(event.code) and event.arguments and folded(
                    event.arguments[0]) == receipt.nick:
                receipt.refusal = receipt.refusal or numeric_error(receipt.nick, event.code, event.text)

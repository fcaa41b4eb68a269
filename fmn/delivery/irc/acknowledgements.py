"""Which lines the server has taken: it answers a ``PING`` when it's done with all that was sent before."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fmn.delivery.contract import DeliveryError
from fmn.delivery.irc.irc_connection import Heard
from fmn.delivery.irc.irc_errors import is_refusal, refusal
from fmn.delivery.irc.nicks import folded


@dataclass
class Receipt:
    """What has become of the lines for a nick.

    ``said`` counts those that were sent, ``taken`` those of them that the server was done with and refused
    none of. ``token`` is what it's asked to return after them, ``""`` when it has. ``refusal`` is why it
    didn't pass one of them on.
    """

    nick: str
    said: int = 0
    taken: int = 0
    token: str = ""
    refusal: DeliveryError | None = None


class Receipts:
    """The receipts that are waited for."""

    def __init__(self) -> None:
        self._waiting: list[Receipt] = []
        self._numbers = itertools.count(1)

    @contextmanager
    def of(self, nick: str) -> Iterator[Receipt]:
        """A receipt that is kept up to date until the end of the block."""
        receipt = Receipt(folded(nick))
        self._waiting.append(receipt)
        try:
            yield receipt
        finally:
            self._waiting.remove(receipt)

    def new_token(self) -> str:
        """Something that the server returns to us alone."""
        return f"fmn{next(self._numbers)}"

    def hear(self, heard: Heard) -> None:
        """Notice an answer to what was said."""
        for receipt in tuple(self._waiting):
            if heard.code == "pong" and heard.text == receipt.token:
                receipt.token = ""
            elif is_refusal(heard.code) and heard.arguments and folded(heard.arguments[0]) == receipt.nick:
                receipt.refusal = receipt.refusal or refusal(receipt.nick, heard.code, heard.text)

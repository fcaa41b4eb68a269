"""Answers, for the confirmed owner of an address alone and about what is theirs."""

from __future__ import annotations

from collections.abc import Sequence

from fmn.db import Database


class AnsweringDesk:
    """Answers from the database. Threads may share it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def answer(self, context: str, sender: str, text: str) -> Sequence[str]:
        """See :class:`~fmn.delivery.contract.Desk`."""
        raise NotImplementedError

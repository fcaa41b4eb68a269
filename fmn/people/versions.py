"""Concurrent edits: whoever saves says which version they saw, and hears if it isn't the last one."""

from __future__ import annotations

from typing import Protocol


class Versioned(Protocol):
    """A row that counts its changes."""

    version: int


class EditConflictError(Exception):
    """Somebody else saved it meanwhile, maybe the same person in another window. Nothing was changed."""


def take_turn(row: Versioned, seen: int | None) -> None:
    """Count a change of the row, which who changes it saw at version ``seen``; ``None`` is whatever it is.

    Raises :class:`EditConflictError` if that isn't its version any more. The row has to be locked.
    """
    if seen is not None and row.version != seen:
        raise EditConflictError
    row.version += 1

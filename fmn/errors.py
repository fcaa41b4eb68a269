"""Errors that people cause and can fix themselves: the text says what is wrong, where, and what to do.

Raise :class:`UserError` for what a person typed or a program sent, :class:`OperatorError` for what an
administrator set up, :class:`ConflictError` for a row that changed meanwhile. A subclass is for a caller that
catches it apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime


class OperatorError(Exception):
    """A mistake in settings, files or arguments of a command, which an administrator can fix."""


class UserError(ValueError):
    """A request that can't be fulfilled: a sentence for pages, the API and commands alike.

    ``field`` names the value at fault; ``""`` if none is. ``by_field`` has a sentence for each
    value at fault.
    """

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field
        self.by_field: Mapping[str, str] = {field: sentence}


class AttemptLimitError(UserError):
    """Too many attempts: the next one is allowed from ``retry_at`` on."""

    def __init__(self, sentence: str, retry_at: datetime) -> None:
        super().__init__(sentence)
        self.retry_at = retry_at


class ConflictError(Exception):
    """Somebody else saved the row meanwhile, maybe the same person in another window. Nothing was changed."""

"""Option type for a date and time in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click


class UtcDateTimeParam(click.DateTime):
    """A date, or a date and time, in UTC."""

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The typed date and time, with its zone."""
        found: datetime = super().convert(value, param, ctx)
        return found.replace(tzinfo=UTC)

"""Error of the bus's settings, files and addresses."""

from __future__ import annotations

from fmn.errors import OperatorError


class BusError(OperatorError):
    """A setting, file or address of the bus can't be used; the text says which one and why."""

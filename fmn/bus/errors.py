"""What goes wrong through nobody's message: settings, files and addresses that can't be used."""

from __future__ import annotations


class BusError(Exception):
    """The bus can't be used as asked; the text is one sentence that says what and where."""

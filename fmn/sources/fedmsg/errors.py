"""What goes wrong through nobody's message: settings, files and addresses that can't be used."""

from __future__ import annotations

from fmn.errors import OperatorError


class BusError(OperatorError):
    """The bus can't be used as asked; the text is one sentence that says what and where."""

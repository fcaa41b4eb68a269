"""Settings of what keeps messages from getting lost on their way from the bus into the ledger."""

from __future__ import annotations

from fmn.settings.fields import OptionalPath, PositiveInt, Section


class SpoolSettings(Section):
    """Where messages wait while the database is away, and how many; without a directory, in memory."""

    directory: OptionalPath = None
    max_megabytes: PositiveInt = 1024

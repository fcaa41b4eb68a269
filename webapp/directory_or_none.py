"""The directory, for pages that work without it."""

from __future__ import annotations

from fmn.directory import DirectoryUnavailableError
from fmn.directory.snapshot import Directory
from fmn.wiring import Services


def directory_or_none(services: Services) -> Directory | None:
    """The directory, or ``None`` while it's unavailable.

    Call it before any database query: it may be fetched, and a transaction must not wait for that.
    """
    try:
        return services.directory.current()
    except DirectoryUnavailableError:
        return None

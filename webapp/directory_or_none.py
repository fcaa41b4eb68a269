"""Who owns what and who is who, for pages that can do without."""

from __future__ import annotations

from fmn.directory import DirectoryUnavailableError
from fmn.directory.snapshot import Directory
from fmn.wiring import Services


def directory_or_none(services: Services) -> Directory | None:
    """The directory, ``None`` while it can't be had.

    Ask before you ask the database anything: it may have to be fetched, and a transaction that has begun
    isn't to wait for that.
    """
    try:
        return services.directory.current()
    except DirectoryUnavailableError:
        return None

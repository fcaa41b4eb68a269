"""Directory: owners and watchers of packages, members of groups, aliases and addresses of accounts."""

from __future__ import annotations

from fmn.directory.change_messages import changes_directory
from fmn.directory.merging import DirectoryPart, DirectorySource, DirectoryUnavailableError, NoDirectory
from fmn.directory.snapshot import Directory, Relation
from fmn.directory.source_factory import sources_from
from fmn.directory.store import DirectoryStore
from fmn.infra.cache import Cache
from fmn.settings import DirectorySettings

__all__ = [
    "Directory",
    "DirectoryPart",
    "DirectorySource",
    "DirectoryStore",
    "DirectoryUnavailableError",
    "NoDirectory",
    "Relation",
    "changes_directory",
    "open_directory",
]


def open_directory(settings: DirectorySettings, cache: Cache) -> DirectoryStore:
    """The directory of the settings. It fetches on first use."""
    return DirectoryStore(sources_from(settings), cache, email_domain=settings.email_domain)

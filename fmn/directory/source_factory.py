"""Factory of directory sources: FMN's own, and those of other packages.

A package adds a source by an entry point in the group ``fmn.directory``. Its name is the value for
``fmn.directory.ownership`` or ``fmn.directory.accounts``, its object a callable that takes the
:class:`DirectorySettings` and returns a :class:`DirectorySource`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fmn.directory.file import FileSource
from fmn.directory.merging import DirectorySource, NoDirectory
from fmn.plugins import plugins
from fmn.settings import DIRECTORY_ENTRY_POINTS, DirectorySettings

Factory = Callable[[DirectorySettings], DirectorySource]


def sources_from(settings: DirectorySettings) -> list[DirectorySource]:
    """The sources of the settings, each once."""
    return [_factory(name)(settings) for name in dict.fromkeys((settings.ownership, settings.accounts))]


def _factory(name: str) -> Factory:
    if name in BUILT_IN:
        return BUILT_IN[name]
    (entry_point,) = plugins(DIRECTORY_ENTRY_POINTS).select(name=name)
    factory: Factory = entry_point.load()
    return factory


def _nothing(_settings: DirectorySettings) -> DirectorySource:
    return NoDirectory()


def _file(settings: DirectorySettings) -> DirectorySource:
    assert settings.file is not None, "the settings see to it"
    return FileSource(settings.file)


def _pagure(settings: DirectorySettings) -> DirectorySource:
    from fmn.directory.pagure import PagureSource  # noqa: PLC0415 - the HTTP client takes long to import

    return PagureSource(
        settings.pagure_url,
        settings.timeout_seconds,
        watchers=settings.pagure_watchers == "listed",
        members=settings.accounts == "none",
    )


def _fasjson(settings: DirectorySettings) -> DirectorySource:
    from fmn.directory.fasjson import FasjsonSource  # noqa: PLC0415 - as above

    return FasjsonSource(
        settings.fasjson_url,
        settings.timeout_seconds,
        token=settings.fasjson_token,
        addresses=not settings.email_domain,
    )


BUILT_IN: Mapping[str, Factory] = {"none": _nothing, "file": _file, "pagure": _pagure, "fasjson": _fasjson}

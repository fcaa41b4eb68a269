"""The catalogue of this process: built-in and installed applications, and those in files of event types.

The files are followed: a changed one counts within :data:`CHECK_SECONDS` times two, without a restart. A
:class:`~fmn.catalog.registry.Catalog` never changes; another one takes its place. Whoever caches what depends
on it keeps the catalogue as a key.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Final

import structlog

from fmn.catalog.declarative.directory import ExtendedCatalog, extended, file_versions, last_change
from fmn.catalog.declarative.file_parser import FileProblem
from fmn.catalog.registry import ENTRY_POINT_GROUP, Catalog, built_in_applications
from fmn.catalog.registry import extended as with_entry_points
from fmn.plugins import plugins

log = structlog.get_logger()

#: Seconds between two looks at the directory. A change counts at this age, or once two looks have seen the
#: same: a file may just be being written, and half a file can be valid.
CHECK_SECONDS: Final = 5.0


@cache
def installed_catalog() -> Catalog:
    """The catalogue without files: the built-in applications and those of installed packages.

    :raises fmn.catalog.registry.CatalogError: an application can't be used
    """
    points = sorted(plugins(ENTRY_POINT_GROUP), key=lambda point: point.name)
    return with_entry_points(Catalog(built_in_applications()), points)


class FollowedCatalog:
    """A catalogue with the files of a directory, replaced when they change. Thread-safe."""

    def __init__(
        self, base: Catalog, directory: Path, reserved: Collection[str] = (),
        clock: Callable[[], float] = time.monotonic, now: Callable[[], float] = time.time,
    ) -> None:
        self.directory = directory
        self._base, self._reserved, self._clock, self._now = base, reserved, clock, now
        self._lock = Lock()
        self._seen = self._loaded = file_versions(directory)
        self._checked = clock()
        self._found = self._load(ExtendedCatalog(base))

    def current(self) -> ExtendedCatalog:
        """The catalogue with its files and problems. Threads get the old one while another one is loaded."""
        if self._clock() - self._checked >= CHECK_SECONDS and self._lock.acquire(blocking=False):
            try:
                self._check()
            finally:
                self._lock.release()
        return self._found

    def _check(self) -> None:
        self._checked = self._clock()
        before, self._seen = self._seen, file_versions(self.directory)
        if self._seen != self._loaded and (self._seen == before or self._is_settled()):
            self._loaded = self._seen
            self._found = self._load(self._found)
            log.info("catalogue read again", files=sorted(self._found.files))
            _log(self._found.problems)

    def _is_settled(self) -> bool:
        return last_change(self._seen) < self._now() - CHECK_SECONDS

    def _load(self, before: ExtendedCatalog) -> ExtendedCatalog:
        found = extended(self._base, self.directory, self._reserved, before.files)
        if found.files == before.files:  # then nothing that depends on the catalogue has to be made again
            return ExtendedCatalog(before.catalog, before.files, found.problems)
        return found


def _log(problems: Iterable[FileProblem]) -> None:
    for problem in problems:
        log.error("file of event types can't be used", problem=str(problem))


class _Process:
    """What this process follows: nothing, or a directory."""

    followed: FollowedCatalog | None = None


def follow_directory(directory: Path | None, reserved: Collection[str] = ()) -> None:
    """Let :func:`catalog` have the files of this directory, ``None`` for none.

    ``reserved`` are names of rules that aren't the catalogue's.
    """
    followed = _Process.followed
    if directory is None:
        _Process.followed = None
    elif followed is None or followed.directory != directory:
        _Process.followed = FollowedCatalog(installed_catalog(), directory, reserved)


def catalog() -> Catalog:
    """The current catalogue of this process.

    :raises fmn.catalog.registry.CatalogError: an application of an installed package can't be used
    """
    followed = _Process.followed
    return installed_catalog() if followed is None else followed.current().catalog


def catalog_problems() -> Sequence[FileProblem]:
    """What's wrong with files of event types, as far as this process has read them."""
    followed = _Process.followed
    return () if followed is None else followed.current().problems


def log_catalog_problems() -> None:
    """Log what's wrong with files of event types, when a process starts that goes on without them."""
    _log(catalog_problems())


class ApplicationTitles(Mapping[str, str]):
    """Titles of the current catalogue's applications, by category."""

    def __getitem__(self, category: str) -> str:
        return catalog().applications[category].title

    def __iter__(self) -> Iterator[str]:
        return iter(catalog().applications)

    def __len__(self) -> int:
        return len(catalog().applications)

"""A source that a test changes, a clock that it moves, and who owns what then."""

from __future__ import annotations

from collections.abc import Callable

from fmn.catalog import Package
from fmn.directory import Directory, DirectoryPart, DirectoryUnavailableError, Relation

PHP = Package("rpms", "php")


class Clock:
    """A clock that a test moves; whoever pauses moves it too."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


class People:
    """A source that a test changes and takes away."""

    def __init__(self, *owners: str) -> None:
        self.owners = owners
        self.away = False
        self.fetches = 0
        self.meanwhile: Callable[[], object] = lambda: None

    def fetch(self) -> DirectoryPart:
        self.fetches += 1
        if self.away:
            raise DirectoryUnavailableError("https://pagure.example/: answered 503, 3 times in a row")
        part = DirectoryPart(committers={"rpms": {"php": self.owners}})
        self.meanwhile()
        return part


def owners(directory: Directory) -> set[str]:
    return set(directory.owners(PHP, Relation.COMMIT))

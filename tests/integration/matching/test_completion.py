"""What is offered to people who type, on both databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fmn.catalog import Message, Package, catalog
from fmn.directory.snapshot import Directory
from fmn.infra.db import Database
from fmn.ledger.messages import lock_unmatched, mark_matched, store
from fmn.matching.completion import MOST, Completer, CompletionKind
from tests.factories.messages import NOON, make_facts

pytestmark = pytest.mark.dialects

DIRECTORY = Directory(
    committers={"rpms": {"moss": ("alice",), "ImageMagick": ("@ferns",)}, "modules": {"moss": ("bob",)}},
    watchers={"rpms": {"moor": ("carol",)}},
    groups={"ferns": frozenset({"bob", "dave"}), "infra": frozenset()}, version="1")

Complete = Callable[[CompletionKind, str], list[str]]


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def database(database: Database) -> Database:
    happens(database, 1, "org.fedoraproject.prod.bodhi.update.comment")
    return database


def happens(database: Database, number: int, topic: str) -> None:
    """Something that Mary did to a package that the directory doesn't know, with Alice."""
    with database.transaction() as session:
        ids = store(session, [Message(f"2026-{number}", topic, NOON, {})], NOON)
        (row,) = lock_unmatched(session, ids)
        facts = make_facts(
            row.message, agent="mary", usernames={"mary", "alice"}, packages={Package("rpms", "mojo")},
            groups={"ferns", "mossers"})
        mark_matched(session, [(row.id, facts)], NOON)


def completing(database: Database, completer: Completer, directory: Directory = DIRECTORY) -> Complete:
    def complete(thing: CompletionKind, beginning: str) -> list[str]:
        with database.reading() as session:
            return list(completer.complete(session, directory, thing, beginning, NOON))

    return complete


def test_offers_what_the_directory_and_the_bus_know(database: Database) -> None:
    complete = completing(database, Completer(catalog()))

    assert complete(CompletionKind.USERS, "") == ["@me", "alice", "bob", "carol", "dave", "mary"]
    assert complete(CompletionKind.USERS, "m") == ["@me", "mary"]
    assert complete(CompletionKind.USERS, "@") == ["@me"]
    assert complete(CompletionKind.USERS, " Al ") == ["alice"]
    assert complete(CompletionKind.PACKAGES, "mo") == ["modules/moss", "mojo", "moor", "moss"]
    assert complete(CompletionKind.PACKAGES, "rpms/") == [
        "rpms/ImageMagick", "rpms/mojo", "rpms/moor", "rpms/moss"]
    assert complete(CompletionKind.PACKAGES, "image") == ["ImageMagick"]
    assert complete(CompletionKind.GROUPS, "") == ["ferns", "infra", "mossers"]
    assert complete(CompletionKind.OWNING_GROUPS, "") == ["ferns"]


def test_offers_topics_as_patterns_however_one_begins(database: Database) -> None:
    complete = completing(database, Completer(catalog()))

    for beginning in ("bod", "*.bod"):
        assert complete(CompletionKind.TOPICS, beginning) == ["*.bodhi.*", "*.bodhi.update.comment"]
    assert complete(CompletionKind.TOPICS, "org") == ["org.fedoraproject.prod.bodhi.update.comment"]


def test_offers_what_the_catalogue_knows(database: Database) -> None:
    complete = completing(database, Completer(catalog()))

    assert complete(CompletionKind.APPLICATIONS, "bod") == ["bodhi"]
    assert "bodhi_update_comment" in complete(CompletionKind.EVENTS, "bodhi_update")
    assert len(complete(CompletionKind.EVENTS, "")) == MOST


def test_learns_what_is_new_after_a_while_or_with_another_directory(database: Database) -> None:
    clock = Clock()
    completer = Completer(catalog(), 60.0, clock)
    complete = completing(database, completer)
    assert complete(CompletionKind.TOPICS, "git") == []
    happens(database, 2, "org.fedoraproject.prod.git.receive")

    clock.seconds = 59
    assert complete(CompletionKind.TOPICS, "git") == []
    clock.seconds = 60
    assert complete(CompletionKind.TOPICS, "git") == ["*.git.*", "*.git.receive"]

    changed = completing(database, completer, Directory(groups={"ferns": frozenset({"zoe"})}, version="2"))
    assert changed(CompletionKind.USERS, "z") == ["zoe"]
    assert changed(CompletionKind.USERS, "bob") == []

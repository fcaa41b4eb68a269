"""What people type to name a package, a person, a group or an application, on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fmn.catalog import Message, Package, catalog
from fmn.directory.snapshot import Directory
from fmn.errors import UserError
from fmn.filters.watch_subjects import SubjectKind, subject
from fmn.infra.db import Database
from fmn.ledger.messages import lock_unmatched, mark_matched, store
from fmn.matching.completion import Completer
from fmn.matching.subject_lookup import MAX_SUBJECTS, SubjectLookup
from tests.factories.messages import NOON, make_facts

DIRECTORY = Directory(
    committers={"rpms": {"moss": ("alice",), "bodhi": ("bob",)}, "modules": {"moss": ("bob",)}},
    groups={"ferns": frozenset({"bob", "dave"}), "moss": frozenset({"bob"})}, version="1")


@pytest.fixture
def lookup(database: Database) -> Iterator[SubjectLookup]:
    """Mary did something to the package mojo, which the directory doesn't know."""
    with database.transaction() as session:
        ids = store(session, [Message("2026-1", "org.fedoraproject.prod.git.receive", NOON, {})], NOON)
        (row,) = lock_unmatched(session, ids)
        facts = make_facts(row.message, agent="mary", usernames={"mary"}, packages={Package("rpms", "mojo")})
        mark_matched(session, [(row.id, facts)], NOON)
    with database.reading() as session:
        yield SubjectLookup(session, Completer(catalog()), DIRECTORY, NOON)


def read(lookup: SubjectLookup, text: str) -> list[tuple[SubjectKind, str]]:
    return [(each.kind, each.name) for each in lookup.read(text)]


@pytest.mark.dialects
def test_names_are_looked_up_in_the_directory_and_on_the_bus(lookup: SubjectLookup) -> None:
    assert read(lookup, "rpms/moss, mary ,ferns,@infra, mojo,app:koji, rpms/moss,") == [
        (SubjectKind.PACKAGE, "rpms/moss"), (SubjectKind.PERSON, "mary"), (SubjectKind.GROUP, "ferns"),
        (SubjectKind.GROUP, "infra"), (SubjectKind.PACKAGE, "mojo"), (SubjectKind.APPLICATION, "buildsys")]


def test_a_name_of_several_things_is_a_package_first(lookup: SubjectLookup) -> None:
    assert read(lookup, "moss, bodhi, anitya") == [
        (SubjectKind.PACKAGE, "moss"), (SubjectKind.PACKAGE, "bodhi"), (SubjectKind.APPLICATION, "anitya")]


@pytest.mark.parametrize(("text", "sentence"), [
    ("nix", "We don’t know “nix”. To follow it anyway, write package:nix or person:nix."),
    ("marry", (
        "We don’t know “marry”. Did you mean person:mary? To follow it anyway, write package:marry or "
        "person:marry.")),
    ("FER", (
        "We don’t know “FER”. Did you mean group:ferns? To follow it anyway, write package:FER or "
        "person:FER.")),
    ("a b", "“a b” can’t be the name of a package, person or group."),
    ("group:a b", "“a b” can’t be a name: write one without spaces or commas."),
    (",".join(f"package:{number}" for number in range(MAX_SUBJECTS + 1)),
     f"Name {MAX_SUBJECTS} at most. You can add more later."),
    ("x" * 2_001, f"Name {MAX_SUBJECTS} at most. You can add more later."),
])
def test_what_cannot_be_read_is_said_in_a_sentence(lookup: SubjectLookup, text: str, sentence: str) -> None:
    with pytest.raises(UserError) as refused:
        lookup.read(text)
    assert (str(refused.value), refused.value.field) == (sentence, "subject")


def test_nothing_names_nothing(lookup: SubjectLookup) -> None:
    assert read(lookup, " , ") == []


@pytest.mark.parametrize(("beginning", "wanted"), [
    ("mo", ["package:mojo", "rpms/moss", "modules/moss", "group:moss"]),
    ("rpms/m", ["rpms/mojo", "rpms/moss"]),
    ("ma", ["person:mary", "app:mailman", "app:maubot"]),
    ("person:a", ["person:alice"]),
    ("group:", ["group:ferns", "group:moss"]),
    ("@f", ["group:ferns"]),
    ("xyz", []),
    ("nothing:x", []),
])
def test_words_are_completed(lookup: SubjectLookup, beginning: str, wanted: list[str]) -> None:
    found = list(lookup.complete(beginning))
    assert sorted(found) == sorted(wanted)


def test_every_completion_is_read_again(lookup: SubjectLookup) -> None:
    for word in (*lookup.complete(""), *lookup.complete("mo")):
        [found] = lookup.read(word)
        assert found.written == word
        assert lookup.is_known(found)


def test_what_is_not_known_can_be_followed_all_the_same(lookup: SubjectLookup) -> None:
    unheard = subject(SubjectKind.PACKAGE, "rpms/unheard-of")
    assert list(lookup.read("rpms/unheard-of")) == [unheard]
    assert not lookup.is_known(unheard)


@pytest.mark.parametrize(("kind", "name", "wanted"), [
    (SubjectKind.PACKAGE, "mos", ["rpms/moss", "modules/moss"]),
    (SubjectKind.PACKAGE, "modules/mosss", ["modules/moss"]),
    (SubjectKind.PACKAGE, "rpms/moj", ["rpms/mojo"]),
    (SubjectKind.PACKAGE, "ferns", ["group:ferns"]),
    (SubjectKind.PERSON, "Marry", ["person:mary"]),
    (SubjectKind.GROUP, "fern", ["group:ferns"]),
    (SubjectKind.APPLICATION, "bodhy", ["app:bodhi"]),
    (SubjectKind.PACKAGE, "x", []),
])
def test_an_unknown_name_has_similar_ones(
    lookup: SubjectLookup, kind: SubjectKind, name: str, wanted: list[str],
) -> None:
    found = [each.written for each in lookup.similar(subject(kind, name))]
    assert found == wanted

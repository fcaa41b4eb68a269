"""How what several sources know becomes one directory."""

from __future__ import annotations

import pytest

from fmn.catalog import Package
from fmn.directory import DirectoryPart, DirectoryUnavailableError, NoDirectory, Relation
from fmn.directory.merging import merge

PHP = Package("rpms", "php")


def test_who_commits_watches_if_the_source_knows_no_watchers() -> None:
    directory = merge([DirectoryPart(committers={"rpms": {"php": ["alice"]}})])

    assert directory.owners(PHP, Relation.WATCH) == {"alice"}


def test_watchers_are_only_who_the_source_says_if_it_knows_them() -> None:
    directory = merge(
        [DirectoryPart(committers={"rpms": {"php": ["alice"]}}, watchers={"rpms": {"php": ["bob"]}})])

    assert directory.owners(PHP, Relation.WATCH) == {"bob"}


def test_what_several_sources_know_adds_up() -> None:
    directory = merge([
        DirectoryPart(committers={"rpms": {"php": ["alice"]}}, groups={"kde": ["carol"]}),
        DirectoryPart(
            committers={"rpms": {"php": ["bob", "alice"], "ruby": ["bob"]}}, groups={"kde": ["dave"]}),
    ])

    assert directory.committers == {"rpms": {"php": ("alice", "bob"), "ruby": ("bob",)}}
    assert directory.groups == {"kde": {"carol", "dave"}}


def test_a_source_without_packages_adds_no_watchers() -> None:
    directory = merge([
        DirectoryPart(committers={"rpms": {"php": ["alice"]}}, watchers={}),
        DirectoryPart(groups={"kde": ["carol"]})])

    assert directory.owners(PHP, Relation.WATCH) == frozenset()


def test_the_first_source_counts_where_two_differ() -> None:
    directory = merge([
        DirectoryPart(aliases={"AL": "alice"}, addresses={"alice": "alice@example.org"}),
        DirectoryPart(aliases={"al": "mallory"}, addresses={"alice": "mallory@example.org"}),
    ])

    assert directory.account("al") == "alice"
    assert directory.address("alice") == "alice@example.org"


def test_a_package_that_nobody_owns_is_left_out() -> None:
    directory = merge([DirectoryPart(committers={"rpms": {"php": []}, "modules": {"php": ["alice"]}})])

    assert directory.committers == {"modules": {"php": ("alice",)}}


def test_equal_lists_of_people_are_kept_once() -> None:
    directory = merge(
        [DirectoryPart(committers={"rpms": {"php": ["bob", "alice"], "ruby": ["alice", "bob"]}})])

    assert directory.committers["rpms"]["php"] is directory.committers["rpms"]["ruby"]
    assert directory.watchers is directory.committers


@pytest.mark.parametrize("name", ["", "ali\nce", "bob\x00"])
def test_names_that_cannot_be_names_are_refused(name: str) -> None:
    with pytest.raises(DirectoryUnavailableError, match="must be printable and not empty") as error:
        merge([DirectoryPart(committers={"rpms": {"php": ["alice", name]}})])

    assert repr(name) in str(error.value)


def test_a_project_without_a_directory_has_an_empty_one() -> None:
    assert merge([NoDirectory().fetch()]).committers == {}

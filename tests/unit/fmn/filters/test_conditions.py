from __future__ import annotations

import pytest

from fmn.catalog import Package
from fmn.directory.snapshot import Directory
from fmn.filters.conditions import (
    ACTED,
    COMMITS_EXACTLY,
    COMMITS_TO,
    IN_GROUP,
    NAMED,
    WATCHES_EXACTLY,
    WATCHES_IT,
    CheckedMessage,
    KeyKind,
    PackageOwners,
    group_members,
    keys_of,
    member_keys,
    owner_keys,
    owners_of,
    relations_of,
)
from tests.factories.messages import make_facts, make_message

DIRECTORY = Directory(
    committers={"rpms": {"php": ("alice", "@php-sig")}, "modules": {"php": ("carol",), "ruby": ("erin",)}},
    watchers={"rpms": {"php": ("alice", "bob")}},
    groups={"php-sig": frozenset({"dave"}), "infra": frozenset({"bob", "mallory"})})

ABOUT_PHP = make_facts(
    make_message(), agent="root", packages=[Package("rpms", "php")], usernames=["bob"])


def test_a_message_has_keys_for_what_it_is_and_whom_and_what_it_names() -> None:
    assert keys_of(ABOUT_PHP, DIRECTORY) == {
        (KeyKind.EVENT, ABOUT_PHP.event.name), (KeyKind.CATEGORY, "oven"), (KeyKind.USER, "bob"),
        (KeyKind.GROUP, "infra"), (KeyKind.PACKAGE, "php"), (KeyKind.PACKAGE, "rpms/php"),
        (KeyKind.ACTOR, "root"), (KeyKind.SEVERITY, "info"),
    }


def test_owners_are_all_who_own_a_package_of_that_name() -> None:
    owners = owners_of(ABOUT_PHP, DIRECTORY)

    assert owners.committers == {"alice", "dave", "carol"}
    assert owners.watchers == {"alice", "bob"}


def test_exact_owners_own_it_in_the_namespace_that_the_message_tells() -> None:
    owners = owners_of(ABOUT_PHP, DIRECTORY)

    assert owners.exact_committers == {"alice", "dave"}
    assert owners.exact_watchers == {"alice", "bob"}


def test_a_message_that_tells_no_namespace_is_about_all() -> None:
    owners = owners_of(make_facts(make_message(), packages=[Package("", "php")]), DIRECTORY)

    assert owners.exact_committers == owners.committers == {"alice", "dave", "carol"}


def test_owners_of_several_packages_are_taken_together() -> None:
    both = make_facts(make_message(), packages=[Package("", "php"), Package("", "ruby"), Package("", "gone")])

    assert owners_of(both, DIRECTORY).committers == {"alice", "dave", "carol", "erin"}


def test_a_message_without_packages_has_no_owners() -> None:
    assert owners_of(make_facts(make_message()), DIRECTORY) == PackageOwners()


def test_ties_add_up() -> None:
    assert relations_of(ABOUT_PHP, owners_of(ABOUT_PHP, DIRECTORY)) == {
        "alice": COMMITS_TO | COMMITS_EXACTLY | WATCHES_IT | WATCHES_EXACTLY,
        "bob": WATCHES_IT | WATCHES_EXACTLY | NAMED, "carol": COMMITS_TO,
        "dave": COMMITS_TO | COMMITS_EXACTLY, "root": ACTED}


class TestGroups:
    ABOUT_GROUPS = make_facts(make_message(), usernames=["bob"], groups=["infra", "php-sig", "unknown"])

    def test_are_keys_of_their_own_beside_those_of_the_people_named(self) -> None:
        groups = {(KeyKind.ABOUT_GROUP, group) for group in ("infra", "php-sig", "unknown")}

        assert {key for key in keys_of(self.ABOUT_GROUPS, DIRECTORY) if "group" in key[0]} == {
            *groups, (KeyKind.GROUP, "infra")}

    def test_have_those_members_who_are_asked_for(self) -> None:
        among = {"mallory", "dave", "alice"}

        assert group_members(self.ABOUT_GROUPS, DIRECTORY, among) == {"mallory", "dave"}
        assert member_keys(self.ABOUT_GROUPS, DIRECTORY, among) == {
            (KeyKind.MEMBER, "mallory"), (KeyKind.MEMBER, "dave")}
        assert group_members(ABOUT_PHP, DIRECTORY, among) == frozenset()

    def test_relate_the_message_to_members(self) -> None:
        ties = relations_of(self.ABOUT_GROUPS, PackageOwners(), {"bob", "mallory"})

        assert ties == {"bob": NAMED | IN_GROUP, "mallory": IN_GROUP}


def test_owners_have_keys_of_their_own() -> None:
    keys = owner_keys(ABOUT_PHP, owners_of(ABOUT_PHP, DIRECTORY), DIRECTORY)

    assert (KeyKind.COMMITS, "alice") in keys
    assert (KeyKind.WATCHES, "alice") in keys
    assert (KeyKind.WATCHES, "dave") not in keys
    assert (KeyKind.COMMITS_EXACTLY, "alice") in keys
    assert (KeyKind.COMMITS_EXACTLY, "carol") not in keys


@pytest.mark.parametrize(("package", "groups"), [
    ("rpms/php", {"php-sig"}), ("modules/php", set()), ("/php", {"php-sig"}), ("rpms/ruby", set())])
def test_groups_have_keys_for_packages_in_their_namespace(package: str, groups: set[str]) -> None:
    facts = make_facts(make_message(), packages=[Package(*package.split("/"))])

    keys = owner_keys(facts, owners_of(facts, DIRECTORY), DIRECTORY)

    assert {group for kind, group in keys if kind is KeyKind.GROUP_COMMITS} == groups


def test_the_text_of_any_body_can_be_searched() -> None:
    assert CheckedMessage(make_facts(make_message(body={"a": "ö\ud800"}))).text == '{"a": "ö?"}'.encode()
    assert CheckedMessage(make_facts(make_message(body=[1, None]))).text == b"[1, null]"

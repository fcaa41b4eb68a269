from __future__ import annotations

from fmn.catalog import Package
from fmn.directory.snapshot import Directory
from fmn.filters.conditions import (
    COMMITS_TO,
    NAMED,
    WATCHES_IT,
    KeyKind,
    Subject,
    keys_of,
    owner_keys,
    owners_of,
    ties_of,
)
from tests.factories.messages import make_facts, make_message

DIRECTORY = Directory(
    committers={"rpms": {"php": ("alice", "@php-sig")}, "modules": {"php": ("carol",), "ruby": ("erin",)}},
    watchers={"rpms": {"php": ("alice", "bob")}},
    groups={"php-sig": frozenset({"dave"}), "infra": frozenset({"bob", "mallory"})})

ABOUT_PHP = make_facts(make_message(), packages=[Package("rpms", "php")], usernames=["bob"])


def test_a_message_has_keys_for_what_it_is_and_whom_and_what_it_names() -> None:
    assert keys_of(ABOUT_PHP, DIRECTORY) == {
        (KeyKind.EVENT, ABOUT_PHP.event.name), (KeyKind.CATEGORY, "oven"), (KeyKind.USER, "bob"),
        (KeyKind.GROUP, "infra"), (KeyKind.PACKAGE, "php"), (KeyKind.PACKAGE, "rpms/php"),
    }


def test_owners_are_all_who_own_a_package_of_that_name() -> None:
    owners = owners_of(ABOUT_PHP, DIRECTORY)

    assert owners.committers == {"alice", "dave", "carol"}
    assert owners.watchers == {"alice", "bob"}


def test_owners_of_several_packages_are_taken_together() -> None:
    both = make_facts(make_message(), packages=[Package("", "php"), Package("", "ruby"), Package("", "gone")])

    assert owners_of(both, DIRECTORY).committers == {"alice", "dave", "carol", "erin"}


def test_a_message_without_packages_has_no_owners() -> None:
    assert owners_of(make_facts(make_message()), DIRECTORY) == (frozenset(), frozenset())


def test_ties_add_up() -> None:
    assert ties_of(ABOUT_PHP, owners_of(ABOUT_PHP, DIRECTORY)) == {
        "alice": COMMITS_TO | WATCHES_IT, "bob": WATCHES_IT | NAMED, "carol": COMMITS_TO, "dave": COMMITS_TO}


def test_owners_have_keys_of_their_own() -> None:
    keys = owner_keys(owners_of(ABOUT_PHP, DIRECTORY))

    assert (KeyKind.COMMITS, "alice") in keys
    assert (KeyKind.WATCHES, "alice") in keys
    assert (KeyKind.WATCHES, "dave") not in keys


def test_the_text_of_any_body_can_be_searched() -> None:
    assert Subject(make_facts(make_message(body={"a": "ö\ud800"}))).text == '{"a": "ö?"}'.encode()
    assert Subject(make_facts(make_message(body=[1, None]))).text == b"[1, null]"

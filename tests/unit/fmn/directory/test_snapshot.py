"""What a directory answers, against a naive model and in the words of our cast."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fmn.catalog import Package
from fmn.directory import Directory, DirectoryPart, Relation
from fmn.directory.merging import merge
from tests.unit.fmn.directory.strategies import NAMESPACES, NICKS, PACKAGES, parts

packages = st.builds(Package, st.sampled_from(["", *NAMESPACES, "unheard-of"]), st.sampled_from(PACKAGES))

#: Alice maintains php, the KDE group watches it, Bob has the module of the same name.
DIRECTORY = Directory(
    committers={"rpms": {"php": ("alice",)}, "modules": {"php": ("bob",)}},
    watchers={"rpms": {"php": ("@kde", "alice")}},
    groups={"kde": frozenset({"carol", "dave"}), "packager": frozenset({"alice", "carol"})},
    aliases={"al": "alice", "alice@example.org": "alice"},
    addresses={"alice": "alice@example.org"},
    ircnicks={"alice": ("al",)},
)


def named(ownership: Mapping[str, Mapping[str, Collection[str]]], package: Package) -> set[str]:
    """The slow and obvious way to look somebody up."""
    return {
        person
        for namespace, by_name in ownership.items() if package.namespace in {"", namespace}
        for name, people in by_name.items() if name == package.name
        for person in people
    }


def expanded(part: DirectoryPart, names: set[str]) -> set[str]:
    people = {name for name in names if not name.startswith("@")}
    for group, members in part.groups.items():
        if f"@{group}" in names:
            people |= set(members)
    return people


def turned_round(value: Any) -> Any:
    """The same maps and lists the other way round, whose order doesn't matter."""
    if isinstance(value, dict):
        return {key: turned_round(value[key]) for key in reversed(value)}
    return value[::-1] if isinstance(value, list) else value


class TestOwners:
    @given(parts, packages)
    def test_committers_are_those_of_a_naive_model(self, part: DirectoryPart, package: Package) -> None:
        owners = merge([part]).owners(package, Relation.COMMIT)

        assert owners == expanded(part, named(part.committers, package))

    @given(parts, packages)
    def test_watchers_are_those_of_a_naive_model(self, part: DirectoryPart, package: Package) -> None:
        watchers = part.committers if part.watchers is None else part.watchers

        assert merge([part]).owners(package, Relation.WATCH) == expanded(part, named(watchers, package))

    @given(parts, packages)
    def test_any_is_commit_and_watch_together(self, part: DirectoryPart, package: Package) -> None:
        directory = merge([part])

        assert directory.owners(package, Relation.ANY) == (
            directory.owners(package, Relation.COMMIT) | directory.owners(package, Relation.WATCH))

    @given(parts, packages)
    def test_groups_that_commit_are_those_listed(self, part: DirectoryPart, package: Package) -> None:
        assert merge([part]).owning_groups(package) == {
            name[1:] for name in named(part.committers, package) if name.startswith("@")}

    @given(parts, st.sampled_from(Relation), st.sampled_from(NICKS))
    def test_somebody_s_packages_are_those_that_they_own(
        self, part: DirectoryPart, relation: Relation, nick: str,
    ) -> None:
        directory = merge([part])

        found = set(directory.packages_of([nick], relation))

        assert found == {name for name in PACKAGES if nick in directory.owners(Package("", name), relation)}

    def test_a_group_s_packages_are_not_its_members(self) -> None:
        directory = Directory(
            committers={"rpms": {"php": ("alice",), "ruby": ("@kde", "bob")}, "modules": {"kde": ("@kde",)}},
            groups={"kde": frozenset({"alice"})})

        assert sorted(directory.packages_of(["@kde"], Relation.COMMIT)) == ["kde", "ruby"]
        assert sorted(directory.packages_of(["alice"], Relation.COMMIT)) == ["kde", "php", "ruby"]

    def test_the_order_of_questions_does_not_matter(self) -> None:
        # Given somebody who asked for all that have to do with php, which FMN 2 then remembered
        php = Package("rpms", "php")
        assert DIRECTORY.owners(php, Relation.ANY) == {"alice", "carol", "dave"}

        # When asking for those who may commit
        committers = DIRECTORY.owners(php, Relation.COMMIT)

        # Then the watchers aren't among them
        assert committers == {"alice"}

    def test_a_package_in_another_namespace_is_another_package(self) -> None:
        assert DIRECTORY.owners(Package("modules", "php"), Relation.ANY) == {"bob"}

    def test_a_package_without_a_namespace_is_any_of_that_name(self) -> None:
        assert DIRECTORY.owners(Package("", "php"), Relation.COMMIT) == {"alice", "bob"}

    def test_nobody_owns_what_is_unheard_of(self) -> None:
        assert DIRECTORY.owners(Package("rpms", "nothing"), Relation.ANY) == frozenset()
        assert DIRECTORY.owners(Package("nowhere", "php"), Relation.ANY) == frozenset()

    def test_an_unknown_group_has_no_members(self) -> None:
        directory = Directory(committers={"rpms": {"php": ("@ghosts", "alice")}})

        assert directory.owners(Package("rpms", "php"), Relation.COMMIT) == {"alice"}


class TestGroups:
    @given(parts)
    def test_groups_and_members_agree(self, part: DirectoryPart) -> None:
        directory = merge([part])

        for nick in NICKS:
            assert directory.groups_of(nick) == {
                group for group, members in part.groups.items() if nick in members}

    def test_strangers_are_in_no_group(self) -> None:
        assert DIRECTORY.groups_of("mallory") == frozenset()

    def test_people_in_the_same_groups_share_one_set(self) -> None:
        directory = Directory(groups={"a": frozenset({"alice", "bob"}), "b": frozenset({"bob", "alice"})})

        assert directory.groups_of("alice") is directory.groups_of("bob")


class TestAccount:
    def test_a_nick_and_an_address_lead_to_their_account(self) -> None:
        assert DIRECTORY.account("al") == "alice"
        assert DIRECTORY.account("alice@example.org") == "alice"

    def test_upper_and_lower_case_are_the_same(self) -> None:
        assert DIRECTORY.account("Alice@Example.ORG") == "alice"

    def test_nobody_has_an_unknown_nick(self) -> None:
        assert DIRECTORY.account("mallory") is None

    def test_an_address_in_our_domain_names_its_account(self) -> None:
        directory = Directory(email_domain="Example.org")

        assert directory.account("bob@example.org") == "bob"
        assert directory.account("bob@example.com") is None
        assert directory.account("@example.org") is None
        assert directory.account("example.org") is None

    def test_an_alias_counts_before_our_domain(self) -> None:
        directory = Directory(aliases={"boss@example.org": "alice"}, email_domain="example.org")

        assert directory.account("boss@example.org") == "alice"


class TestAddress:
    def test_it_is_what_the_directory_says(self) -> None:
        assert DIRECTORY.address("alice") == "alice@example.org"

    def test_it_is_not_known_of_strangers(self) -> None:
        assert DIRECTORY.address("mallory") is None

    def test_our_domain_is_for_those_without_an_own_one(self) -> None:
        directory = Directory(addresses={"alice": "alice@home.example"}, email_domain="example.org")

        assert directory.address("alice") == "alice@home.example"
        assert directory.address("bob") == "bob@example.org"


class TestVersion:
    @given(parts)
    def test_it_does_not_depend_on_the_order_of_anything(self, part: DirectoryPart) -> None:
        turned = DirectoryPart(*(turned_round(getattr(part, field.name)) for field in fields(part)))

        assert merge([turned]).version == merge([part]).version

    @given(parts, parts)
    def test_other_content_has_another_version(self, one: DirectoryPart, other: DirectoryPart) -> None:
        first, second = merge([one]), merge([other])

        assert (first == second) == (first.version == second.version)

    def test_who_moves_from_commit_to_watch_changes_it(self) -> None:
        ownership = {"rpms": {"php": ("alice",)}}

        assert Directory(committers=ownership).version != Directory(watchers=ownership).version

    def test_the_domain_is_part_of_it(self) -> None:
        assert Directory().version != Directory(email_domain="example.org").version

from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog import Package, Severity, catalog
from fmn.catalog.applications.koschei import concerns_group
from tests.messages import described, facts

KOSCHEI = "https://koschei.fedoraproject.org"
PACKAGE = {
    "name": "moss", "old": "ok", "new": "failing", "collection": "f44", "collection_name": "Fedora 44",
    "koji_instance": "primary", "groups": ["forest", "perl"],
}
COLLECTION = {"old": "ok", "new": "unresolved", "collection": "f44", "collection_name": "Fedora 44"}


def test_a_package_that_fails_concerns_itself() -> None:
    known = facts("koschei.package.state.change", PACKAGE)
    told = described("koschei.package.state.change", PACKAGE)

    assert known.packages == {Package("rpms", "moss")}
    assert known.usernames == frozenset()
    assert known.event.severity is Severity.ERROR
    assert told.summary == "Builds of moss in Fedora 44 began to fail"
    assert told.link == f"{KOSCHEI}/package/moss?collection=f44"
    assert told.secondary_icon == "https://apps.fedoraproject.org/packages/images/icons/moss.png"
    assert told.long == "Package: moss\nCollection: Fedora 44\nBefore: ok\nNow: failing\nGroups: forest, perl"


@pytest.mark.parametrize(("old", "new", "name", "said"), [
    ("ignored", "ok", "koschei_package_added", "Koschei began to watch moss in Fedora 44"),
    ("failing", "ok", "koschei_package_ok", "Builds of moss in Fedora 44 succeed again"),
    ("ok", "unresolved", "koschei_package_unresolved", "Dependencies of moss in Fedora 44 are missing"),
    ("ok", "ignored", "koschei_package_ignored", "Koschei no longer watches moss in Fedora 44"),
    ("ok", "blocked", "koschei_package_other_state", "The state of moss in Fedora 44 changed to blocked"),
    ("ok", None, "koschei_package_other_state", "The state of moss in Fedora 44 changed"),
])
def test_each_state_of_a_package_is_an_event_type(old: str, new: str | None, name: str, said: str) -> None:
    body = {**PACKAGE, "old": old, "new": new}

    assert facts("koschei.package.state.change", body).event.name == name
    assert described("koschei.package.state.change", body).summary == said


def test_the_first_messages_named_a_repository_and_had_no_collection() -> None:
    body = {"name": "moss", "old": "ok", "new": "failing", "repo": "f23-build", "koji_instance": "arm"}
    told = described("koschei.package.state.change", body)

    assert told.summary == "Builds of moss in f23-build began to fail (arm)"
    assert told.link == f"{KOSCHEI}/package/moss"


@pytest.mark.parametrize(("old", "new", "said"), [
    ("unknown", "ok", "Koschei began to watch Fedora 44"),
    ("unresolved", "ok", "The buildroot of Fedora 44 was fixed"),
    ("ok", "unresolved", "The buildroot of Fedora 44 is broken"),
    ("ok", "odd", "The state of Fedora 44 changed to odd"),
])
def test_a_collection_concerns_no_package(old: str, new: str, said: str) -> None:
    body = {**COLLECTION, "name": "moss", "old": old, "new": new}
    told = described("koschei.collection.state.change", body)

    assert facts("koschei.collection.state.change", body).packages == frozenset()
    assert told.summary == said
    assert told.link == f"{KOSCHEI}/collection/f44"


@pytest.mark.parametrize(("wanted", "body", "expected"), [
    ("perl", PACKAGE, True),
    ("c_packages, perl", PACKAGE, True),
    ("per", PACKAGE, False),
    ("", PACKAGE, False),
    ("perl", {**PACKAGE, "groups": None}, False),
    ("perl", COLLECTION, False),
])
def test_a_group_is_one_of_the_package_s(wanted: str, body: Any, expected: bool) -> None:
    assert concerns_group(facts("koschei.package.state.change", body), {"group": wanted}) is expected
    assert not concerns_group(facts("pagure.project.new", body), {"group": wanted})


def test_any_change_of_a_package_s_state_is_a_rule_too() -> None:
    rules = {rule.name: rule for rule in catalog().applications["koschei"].rules}

    assert len(rules["koschei_package_state_change"].any_of) == 6


def test_a_package_concerns_the_groups_that_care_for_it() -> None:
    assert facts("koschei.package.state.change", {"name": "moss", "groups": ["forest"]}).groups == {"forest"}

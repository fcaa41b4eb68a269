from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog import Facts, catalog
from fmn.filters.account_creation import accounts_to_create
from fmn.settings import AutocreateSettings
from tests.messages import facts

SETTINGS = AutocreateSettings(events=("fas_group_member_sponsor", "fedbadges_badge_award"))


def sponsored(user: Any, group: Any = "packager") -> Facts:
    return facts("fas.group.member.sponsor", {"agent": "mary", "user": user, "group": group})


def test_whoever_joins_a_group_of_packagers_is_a_newcomer() -> None:
    assert accounts_to_create(sponsored("sam"), SETTINGS) == {"sam"}


def test_whoever_joins_another_group_is_none() -> None:
    assert accounts_to_create(sponsored("sam", "gardeners"), SETTINGS) == frozenset()


def test_other_events_make_no_newcomers() -> None:
    assert accounts_to_create(sponsored("sam"), AutocreateSettings()) == frozenset()
    left = facts("fas.group.member.remove", {"agent": "mary", "user": "sam", "group": "packager"})
    assert accounts_to_create(left, SETTINGS) == frozenset()


def test_whoever_is_awarded_a_badge_is_a_newcomer() -> None:
    (badge,) = (event for event in catalog().event_types() if event.name == "fedbadges_badge_award")

    assert accounts_to_create(catalog().facts(badge.example_message()), SETTINGS) == {"mary"}


@pytest.mark.parametrize("name", [
    "@python", "", " ", "sam tom", "sam,tom", "sam\n", "x" * 65, "-sam", "ßam", None, 7.5, {}, ["sam"]])
def test_what_cannot_be_an_account_is_no_newcomer(name: Any) -> None:
    assert accounts_to_create(sponsored(name), SETTINGS) <= {"7.5"}

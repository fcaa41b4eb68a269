"""The rules that one may choose from."""

from __future__ import annotations

import pytest

from fmn.catalog import catalog
from fmn.filters.rule_types import rule_types
from webapp.filters.rule_picker import MAX_SHOWN, PickedRules, rule_picker

CHOICE = rule_picker(rule_types(), catalog())


def names(choice: PickedRules) -> list[str]:
    return [offer.name for group in choice.shown for offer in group.offers]


def test_every_rule_that_is_offered_is_there_once_and_those_for_any_message_come_first() -> None:
    everything = [offer.name for group in CHOICE.groups for offer in group.offers]
    assert sorted(everything) == sorted(
        rule_type.name for rule_type in rule_types().by_name.values() if rule_type.offered)
    assert [group.title for group in CHOICE.groups[:2]] == ["Any message", "Account system"]


def test_one_who_looks_for_nothing_sees_what_any_message_can_be_asked() -> None:
    assert CHOICE.pick() == CHOICE.pick(" ") == CHOICE.pick("", "no such application")
    assert "user_package_filter" in names(CHOICE.pick())


def test_an_application_shows_its_rules_with_examples() -> None:
    (group,) = CHOICE.pick(application="bodhi").shown
    comment = next(offer for offer in group.offers if offer.name == "bodhi_update_comment")
    assert (group.title, comment.title) == ("Bodhi", "Comment on an update")
    assert comment.example.startswith("tom commented on the update moss")
    catchall = next(offer for offer in group.offers if offer.name == "bodhi_catchall")
    assert catchall.example


def test_a_search_finds_rules_that_have_all_its_words_those_in_titles_first() -> None:
    found = CHOICE.pick("UPDATE comment", "bodhi")
    assert names(found)[0] == "bodhi_update_comment"
    assert names(CHOICE.pick("bodhi_update_comm")) == ["bodhi_update_comment"]
    assert names(CHOICE.pick("update comment", "wiki")) == []


@pytest.mark.parametrize(("search", "first"), [
    ("failed builds", ["koji_build_failed", "copr_build_failed"]),
    ("builds that failed", ["koji_build_failed", "copr_build_failed"]),
    ("package", ["package_filter"]), ("person", ["user_filter"]), ("group", ["group"]),
    ("errors", ["severity"]), ("warnings", ["severity"]), ("except my own", ["user_filter", "actor"]),
    ("packages of a group", ["group_maintains"]), ("packages of my team", ["group_maintains"]),
])
def test_a_search_finds_rules_as_newcomers_call_them(search: str, first: list[str]) -> None:
    found = CHOICE.pick(search)
    assert not found.partial
    assert names(found)[0] in first


def test_a_search_whose_words_are_in_no_rule_together_finds_those_with_most() -> None:
    found = CHOICE.pick("update comment yesterday")
    assert found.partial
    assert names(found)[0] == "bodhi_update_comment"
    assert CHOICE.pick("yesterday") == PickedRules("yesterday", "", ())


def test_words_that_say_nothing_are_looked_for_if_there_are_no_others() -> None:
    assert names(CHOICE.pick("not")) != names(CHOICE.pick())


def test_a_search_that_finds_too_much_says_how_much() -> None:
    found = CHOICE.pick("e")
    assert len(names(found)) == MAX_SHOWN
    everything = sum("e" in offer.words for group in CHOICE.groups for offer in group.offers)
    assert found.left_out == everything - MAX_SHOWN

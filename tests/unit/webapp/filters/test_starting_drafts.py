"""What a new filter begins with."""

from __future__ import annotations

from fmn.catalog import Message, Package, catalog
from fmn.filters.expressions import ME
from fmn.filters.rule_types import rule_types
from tests.factories.messages import NOON, make_facts, make_message
from webapp.filters.rule_groups import RuleRow
from webapp.filters.starting_drafts import MAX_PACKAGES, draft_from_message, draft_from_rules

TYPES = rule_types()
COMMENT = Message("2026-1", "org.fedoraproject.prod.bodhi.update.comment", NOON, {})


def test_a_link_names_rules_and_whatever_it_names_besides_is_left_out() -> None:
    draft = draft_from_rules(["koji_tag", "no_such_rule", "user_filter"], TYPES)
    assert draft.root.parts == (RuleRow("koji_tag"), RuleRow("user_filter", arguments={"fasnick": ME}))
    assert draft_from_rules([], TYPES).empty


def test_a_message_gives_its_kind_and_its_packages() -> None:
    facts = make_facts(COMMENT, usernames={"alice"}, packages={Package("rpms", "moss"), Package("", "fern")})
    assert draft_from_message(facts, "alice", TYPES).root.parts == (
        RuleRow("bodhi_update_comment"), RuleRow("package_filter", arguments={"package": "fern, rpms/moss"}))


def test_a_message_about_me_or_about_too_many_packages_gives_its_kind_and_me() -> None:
    many = {Package("rpms", f"p{number}") for number in range(MAX_PACKAGES + 1)}
    me = RuleRow("user_filter", arguments={"fasnick": ME})
    for packages in (set[Package](), many):
        facts = make_facts(COMMENT, usernames={"alice"}, packages=packages)
        assert draft_from_message(facts, "alice", TYPES).root.parts == (RuleRow("bodhi_update_comment"), me)
        assert draft_from_message(facts, "mallory", TYPES).root.parts == (RuleRow("bodhi_update_comment"),)


def test_a_message_about_groups_and_not_about_me_gives_its_kind_and_them() -> None:
    facts = make_facts(COMMENT, usernames={"alice"}, groups={"qa", "infra"})
    of_groups = RuleRow("group", arguments={"group": "infra, qa"})
    comment = RuleRow("bodhi_update_comment")
    assert draft_from_message(facts, "mallory", TYPES).root.parts == (comment, of_groups)
    assert of_groups not in draft_from_message(facts, "alice", TYPES).root.parts


def test_a_message_that_the_catalogue_does_not_know_gives_its_topic() -> None:
    draft = draft_from_message(catalog().facts(make_message()), "alice", TYPES)
    pattern = "org.example.dev.oven.cake.done"
    assert draft.root.parts == (RuleRow("topic_filter", arguments={"pattern": pattern}),)

"""What a new filter begins with."""

from __future__ import annotations

from fmn.catalog import Message, Package, catalog
from fmn.filters.expressions import ME
from fmn.filters.rule_types import rule_types
from tests.factories.messages import NOON, make_facts, make_message
from webapp.filters.drafts import Row
from webapp.filters.starting_drafts import MOST_PACKAGES, from_message, from_rules

TYPES = rule_types()
COMMENT = Message("2026-1", "org.fedoraproject.prod.bodhi.update.comment", NOON, {})


def test_a_link_names_rules_and_whatever_it_names_besides_is_left_out() -> None:
    draft = from_rules(["koji_tag", "no_such_rule", "user_filter"], TYPES)
    assert draft.rows == (Row("koji_tag"), Row("user_filter", arguments={"fasnick": ME}))
    assert from_rules([], TYPES).empty


def test_a_message_gives_its_kind_and_its_packages() -> None:
    facts = make_facts(COMMENT, usernames={"alice"}, packages={Package("rpms", "moss"), Package("", "fern")})
    assert from_message(facts, "alice", TYPES).rows == (
        Row("bodhi_update_comment"), Row("package_filter", arguments={"package": "fern, rpms/moss"}))


def test_a_message_about_me_or_about_too_many_packages_gives_its_kind_and_me() -> None:
    many = {Package("rpms", f"p{number}") for number in range(MOST_PACKAGES + 1)}
    me = Row("user_filter", arguments={"fasnick": ME})
    for packages in (set[Package](), many):
        facts = make_facts(COMMENT, usernames={"alice"}, packages=packages)
        assert from_message(facts, "alice", TYPES).rows == (Row("bodhi_update_comment"), me)
        assert from_message(facts, "mallory", TYPES).rows == (Row("bodhi_update_comment"),)


def test_a_message_that_the_catalogue_does_not_know_gives_its_topic() -> None:
    draft = from_message(catalog().facts(make_message()), "alice", TYPES)
    assert draft.rows == (Row("topic_filter", arguments={"pattern": "org.example.dev.oven.cake.done"}),)

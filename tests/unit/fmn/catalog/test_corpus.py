"""The catalogue against recorded messages: the facts that were known of them, and FMN 2's rules."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from fmn.catalog import ApplicationRule, Facts, catalog
from tests.cases import case, every
from tests.corpus import ACCOUNTS, Recorded, needs_corpus, recorded, rules

pytestmark = needs_corpus

FIELDS = ("title", "link", "icon", "secondary_icon", "usernames", "packages", "agent")

#: FMN 2 compared these rules' whole topic with that of its own installation, and it was asked as a ``dev``
#: one, which sent none of the recorded messages. As event types they hold in any environment.
WHOLE_TOPIC = {
    "git_branch": "git.branch", "git_receive": "git.receive", "mdapi_repo_update": "mdapi.repo.update",
}

RECORDED = recorded()
KNOWN = [entry for entry in RECORDED if entry.message.category in catalog().applications]
EVENT_NAMES = {event.name for event in catalog().event_types()}
APPLICATION_RULES = {rule.name: rule for a in catalog().applications.values() for rule in a.rules}
CATCHALLS = {a.catchall: a.category for a in catalog().applications.values() if a.catchall}
RULES = {
    name: rule for name, rule in rules().items()
    if name in EVENT_NAMES or name in APPLICATION_RULES or name in CATCHALLS
}


@cache
def known_facts() -> Mapping[str, Facts]:
    """What the catalogue knows of each recorded message, by its name."""
    return {entry.name: catalog().facts(entry.message, ACCOUNTS.get) for entry in RECORDED}


def read(entry: Recorded, field: str) -> Any:
    facts = known_facts()[entry.name]
    if field == "packages":
        return sorted(facts.package_names)
    if field == "usernames":
        return sorted(facts.usernames)
    if field == "agent":
        return facts.agent
    return getattr(catalog().describe(entry.message, ACCOUNTS.get), field)


@pytest.mark.parametrize("field", FIELDS)
def test_facts_agree_with_what_was_known(field: str) -> None:
    stated = [entry for entry in KNOWN if field in entry.facts]
    wrong = {
        entry.name: (read(entry, field), entry.facts[field]) for entry in stated
        if not entry.agrees(field, read(entry, field))
    }
    print(f"{field}: {len(stated) - len(wrong)} of {len(stated)}")  # noqa: T201 - the count is worth seeing
    assert wrong == {}


def test_every_recorded_message_of_a_known_application_has_an_event_type() -> None:
    assert [entry.name for entry in KNOWN if not catalog().knows(entry.message)] == []


def test_every_summary_is_a_plain_sentence() -> None:
    for entry in KNOWN:
        summary = catalog().describe(entry.message).summary
        with case(entry.name):
            assert summary == " ".join(summary.split())
            assert not summary.endswith(".")
            for raw in ("None", "{", "}", "null"):
                assert raw not in summary


def holds(name: str, facts: Facts, arguments: Mapping[str, str]) -> bool:
    if name in EVENT_NAMES:
        return facts.event.name == name
    if name in CATCHALLS:
        return facts.message.category == CATCHALLS[name]
    return application_rule_holds(APPLICATION_RULES[name], facts, arguments)


def application_rule_holds(rule: ApplicationRule, facts: Facts, arguments: Mapping[str, str]) -> bool:
    if rule.holds is None:
        return facts.event.name in rule.any_of
    return rule.holds(facts, arguments)


@every("name", RULES)
def test_rules_hold_for_the_messages_that_fmn_2_s_rules_held_for(name: str) -> None:
    facts = known_facts()
    for asked in RULES[name]["cases"]:
        expected = set(asked["true"])
        if name in WHOLE_TOPIC:
            expected = {entry.name for entry in RECORDED if entry.message.title == WHOLE_TOPIC[name]}
        assert {entry for entry, known in facts.items() if holds(name, known, asked["with"])} == expected


def test_no_rule_that_fmn_2_had_for_these_applications_is_missing() -> None:
    # Some applications were listed under another name than their category's.
    ours = {
        "bodhi", "buildsys", "git", "pagure", "fas", "fedbadges", "coprs", "faf", "fedoratagger",
        "fmn_notifications", "mdapi", "nagios", "summershum", "compose", "ci", "taskotron", "greenwave",
        "autocloud", "koschei", "kerneltest", "fedimg",
    }

    assert {name for name, rule in rules().items() if rule["category"] in ours} - set(RULES) == set()

"""The generic rules against recorded messages, on which FMN 2's rules were asked the same."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from benchmarks.naive_matcher import NaiveEvaluator
from fmn.catalog import catalog
from fmn.directory.snapshot import Directory
from fmn.filters.conditions import CheckedMessage, keys_of, owner_keys, owners_of
from fmn.filters.expressions import Rule
from fmn.filters.rule_types import GENERIC_RULES, rule_types
from fmn.matching.compiler import MessageEvaluation, compile_expression
from tests.corpus import ACCOUNTS, CORPUS, differing, needs_corpus, recorded

pytestmark = needs_corpus

#: FMN 2's raised on every message, so nothing is known of them.
UNKNOWN = {"regex_filter", "package_regex_filter"}
#: FMN 2 had none such.
NEW = {"group", "group_maintains", "member", "topic_filter", "actor", "maintains", "watches", "severity",
       "field", "field_regex"}


@cache
def truth() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((CORPUS / "rules" / "truth.json").read_text(encoding="utf-8"))
    return found


@cache
def directory() -> Directory:
    """The one that FMN 2's rules were asked with. It mixed committers and watchers up."""
    asked: Mapping[str, Any] = truth()["asked_with_directory"]
    owners: defaultdict[str, defaultdict[str, tuple[str, ...]]] = defaultdict(lambda: defaultdict(tuple))
    for nick, namespaces in asked["owners"].items():
        for namespace, packages in namespaces.items():
            for package in packages:
                owners[namespace][package] += (nick,)
    groups = {group: frozenset(members) for group, members in asked["groups"].items()}
    return Directory(committers=owners, watchers=owners, groups=groups)


@pytest.mark.parametrize("name", sorted({rule.name for rule in GENERIC_RULES} - UNKNOWN - NEW))
def test_generic_rules_hold_for_the_messages_that_fmn_2_s_rules_held_for(name: str) -> None:
    facts = {
        entry.name: catalog().facts(entry.message, ACCOUNTS.get)
        for entry in recorded() if entry.message.category in catalog().applications
    }
    views = {
        entry: MessageEvaluation(
            CheckedMessage(read),
            keys_of(read, directory()) | owner_keys(read, owners_of(read, directory()), directory()))
        for entry, read in facts.items()
    }
    naive = NaiveEvaluator({}, directory(), catalog())
    for case in truth()["rules"][name]["cases"]:
        rule = Rule.of(name, case["with"])
        clause = compile_expression(rule, rule_types())
        expected = set(case["true"]) & facts.keys()
        held = {entry for entry, view in views.items() if clause.holds(view, 0)}
        assert differing(name, held, expected) == []
        assert {entry for entry, read in facts.items() if naive.holds(rule, read, "")} == held

"""Starting drafts of new filters: from rules that a link names, or from a message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from typing import Final

from fmn.catalog import Facts
from fmn.filters.expressions import ACCOUNT_ARGUMENT, ME
from fmn.filters.generic_rules import TOPIC_RULE
from fmn.filters.rule_types import RuleTypes
from webapp.filters.drafts import Draft
from webapp.filters.rule_groups import RuleGroup, RuleRow

#: Packages or groups of a message that a filter begins with, at most. What is about more isn't about one.
MAX_PACKAGES: Final = 3


def draft_from_rules(names: Iterable[str], rule_types: RuleTypes) -> Draft:
    """A draft with the rules of these names. Unknown names are left out."""
    known = (rule_types.by_name[name] for name in names if name in rule_types.by_name)
    return reduce(lambda draft, rule_type: draft.with_rule(rule_type, rule_types)[0], known, Draft())


def draft_from_message(facts: Facts, nick: str, rule_types: RuleTypes) -> Draft:
    """A draft that matches messages like this one: its event type, its packages, me, or its groups."""
    return Draft(root=RuleGroup(parts=(_kind(facts, rule_types), *_about(facts, nick))))


def _kind(facts: Facts, rule_types: RuleTypes) -> RuleRow:
    if facts.event.name in rule_types.by_name:
        return RuleRow(facts.event.name)
    return RuleRow(TOPIC_RULE, arguments={"pattern": facts.message.topic})


def _about(facts: Facts, nick: str) -> Iterator[RuleRow]:
    packages = sorted(map(str, facts.packages))
    if 0 < len(packages) <= MAX_PACKAGES:
        yield RuleRow("package_filter", arguments={"package": ", ".join(packages)})
    elif nick in facts.usernames:
        yield RuleRow("user_filter", arguments={ACCOUNT_ARGUMENT: ME})
    elif 0 < len(facts.groups) <= MAX_PACKAGES:
        yield RuleRow("group", arguments={"group": ", ".join(sorted(facts.groups))})

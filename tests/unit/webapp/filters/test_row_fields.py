"""Fields of the editor's rows, and its groups."""

from __future__ import annotations

import pytest

from fmn.catalog import catalog
from fmn.filters.default_filters import default_filters
from fmn.filters.rule_types import rule_types
from fmn.matching.completion import CompletionKind
from webapp.filters.drafts import Draft
from webapp.filters.row_fields import EditorGroup, EditorRow, editor_group, missing_arguments
from webapp.filters.rule_groups import GroupKind, RuleGroup, RuleRow

TYPES = rule_types()
UNWANTED = RuleRow("koji_tag", wanted=False)


def shown(
    *parts: RuleRow | RuleGroup, kind: GroupKind = GroupKind.ALL, validated: bool = False,
) -> EditorGroup:
    return editor_group(Draft(root=RuleGroup(kind, parts)), TYPES, catalog(), validated=validated)


@pytest.mark.parametrize(("rule", "completes", "lists"), [
    ("group", CompletionKind.GROUPS, True), ("fas_group_member_filter", CompletionKind.GROUPS, True),
    ("group_maintains", CompletionKind.OWNING_GROUPS, True),
    ("member", CompletionKind.USERS, True), ("package_filter", CompletionKind.PACKAGES, True),
    ("severity", "", False), ("regex_filter", "", False), ("koji_instance", "", True),
])
def test_arguments_are_completed_by_what_they_name(rule: str, completes: str, lists: bool) -> None:
    (row,) = shown(RuleRow(rule)).parts

    assert isinstance(row, EditorRow)
    assert [(field.completes, field.lists) for field in row.fields] == [(completes, lists)]


@pytest.mark.parametrize(("value", "offered"), [
    ("", ["info", "warning", "error"]), ("error", ["info", "warning", "error"]),
    ("debug", ["debug", "info", "warning", "error"]), ("Error", ["Error", "info", "warning", "error"]),
])
def test_a_severity_is_one_of_few_and_none_is_lost(value: str, offered: list[str]) -> None:
    (row,) = shown(RuleRow("severity", arguments={"severity": value})).parts

    assert isinstance(row, EditorRow)
    (field,) = row.fields
    assert (field.radios, field.choices) == (True, tuple(offered))


def test_a_list_of_few_values_is_typed_and_completed() -> None:
    (row,) = shown(RuleRow("koji_instance", arguments={"instance": "arm, x"})).parts

    assert isinstance(row, EditorRow)
    (field,) = row.fields
    assert (field.radios, field.choices) == (False, ("primary", "arm", "ppc", "s390"))


def test_a_rule_says_of_which_application_it_is() -> None:
    tag, mine = shown(RuleRow("koji_tag"), RuleRow("user_filter")).parts
    assert isinstance(tag, EditorRow)
    assert isinstance(mine, EditorRow)
    assert (tag.category, tag.application, mine.application) == ("buildsys", "Koji", "")


def test_exceptions_of_a_conjunction_are_by_themselves_and_many_are_folded() -> None:
    root = shown(UNWANTED, RuleRow("user_filter"), UNWANTED)
    assert [len(root.parts), [each.number for each in root.exceptions], root.folded] == [1, [0, 2], False]
    assert shown(*[UNWANTED] * 4).folded
    assert not shown(*[UNWANTED] * 3, RuleRow("koji_tagg", wanted=False), validated=True).folded
    assert len(shown(UNWANTED, UNWANTED, kind=GroupKind.ANY).parts) == 2


def test_the_default_filters_say_from_which_applications_not() -> None:
    draft = Draft.of("", default_filters(TYPES)["Events referring to my username"], TYPES)
    root = editor_group(draft, TYPES, catalog())
    assert (len(root.parts), len(root.exceptions), root.folded) == (1, 29, True)
    assert root.excepted_applications[:3] == ["Koji", "Copr", "summershum"]


def test_groups_are_numbered_as_one_reads() -> None:
    root = shown(RuleGroup(parts=(RuleGroup(), RuleRow("koji_tag"))), RuleGroup())
    assert [(each.name, each.number, each.parent, each.level) for each in root.groups] == [
        (0, None, None, 0), (1, 0, None, 1), (2, 1, 0, 2), (3, 3, None, 1)]


def test_what_is_empty_is_missing() -> None:
    draft = Draft(root=RuleGroup(parts=(
        RuleRow("package_filter"), RuleRow("field", arguments={"path": "a"}),
        RuleGroup(parts=(RuleGroup(),)))))
    assert missing_arguments(draft, TYPES) == [
        "Fill in “Package” in the rule “Concerns a package”.",
        "Fill in “Value” in the rule “Has a field with a value”.",
        "A group is empty. Add a rule to it, or remove it."]

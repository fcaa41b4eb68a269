"""Fields of the editor's rows."""

from __future__ import annotations

import pytest

from fmn.filters.rule_types import rule_types
from fmn.matching.completion import CompletionKind
from webapp.filters.drafts import Draft, RuleRow
from webapp.filters.row_fields import editor_rows


@pytest.mark.parametrize(("rule", "completes"), [
    ("group", CompletionKind.GROUPS), ("fas_group_member_filter", CompletionKind.GROUPS),
    ("member", CompletionKind.USERS), ("package_filter", CompletionKind.PACKAGES), ("regex_filter", ""),
])
def test_arguments_are_completed_by_what_they_name(rule: str, completes: str) -> None:
    (row,) = editor_rows(Draft(rows=(RuleRow(rule),)), rule_types())

    assert [field.completes for field in row.fields] == [completes]

from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog.accounts_in_messages import avatar
from tests.messages import described, facts

BODY = {"changed": "details", "context": "email", "openid": "mary.id.fedoraproject.org"}


def test_a_preference_belongs_to_who_has_the_openid() -> None:
    told = described("fmn.preference.update", BODY)

    assert facts("fmn.preference.update", BODY).agent == "mary"
    assert told.summary == "mary changed where notifications go for email"
    assert told.link == "https://apps.fedoraproject.org/notifications/"
    assert told.secondary_icon == avatar("mary")


@pytest.mark.parametrize(("title", "body", "summary"), [
    ("preference.update", {**BODY, "changed": "enabled"},
     "mary changed whether notifications are sent for email"),
    ("preference.update", {**BODY, "changed": "new_thing"}, "mary changed the new thing for email"),
    ("preference.update", {}, "Somebody changed something"),
    ("filter.update", {**BODY, "changed": "rules"}, "mary changed the rules of a filter for email"),
    ("rule.update", {**BODY, "changed": "arguments"}, "mary changed the arguments of a rule for email"),
    ("confirmation.update", {**BODY, "changed": "status"},
     "mary changed the status of a confirmation for email"),
    ("rule.create.v1", {"user": {"name": "sam"}, "rule": {"name": "My packages"}},
     'sam made the rule "My packages"'),
    ("rule.delete.v1", {"user": {"name": "sam"}, "rule": {"id": 7}}, "sam deleted a rule"),
])
def test_what_people_change_is_told(title: str, body: dict[str, Any], summary: str) -> None:
    assert described(f"fmn.{title}", body).summary == summary

from __future__ import annotations

from typing import Any

import pytest

from tests.messages import described, facts


@pytest.mark.parametrize(("title", "body", "summary"), [
    ("badge.award", {"user": {"username": "mary"}, "badge": {"name": "Moss Gatherer"}},
     'mary was awarded the badge "Moss Gatherer"'),
    ("person.rank.advance", {"person": {"nickname": "mary", "rank": 7}, "old_rank": None},
     "mary moved to rank 7 by number of badges"),
    ("person.login.first", {"user": {"username": "mary"}}, "mary logged in to the badges for the first time"),
])
def test_todays_server_is_read_as_the_older_one(title: str, body: dict[str, Any], summary: str) -> None:
    assert facts(f"badges.{title}", body).usernames == {"mary"}
    assert facts(f"badges.{title}", body).event.name == f"badges_{title.replace('.', '_')}"
    assert described(f"badges.{title}", body).summary == summary

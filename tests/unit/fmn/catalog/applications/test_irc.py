from __future__ import annotations

import pytest

from fmn.catalog.accounts_in_messages import avatar
from tests.messages import described, facts


@pytest.mark.parametrize(("vote", "gave"), [(1, "gave karma to"), (-1, "took karma from")])
def test_karma_goes_from_one_to_another(vote: int, gave: str) -> None:
    body = {
        "agent": "mary", "recipient": "sam", "vote": vote, "total": 36, "channel": "#moss", "line": "sam++"}
    told = described("irc.karma", body)

    assert facts("irc.karma", body).agent == "mary"
    assert facts("irc.karma", body).usernames == {"mary", "sam"}
    assert told.summary == f"mary {gave} sam on #moss (36 in all)"
    assert told.long == "sam++"
    assert told.link == "https://badges.fedoraproject.org/user/sam"
    assert told.icon == avatar("mary")
    assert told.secondary_icon == avatar("sam")


def test_nobody_in_particular_has_no_picture() -> None:
    told = described("irc.karma", {})

    assert told.summary == "Somebody gave karma to somebody on IRC"
    assert told.icon == told.secondary_icon == ""

from __future__ import annotations

from typing import Any

from fmn.catalog import catalog
from fmn.catalog.accounts_in_messages import avatar
from tests.messages import described, facts

AWARD: dict[str, Any] = {
    "user": {"username": "mary", "badges_user_id": 1},
    "badge": {
        "name": "Moss Gatherer",
        "description": "Gathered moss.",
        "image_url": "https://badges.example.org/m.png",
    },
}


def test_a_badge_is_awarded_to_somebody() -> None:
    known = facts("fedbadges.badge.award", AWARD)
    told = described("fedbadges.badge.award", AWARD)

    assert known.agent == "mary"
    assert known.usernames == {"mary"}
    assert told.summary == 'mary was awarded the badge "Moss Gatherer"'
    assert told.long == "Gathered moss."
    assert told.link == "https://badges.fedoraproject.org/user/mary"
    assert told.secondary_icon == avatar("mary")


def test_the_icon_is_the_badge_s_own_if_it_has_one() -> None:
    def icon(badge: Any) -> str:
        return described("fedbadges.badge.award", {**AWARD, "badge": badge}).icon

    assert icon(AWARD["badge"]) == "https://badges.example.org/m.png"
    assert icon({}) == catalog().applications["fedbadges"].icon
    assert icon({"image_url": "file:///etc/passwd"}) == ""


def test_a_rank_is_told_with_the_one_before() -> None:
    body = {"person": {"nickname": "mary", "rank": 1500}, "old_rank": 1512}

    assert facts("fedbadges.person.rank.advance", body).usernames == {"mary"}
    assert described("fedbadges.person.rank.advance", body).summary == (
        "mary moved to rank 1500 from 1512 by number of badges")
    assert described("fedbadges.person.rank.advance", {**body, "old_rank": None}).summary == (
        "mary moved to rank 1500 by number of badges")


def test_somebody_logs_in_for_the_first_time() -> None:
    assert described("fedbadges.person.login.first", {"user": {"username": "sam"}}).summary == (
        "sam logged in to the badges for the first time")

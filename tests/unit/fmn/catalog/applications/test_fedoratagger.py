from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog import Package
from fmn.catalog.accounts_in_messages import avatar
from tests.messages import described, facts

MARY = {"anonymous": False, "rank": 7, "username": "mary"}
TAG = {"like": 1, "dislike": 0, "package": "moss", "tag": "green"}


def test_a_tag_is_somebody_s_word_on_a_package() -> None:
    body = {"tag": TAG, "vote": {"like": True, "tag": TAG, "user": MARY}}
    known, told = facts("fedoratagger.tag.create", body), described("fedoratagger.tag.create", body)

    assert known.agent == "mary"
    assert known.packages == {Package("", "moss")}
    assert told.summary == 'mary gave moss the tag "green"'
    assert told.link == "https://apps.fedoraproject.org/tagger/moss"
    assert told.secondary_icon == avatar("mary")


def test_the_first_messages_had_the_package_s_tags_by_its_name() -> None:
    tag = {**TAG, "package": {"moss": [{"tag": "green"}, {"tag": "wet"}]}}

    assert facts("fedoratagger.tag.create", {"vote": {"tag": tag, "user": MARY}}).package_names == {"moss"}


@pytest.mark.parametrize(("title", "body", "summary"), [
    ("tag.update", {"vote": {"like": True, "tag": TAG, "user": MARY}},
     'mary voted for the tag "green" of moss'),
    ("tag.update", {"vote": {"like": False, "tag": TAG, "user": MARY}},
     'mary voted against the tag "green" of moss'),
    ("rating.update", {"rating": {"package": {"name": "moss"}, "rating": 75, "user": MARY}},
     "mary rated moss with 75"),
    ("rating.update", {"rating": {"package": {"name": "moss"}, "rating": 75, "user": {"anonymous": True}}},
     "An anonymous user rated moss with 75"),
    ("usage.toggle", {"package": {"name": "moss"}, "user": MARY, "usage": True},
     "mary said that they use moss"),
    ("usage.toggle", {"package": {"name": "moss"}, "user": MARY, "usage": False},
     "mary said that they no longer use moss"),
    ("user.rank.update", {"user": MARY}, "mary moved to rank 7 of those who tag packages"),
    ("user.rank.update", {}, "Somebody moved to another rank of those who tag packages"),
])
def test_votes_ratings_and_ranks_are_told(title: str, body: dict[str, Any], summary: str) -> None:
    assert described(f"fedoratagger.{title}", body).summary == summary


def test_a_rank_concerns_no_package_and_has_no_page() -> None:
    assert facts("fedoratagger.user.rank.update", {"user": MARY}).packages == frozenset()
    assert described("fedoratagger.user.rank.update", {"user": MARY}).link == ""

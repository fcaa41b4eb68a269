from __future__ import annotations

from typing import Any

import pytest

from tests.messages import described, facts

FORUM = "https://discussion.example.org"
POST = {"username": "mary", "post_number": 3, "topic_id": 7, "topic_slug": "too-dry",
        "topic_title": "Too dry", "raw": "What does @ann say?", "reply_to_user": {"username": "sam"}}
TOPIC = {"id": 7, "slug": "too-dry", "title": "Too dry", "created_by": {"username": "sam"}}


def sent(**body: Any) -> dict[str, Any]:
    return {"webhook_body": body, "webhook_headers": {"X-Discourse-Instance": FORUM}}


def test_names_that_are_no_accounts_are_told_and_concern_nobody() -> None:
    body = {**sent(post=POST), "logins_are_accounts": False}

    assert facts("discourse.post.post_created", body).usernames == frozenset()
    assert described("discourse.post.post_created", body).summary == 'mary wrote in the topic "Too dry"'


@pytest.mark.parametrize(("kind", "body", "agent", "usernames", "summary"), [
    ("post.post_created", {"post": POST}, "mary", {"mary", "sam", "ann"},
     'mary wrote in the topic "Too dry"'),
    ("post.post_edited", {"post": POST}, "mary", {"mary"}, 'mary\'s post in the topic "Too dry" was edited'),
    ("post.post_destroyed", {"post": POST}, "mary", {"mary"},
     'mary\'s post in the topic "Too dry" was deleted'),
    ("post.post_recovered", {"post": POST}, "mary", {"mary"},
     'mary\'s post in the topic "Too dry" was brought back'),
    ("solved.accepted_solution", {"solved": POST}, None, {"mary"},
     'mary\'s post was accepted as the solution of the topic "Too dry"'),
    ("like.accepted_solution", {"solved": POST}, None, {"mary"},
     'mary\'s post was accepted as the solution of the topic "Too dry"'),
    ("solved.unaccepted_solution", {"solved": POST}, None, {"mary"},
     'mary\'s post is no longer the solution of the topic "Too dry"'),
    ("like.post_liked", {"like": {"post": POST, "user": {"username": "tom"}}}, "tom", {"mary", "tom"},
     'tom liked mary\'s post in the topic "Too dry"'),
    ("topic.topic_created", {"topic": TOPIC}, "sam", {"sam"}, 'sam began the topic "Too dry"'),
    ("topic.topic_edited", {"topic": TOPIC}, "sam", {"sam"}, 'The topic "Too dry" was edited'),
    ("topic.topic_destroyed", {"topic": TOPIC}, "sam", {"sam"}, 'The topic "Too dry" was deleted'),
    ("topic.topic_recovered", {"topic": TOPIC}, "sam", {"sam"}, 'The topic "Too dry" was brought back'),
    ("topic.topic_closed_status_updated", {"topic": {**TOPIC, "closed": True}}, None, {"sam"},
     'The status of the topic "Too dry" changed to closed'),
    ("user.user_created", {"user": {"username": "sam"}}, None, {"sam"},
     "sam signed up at discussion.example.org"),
    ("user_badge.user_badge_granted",
     {"user_badge": {"user": {"username": "sam"}, "badge": {"name": "Green thumb"}}}, None, {"sam"},
     "sam got the badge Green thumb at discussion.example.org"),
    ("ping.ping", {"ping": "OK"}, None, set(), "The event ping happened at discussion.example.org"),
])
def test_what_happens_at_a_forum_is_told(
    kind: str, body: dict[str, Any], agent: str | None, usernames: set[str], summary: str,
) -> None:
    known = facts(f"discourse.{kind}", sent(**body))

    assert described(f"discourse.{kind}", sent(**body)).summary == summary
    assert known.agent == agent
    assert known.usernames == usernames


def test_posts_of_a_topic_share_its_thread() -> None:
    post = described("discourse.post.post_created", sent(post=POST))
    topic = described("discourse.topic.topic_created", sent(topic=TOPIC))

    assert post.link == f"{FORUM}/t/too-dry/7/3"
    assert post.long == POST["raw"]
    assert post.thread == topic.thread == topic.link == f"{FORUM}/t/too-dry/7"


def test_a_webhook_that_was_set_up_here_is_read_too() -> None:
    body = {"body": {"post": POST}, "headers": {"x-discourse-instance": FORUM}, "agent": None}

    assert described("discourse.post.post_created", body).link == f"{FORUM}/t/too-dry/7/3"
    assert facts("discourse.post.post_created", body).agent == "mary"


def test_without_the_forum_s_address_there_is_no_link() -> None:
    told = described("discourse.post.post_created", {"webhook_body": {"post": POST}})

    assert (told.link, told.thread) == ("", "")


def test_tags_are_told_in_both_forms() -> None:
    tags = ["moss", {"name": "water"}]

    assert described("discourse.topic.topic_created", sent(topic={**TOPIC, "tags": tags})).long == (
        "Tags: moss and water")

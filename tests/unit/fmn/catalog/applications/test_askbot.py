from __future__ import annotations

from typing import Any

import pytest

from tests.messages import described, facts

QUESTION = {"post_type": "question", "text": "How often do I water moss?"}
ANSWER = {"post_type": "answer", "text": "Daily."}
THREAD = {"thread": {"title": "Water?", "tagnames": ["moss"]}, "topmost_post_id": 3}


def test_people_who_are_mentioned_are_concerned() -> None:
    body = {"agent": "mary", "post": ANSWER, "newly_mentioned_users": ["sam", "tom"], **THREAD}

    assert facts("askbot.post.edit", body).agent == "mary"
    assert facts("askbot.post.edit", body).usernames == {"mary", "sam", "tom"}


@pytest.mark.parametrize(("title", "body", "summary"), [
    ("post.edit", {"post": QUESTION, "created": True}, 'mary wrote the question "Water?"'),
    ("post.edit", {"post": ANSWER, "created": True}, 'mary wrote an answer on "Water?"'),
    ("post.edit", {"post": {"post_type": "comment"}}, 'mary edited a comment on "Water?"'),
    ("post.delete", {"instance": ANSWER}, 'mary deleted an answer on "Water?"'),
    ("post.flag_offensive.add", {"instance": QUESTION}, 'mary flagged the question "Water?" as offensive'),
    ("post.flag_offensive.delete", {"instance": ANSWER}, 'mary unflagged an answer on "Water?" as offensive'),
    ("tag.update", {"tags": ["moss", "rain"]},
     'mary changed the tags of the question "Water?" to moss and rain'),
])
def test_questions_and_answers_are_told(title: str, body: dict[str, Any], summary: str) -> None:
    told = described(f"askbot.{title}", {"agent": "mary", **THREAD, **body})

    assert told.summary == summary
    assert told.link == "https://ask.fedoraproject.org/question/3/"


def test_staging_has_questions_of_its_own() -> None:
    assert described("askbot.post.edit", THREAD, environment="stg").link == (
        "https://ask.stg.fedoraproject.org/question/3/")

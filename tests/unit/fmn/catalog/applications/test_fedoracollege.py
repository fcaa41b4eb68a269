from __future__ import annotations

from fmn.catalog import Message, catalog
from fmn.catalog.accounts_in_messages import avatar
from tests.messages import NOON, described, facts

BODY = {"username": "mary", "title": "How moss grows", "description": "From spore to cushion.",
        "link": "https://college.example.org/moss"}


def test_a_lecture_is_told_with_its_title_and_page() -> None:
    told = described("fedoracollege.content.added", BODY)

    assert facts("fedoracollege.content.added", BODY).agent == "mary"
    assert told.summary == 'mary wrote "How moss grows"'
    assert told.long == "From spore to cushion."
    assert told.link == "https://college.example.org/moss"
    assert told.secondary_icon == avatar("mary")
    assert described("fedoracollege.content.edit", BODY).summary == 'mary edited "How moss grows"'
    assert described("fedoracollege.media.upload", {}).summary == "Somebody uploaded something"


def test_a_topic_without_its_first_parts_says_nothing_of_an_application() -> None:
    # Given a message as it was recorded before it got a prefix
    message = Message("2013-1", "fedoracollege.content.added", NOON, BODY)

    # Then nothing is claimed of it
    assert message.title == ""
    assert not catalog().knows(message)
    assert catalog().facts(message).usernames == frozenset()
    assert catalog().describe(message).summary == (
        "Message fedoracollege.content.added from an application that the catalogue doesn't know")

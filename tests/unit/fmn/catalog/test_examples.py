"""What holds for every event type of the catalogue, told by its example."""

from __future__ import annotations

import json

import pytest

from fmn.catalog import Application, EventType, Severity, catalog
from fmn.catalog.group_summaries import group_summary
from tests.every_event import every_event


@every_event
def test_its_example_is_recognised_as_this_very_event_type(event: EventType) -> None:
    assert catalog().facts(event.example_message()).event is event


@every_event
def test_it_has_what_people_need_to_pick_it(event: EventType) -> None:
    assert event.title
    assert event.title[0].isupper()
    assert event.help.endswith(".")
    assert event.help not in (EventType.__doc__ or "")
    assert event.name.isidentifier()
    assert isinstance(event.severity, Severity)


@every_event
def test_its_own_docstring_helps_and_not_that_of_its_base(event: EventType) -> None:
    assert type(event).__doc__


@every_event
def test_its_example_is_json(event: EventType) -> None:
    body = event.example_message().body

    assert json.loads(json.dumps(body)) == body


@every_event
def test_its_summary_is_one_plain_sentence(event: EventType) -> None:
    summary = catalog().describe(event.example_message()).summary

    assert len(summary.split()) > 2
    assert summary == " ".join(summary.split())
    assert not summary.endswith(".")
    for raw in ("None", "{", "}", "[]", "Somebody", event.example_message().title):
        assert raw not in summary


@every_event
def test_several_of_it_are_one_plain_sentence_too(event: EventType) -> None:
    described = catalog().describe(event.example_message())
    said = group_summary([described.group_summary_part] * 3, described.summary)

    assert said == " ".join(said.split())
    assert said.endswith((", 3 times", ", and 2 more like it"))
    for raw in ("None", "{", "}", "[]", "Somebody", event.example_message().title):
        assert raw not in said


@every_event
def test_it_does_not_inherit_a_sentence_about_several_that_says_something_else(event: EventType) -> None:
    def definer(*names: str) -> int:
        """How far away the class is that an attribute comes from."""
        ancestors = type(event).__mro__
        return min(ancestors.index(c) for c in ancestors if not set(names).isdisjoint(vars(c)))

    assert not event.group_summary_template or definer("group_summary_template", "telling") <= definer(
        "says", "summary")


@every_event
def test_its_pages_and_pictures_are_links(event: EventType) -> None:
    description = catalog().describe(event.example_message())

    # Services that have no icon have none here.
    for link in (description.link, description.icon, description.secondary_icon):
        assert link == "" or link.startswith(("https://", "http://"))


@every_event
def test_its_agent_is_among_its_people(event: EventType) -> None:
    facts = catalog().facts(event.example_message())

    assert facts.agent is None or facts.agent in facts.usernames


@pytest.mark.parametrize("application", list(catalog().applications.values()), ids=lambda a: a.category)
def test_every_application_tells_what_it_is(application: Application) -> None:
    assert application.title
    assert application.help.endswith(".")
    for rule in application.rules:
        assert rule.title
        assert rule.help.endswith(".")
        for argument in rule.arguments:
            assert argument.title
            assert argument.sample

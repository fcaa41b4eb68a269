"""Topics: begun, edited, closed, deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fmn.catalog.applications.discourse.base import Discourse, instance, sent, user, webhook
from fmn.catalog.events import Severity
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.catalog.urls import page
from fmn.text import join_series, labelled, quoted

#: Made up for examples.
TOPIC: dict[str, Any] = {
    "id": 46582, "slug": "too-dry", "title": "Too dry on the south side", "posts_count": 1,
    "created_by": {"id": 47, "username": "sam", "name": "Sam Sample"}, "tags": ["moss"], "closed": False,
}


class Topic(Discourse):
    """Something happened to a topic."""

    def topic(self, m: MessageReader) -> JsonNode:
        """The topic that the event is about."""
        return sent(m).at("topic")

    def doer(self, m: MessageReader) -> str:
        return user(self.topic(m), "created_by")

    def link(self, m: MessageReader) -> str:
        root, topic = instance(m), self.topic(m)
        return page(root, "t", topic.text("slug"), topic.text("id")) if root else ""

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        topic = self.topic(m)
        named = quoted(topic.text("title"))
        return {
            **super().template_values(m),
            "topic": f"topic {named}" if named else "topic",
            "named": named or "of some title",
        }

    def long(self, m: MessageReader) -> str:
        return labelled(Tags=join_series(_tag(each) for each in self.topic(m).nodes("tags")))


def _tag(node: JsonNode) -> str:
    """A tag: newer versions of Discourse send objects."""
    return node.text() or node.text("name")


class TopicCreated(Topic):
    """Somebody began a topic."""

    topics = ("discourse.topic.topic_created",)
    rule = "discourse_topic_created"
    title = "New topic"
    summary_template = "{who} began the {topic}"
    group_summary_template = "{who:people} began topics: {named:topics}"
    example = webhook("topic", "topic_created", TOPIC)


class TopicEdited(Topic):
    """A topic's title, category or tags were edited."""

    topics = ("discourse.topic.topic_edited",)
    rule = "discourse_topic_edited"
    title = "Topic edited"
    summary_template = "The {topic} was edited"
    group_summary_template = "Topics were edited: {named:topics}"
    severity = Severity.DEBUG
    example = webhook("topic", "topic_edited", TOPIC)


class TopicDestroyed(Topic):
    """A topic was deleted."""

    topics = ("discourse.topic.topic_destroyed",)
    rule = "discourse_topic_destroyed"
    title = "Topic deleted"
    summary_template = "The {topic} was deleted"
    group_summary_template = "Topics were deleted: {named:topics}"
    severity = Severity.WARNING
    example = webhook("topic", "topic_destroyed", TOPIC)


class TopicRecovered(Topic):
    """A deleted topic was brought back."""

    topics = ("discourse.topic.topic_recovered",)
    rule = "discourse_topic_recovered"
    title = "Topic brought back"
    summary_template = "The {topic} was brought back"
    group_summary_template = "Topics were brought back: {named:topics}"
    example = webhook("topic", "topic_recovered", TOPIC)


class TopicStatus(Topic):
    """A topic was closed, opened, archived, pinned or hidden."""

    topics = ("discourse.topic.*",)
    rule = "discourse_topic_status"
    title = "Topic closed, archived or pinned"
    summary_template = "The status of the {topic} changed{status}"
    group_summary_template = "The status of topics changed{status}: {named:topics}"
    example = webhook("topic", "topic_closed_status_updated", {**TOPIC, "closed": True})
    example_topic = "discourse.topic.topic_closed_status_updated"

    def doer(self, m: MessageReader) -> str:
        # Moderators do this, whom the payload doesn't name.
        return ""

    def concerned(self, m: MessageReader) -> Iterable[str]:
        return (user(self.topic(m), "created_by"),)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        topic = self.topic(m)
        status = join_series(state for state in ("closed", "archived", "pinned") if topic.flag(state))
        return {**super().template_values(m), "status": f" to {status}" if status else ""}


EVENTS = (TopicCreated, TopicEdited, TopicDestroyed, TopicRecovered, TopicStatus)

"""Posts: written, edited, deleted, liked, accepted as a solution."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fmn.catalog.applications.discourse.base import Discourse, instance, sent, user, webhook
from fmn.catalog.events import Severity
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.catalog.urls import page
from fmn.text import quoted

#: Made up for examples.
POST: dict[str, Any] = {
    "id": 79563, "username": "mary", "name": "Mary Made-up", "post_number": 3, "topic_id": 46582,
    "topic_slug": "too-dry", "topic_title": "Too dry on the south side", "raw": "A drop a day will do.",
    "reply_to_user": {"username": "sam", "name": "Sam Sample"}, "category_slug": "garden",
}


class Post(Discourse):
    """Something happened to a post."""

    def post(self, m: MessageReader) -> JsonNode:
        """The post that the event is about."""
        return sent(m).at("post")

    def doer(self, m: MessageReader) -> str:
        return user(self.post(m))

    def concerned(self, m: MessageReader) -> Iterable[str]:
        return (user(self.post(m)),)

    def link(self, m: MessageReader) -> str:
        root, post = instance(m), self.post(m)
        return page(root, *_topic(post), post.text("post_number")) if root else ""

    def thread(self, m: MessageReader) -> str:
        return page(instance(m), *_topic(self.post(m))) if instance(m) else ""

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        post = self.post(m)
        topic, author = quoted(post.text("topic_title")), user(post)
        return {
            **super().template_values(m),
            "topic": f"the topic {topic}" if topic else "a topic",
            "whose": f"{author}'s post" if author else "A post",
            "author": author or "somebody",
        }

    def long(self, m: MessageReader) -> str:
        return self.post(m).text("raw")


def _topic(post: JsonNode) -> tuple[str, ...]:
    """Parts of the address of a post's topic."""
    return ("t", post.text("topic_slug"), post.text("topic_id"))


class PostCreated(Post):
    """Somebody wrote a post."""

    topics = ("discourse.post.post_created",)
    rule = "discourse_post_created"
    title = "New post"
    summary_template = "{who} wrote in {topic}"
    group_summary_template = "{who:people} wrote in {topic:topics}"
    example = webhook("post", "post_created", POST)

    def concerned(self, m: MessageReader) -> Iterable[str]:
        return (*super().concerned(m), user(self.post(m), "reply_to_user"))

    def texts(self, m: MessageReader) -> Iterable[str]:
        return (self.long(m),)


class PostEdited(Post):
    """A post was edited."""

    topics = ("discourse.post.post_edited",)
    rule = "discourse_post_edited"
    title = "Post edited"
    summary_template = "{whose} in {topic} was edited"
    group_summary_template = "Posts of {author:people} in {topic:topics} were edited"
    severity = Severity.DEBUG
    example = webhook("post", "post_edited", POST)


class PostDestroyed(Post):
    """A post was deleted."""

    topics = ("discourse.post.post_destroyed",)
    rule = "discourse_post_destroyed"
    title = "Post deleted"
    summary_template = "{whose} in {topic} was deleted"
    group_summary_template = "Posts of {author:people} in {topic:topics} were deleted"
    severity = Severity.WARNING
    example = webhook("post", "post_destroyed", POST)


class PostRecovered(Post):
    """A deleted post was brought back."""

    topics = ("discourse.post.post_recovered",)
    rule = "discourse_post_recovered"
    title = "Post brought back"
    summary_template = "{whose} in {topic} was brought back"
    group_summary_template = "Posts of {author:people} in {topic:topics} were brought back"
    example = webhook("post", "post_recovered", POST)


class Solution(Post):
    """A post was accepted as the solution of its topic, or no longer is."""

    def post(self, m: MessageReader) -> JsonNode:
        return sent(m).at("solved") if sent(m).keys("solved") else super().post(m)

    def doer(self, m: MessageReader) -> str:
        # The payload names the post's author, not who accepted it.
        return ""


class AcceptedSolution(Solution):
    """A post was accepted as the solution of its topic."""

    topics = ("discourse.*.accepted_solution",)
    rule = "discourse_accepted_solution"
    title = "Solution accepted"
    summary_template = "{whose} was accepted as the solution of {topic}"
    group_summary_template = "Posts of {author:people} were accepted as the solution of {topic:topics}"
    example = webhook("solved", "accepted_solution", POST)
    example_topic = "discourse.solved.accepted_solution"


class UnacceptedSolution(Solution):
    """A post is no longer the solution of its topic."""

    topics = ("discourse.*.unaccepted_solution",)
    rule = "discourse_unaccepted_solution"
    title = "Solution no longer accepted"
    summary_template = "{whose} is no longer the solution of {topic}"
    group_summary_template = "Posts of {author:people} are no longer the solution of {topic:topics}"
    example = webhook("solved", "unaccepted_solution", POST)
    example_topic = "discourse.solved.unaccepted_solution"


class PostLiked(Post):
    """Somebody liked a post."""

    topics = ("discourse.*.post_liked",)
    rule = "discourse_post_liked"
    title = "Post liked"
    summary_template = "{who} liked {whom} post in {topic}"
    group_summary_template = "{who:people} liked posts in {topic:topics}"
    severity = Severity.DEBUG
    example = webhook("like", "post_liked", {"post": POST, "user": {"username": "sam"}})
    example_topic = "discourse.like.post_liked"

    def post(self, m: MessageReader) -> JsonNode:
        return sent(m).at("like", "post")

    def doer(self, m: MessageReader) -> str:
        return user(sent(m), "like", "user")

    def concerned(self, m: MessageReader) -> Iterable[str]:
        return (user(self.post(m)),)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        words = super().template_values(m)
        return {**words, "whom": f"{words['author']}'s"}


EVENTS = (
    PostCreated, PostEdited, PostDestroyed, PostRecovered, AcceptedSolution, UnacceptedSolution, PostLiked)

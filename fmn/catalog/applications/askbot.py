"""Ask Fedora on Askbot: questions and answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fmn.catalog.events import Application, EventType, Severity, sample
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.catalog.urls import page
from fmn.text import join_series, quoted

ASK = "https://ask.fedoraproject.org"
STAGING = "https://ask.stg.fedoraproject.org"

#: Made up for examples.
POST: dict[str, Any] = {
    "pk": 5, "post_type": "answer", "text": "A drop a day will do.", "summary": "A drop a day will do.\n ...",
    "comment_count": 0, "vote_up_count": 1, "vote_down_count": 0,
}
THREAD: dict[str, Any] = {"pk": 3, "title": "How often do I water moss?", "tagnames": ["moss", "water"]}


class Askbot(EventType):
    """Anything from Ask Fedora."""

    def post(self, m: MessageReader) -> JsonNode:
        """The question, answer or comment that a message is about."""
        return m.at("post") if m.keys("post") else m.at("instance")

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        return (self.agent(m), *m.texts("newly_mentioned_users"))

    def link(self, m: MessageReader) -> str:
        root, question = STAGING if m.environment == "stg" else ASK, m.text("topmost_post_id")
        return page(root, f"question/{question}/") if question else root

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        kind, thread = self.post(m).text("post_type") or "post", quoted(m.text("thread", "title"))
        return {
            **super().template_values(m),
            "post": f"the question {thread}" if kind == "question" and thread else _part(kind, thread),
            "thread": f"the question {thread}" if thread else "a question",
            "tags": join_series(m.texts("tags")) or "something else",
        }

    def long(self, m: MessageReader) -> str:
        return self.post(m).text("text")


def _part(kind: str, thread: str) -> str:
    article = "an" if kind[0] in "aeiou" else "a"
    return " ".join(filter(None, (article, kind, f"on {thread}" if thread else "")))


class PostEdit(Askbot):
    """Somebody asked, answered or commented, or edited what they had written."""

    topics = ("askbot.post.edit",)
    rule = "askbot_post_edited"
    title = "Question or answer written or edited"
    summary_template = "{who} {wrote} {post}"
    group_summary_template = "{who:people} {wrote:alike} {post:posts}"
    example = sample(
        agent="mary", created=True, post=POST, thread=THREAD, topmost_post_id=3,
        newly_mentioned_users=["sam"], diff="A drop a day will do.\n ...", timestamp=1359946481.0)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "wrote": "wrote" if m.flag("created") else "edited"}


class PostDelete(Askbot):
    """Somebody deleted a question, an answer or a comment."""

    topics = ("askbot.post.delete",)
    rule = "askbot_post_deleted"
    title = "Question or answer deleted"
    summary_template = "{who} deleted {post}"
    group_summary_template = "{who:people} deleted {post:posts}"
    severity = Severity.WARNING
    example = sample(agent="mary", instance=POST, thread=THREAD, topmost_post_id=3)


class FlagOffensiveAdd(Askbot):
    """Somebody found a question or an answer offensive."""

    topics = ("askbot.post.flag_offensive.add",)
    rule = "askbot_post_flagged_offensive"
    title = "Flagged as offensive"
    summary_template = "{who} flagged {post} as offensive"
    severity = Severity.WARNING
    example = sample(agent="mary", instance=POST, thread=THREAD, topmost_post_id=3)


class FlagOffensiveDelete(Askbot):
    """Somebody no longer finds a question or an answer offensive."""

    topics = ("askbot.post.flag_offensive.delete",)
    rule = "askbot_post_unflagged_offensive"
    title = "Offensive flag removed"
    summary_template = "{who} unflagged {post} as offensive"
    example = sample(agent="mary", instance=POST, thread=THREAD, topmost_post_id=3)


class TagUpdate(Askbot):
    """Somebody changed the tags of a question."""

    topics = ("askbot.tag.update",)
    rule = "askbot_tag_update"
    title = "Tags of a question changed"
    summary_template = "{who} changed the tags of {thread} to {tags}"
    example = sample(agent="mary", tags=["moss", "water"], thread=THREAD, topmost_post_id=3)


APPLICATION = Application(
    category="askbot",
    title="Ask Fedora",
    help="Questions and answers.",
    catchall="askbot_catchall",
    icon="https://apps.fedoraproject.org/img/icons/ask_fedora.png",
    other=Askbot,
    events=(PostEdit, PostDelete, FlagOffensiveAdd, FlagOffensiveDelete, TagUpdate),
)

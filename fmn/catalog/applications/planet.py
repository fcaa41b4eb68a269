"""Planet, which shows what people write in their blogs."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.events import Application, EventType, Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.text import quoted

PLANET = "https://fedoraplanet.org"


class Planet(EventType):
    """Anything from Planet."""

    def agent(self, m: MessageReader) -> str | None:
        return person(m, "username") or None

    def link(self, m: MessageReader) -> str:
        return PLANET


class PostNew(Planet):
    """Somebody wrote a post in their blog."""

    topics = ("planet.post.new",)
    rule = "planet_post_new"
    title = "New blog post"
    threaded = False
    summary_template = "{who} posted {post}"
    group_summary_template = "{who:people} posted {post:posts}"
    example = sample(
        username="mary", name="Mary Made-up", face="https://planet.example.org/heads/mary.png",
        post={
            "title": "Moss for every tree", "link": "https://mary.example.org/moss",
            "id": "https://mary.example.org/moss", "summary": "Grow with me.",
            "updated": "Sat, 14 Mar 2026 09:26:53 +0000",
            "content": [{"type": "text/html", "value": "<p>Grow with me.</p>"}],
        })

    def link(self, m: MessageReader) -> str:
        return m.text("post", "link") or super().link(m)

    def secondary_icon(self, m: MessageReader) -> str:
        return m.text("face") or super().secondary_icon(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {
            "who": self.agent(m) or m.text("name") or "Somebody",
            "post": quoted(m.text("post", "title")) or "in their blog",
        }


class Build(Planet):
    """Planet gathered posts anew."""

    topics = ("planet.build",)
    title = "Planet built"
    summary_template = "{planet} was built anew"
    severity = Severity.DEBUG
    example = sample(title="Planet Moss", url="https://planet.example.org", Users={"mary": {"name": "Mary"}})

    def link(self, m: MessageReader) -> str:
        return m.text("url") or super().link(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {"planet": m.text("title") or "The planet"}


APPLICATION = Application(
    category="planet",
    title="Planet",
    help="Posts in people's blogs.",
    icon="https://apps.fedoraproject.org/img/icons/planet_logo.png",
    other=Planet,
    events=(PostNew, Build),
)

"""Fedora College, which taught newcomers with texts and videos."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.events import Application, EventType, sample
from fmn.catalog.message_reader import MessageReader
from fmn.text import quoted


class College(EventType):
    """Anything from Fedora College."""

    example = sample(
        id=7, active=True, type="lecture", title="How moss grows", slug="how-moss-grows", username="mary",
        description="From spore to cushion.", link="https://college.example.org/content/how-moss-grows",
        tags="moss, forest", date_added="Sat, 14 Mar 2026 09:26:53 GMT", media_added_ids="",
    )

    def agent(self, m: MessageReader) -> str | None:
        return person(m, "username") or None

    def link(self, m: MessageReader) -> str:
        return m.text("link")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "content": quoted(m.text("title")) or "something"}

    def long(self, m: MessageReader) -> str:
        return m.text("description")


class ContentAdded(College):
    """Somebody wrote a lecture or a blog post."""

    topics = ("fedoracollege.content.added",)
    title = "New lecture"
    summary_template = "{who} wrote {content}"


class ContentEdit(College):
    """Somebody changed a lecture or a blog post."""

    topics = ("fedoracollege.content.edit", "fedoracollege.content.edited")
    rule = "fedoracollege_content_edit"
    title = "Lecture changed"
    summary_template = "{who} edited {content}"


class MediaUpload(College):
    """Somebody uploaded a picture or a video."""

    topics = ("fedoracollege.media.upload",)
    title = "File uploaded"
    summary_template = "{who} uploaded {content}"
    example = sample(username="mary", title="Moss in spring", link="https://college.example.org/media/7")


APPLICATION = Application(
    category="fedoracollege",
    title="Fedora College",
    help="Lectures for newcomers: written, changed.",
    icon="https://apps.fedoraproject.org/img/icons/fedmsg.png",
    retired=True,
    other=College,
    events=(ContentAdded, ContentEdit, MediaUpload),
)

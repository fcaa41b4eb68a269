"""The wiki: pages edited, files uploaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fmn.catalog.events import Application, EventType, sample
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.catalog.urls import page
from fmn.text import labelled, paragraphs, quoted

WIKI = "https://fedoraproject.org"

#: Where everybody has a page of their own.
OWN_SPACES = frozenset({"User", "User talk"})


def title_of(node: JsonNode, *path: str) -> str:
    """A page's title, be it a text or MediaWiki's object for it."""
    found = node.at(*path)
    keys = ("mPrefixedText", "mTextform", "mDbkeyform", "mUrlform")
    title = found.text() or next(filter(None, (found.text(key) for key in keys)), "")
    return title.replace("_", " ")


def account_of(name: str) -> str:
    """The account of a user of the wiki, which begins every name with a capital and knows no underscores."""
    return name.lower().replace(" ", "_")


def summary_of(m: MessageReader) -> str:
    """What was edited, in its author's words; which section is written as the wiki itself shows it."""
    before, _, after = m.text("summary").partition("*/")
    section = before.strip().removeprefix("/*").strip()
    return f"→{section} {after}" if before.lstrip().startswith("/*") else m.text("summary")


class Wiki(EventType):
    """Anything from the wiki."""

    def agent(self, m: MessageReader) -> str | None:
        return account_of(m.text("user") or m.text("user_text")) or None

    def link(self, m: MessageReader) -> str:
        """The page that the message names, over the protocol that the wiki redirects to.

        Newer messages about edits name the page and what the edit changed in it.
        """
        address = m.text("diff_url") or m.text("page_url") or m.text("url")
        if address.startswith("/"):
            return page(WIKI, address.lstrip("/"))
        return f"https://{address.removeprefix('http://')}" if address.startswith("http://") else address


class ArticleEdit(Wiki):
    """Somebody edited a page."""

    topics = ("wiki.article.edit",)
    rule = "wiki_article_edit"
    title = "Page edited"
    summary_template = "{who} {edited} {page}{summary}"
    group_summary_template = "{who:people} {edited:alike} {page:pages}"
    example = sample(
        title="Moss SIG", user="Mary", summary="Water more often", minor_edit=0, revision=None,
        url="https://fedoraproject.org/w/index.php?title=Moss_SIG&diff=prev&oldid=4711", text="A drop a day.")

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        """Who edited it, and whose it is: pages about and for somebody are called after them."""
        space, _, owner = title_of(m, "title").partition(":")
        return (self.agent(m), account_of(owner.partition("/")[0]) if space in OWN_SPACES else None)

    def thread(self, m: MessageReader) -> str:
        """The page; the link is to what this edit changed in it."""
        title = title_of(m, "title").replace(" ", "_")
        return page(WIKI, "wiki", title) if title else ""

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        title, summary = title_of(m, "title"), quoted(summary_of(m))
        return {
            **super().template_values(m),
            "edited": "made a minor edit to" if m.flag("minor_edit") or m.number("minor_edit") else "edited",
            "page": f'the page "{title}"' if title else "a page",
            "summary": f": {summary}" if summary else "",
        }


class UploadComplete(Wiki):
    """Somebody uploaded a file."""

    topics = ("wiki.upload.complete",)
    rule = "wiki_upload_complete"
    title = "File uploaded"
    threaded = False
    summary_template = "{who} uploaded {file}{about}"
    group_summary_template = "{who:people} uploaded {file:files}"
    example = sample(
        user_text="Mary", user_id=4711, title={"mTextform": "Moss on a tree.jpg"}, size=241258,
        media_type="BITMAP", mime="image/jpeg", major_mime="image", minor_mime="jpeg",
        description="North side", file_exists=1,
        url="/w/uploads/0/0f/Moss_on_a_tree.jpg")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        title, about = title_of(m, "title"), quoted(m.text("description"))
        return {
            **super().template_values(m),
            "file": title or "a file",
            "about": f": {about}" if about else "",
        }

    def long(self, m: MessageReader) -> str:
        size = m.text("size")
        facts = labelled(Type=m.text("mime"), Size=f"{size} bytes" if size else "")
        return paragraphs(m.text("description"), facts)


APPLICATION = Application(
    category="wiki",
    title="Wiki",
    help="Pages edited, files uploaded.",
    catchall="wiki_catchall",
    icon="https://fedoraproject.org/w/skins/common/images/mediawiki.png",
    other=Wiki,
    events=(ArticleEdit, UploadComplete),
)

from __future__ import annotations

import pytest

from fmn.delivery.apprise.markup_writers import MarkdownWriter, MarkupWriter, PlainTextWriter


@pytest.mark.parametrize("writer", [PlainTextWriter(), MarkdownWriter()], ids=["plain", "markdown"])
@pytest.mark.parametrize("call", ["@everyone", "@here", "!channel"])
def test_neither_words_nor_links_call_anybody(writer: MarkupWriter, call: str) -> None:
    # Given a branch that somebody called so, and the link to it that the service made
    written = writer.link(f"branch {call}", f"https://git.example.org/moss/tree/{call}%20x")

    assert call not in written
    assert f"/tree/%{ord(call[0]):02X}{call[1:]}%20x" in written


@pytest.mark.parametrize("writer", [PlainTextWriter(), MarkdownWriter()], ids=["plain", "markdown"])
def test_a_link_that_calls_nobody_stays_as_it_is(writer: MarkupWriter) -> None:
    link = "https://lists.example.org/list/devel@lists.example.org/thread/!important"

    assert link in writer.link("A thread", link)


@pytest.mark.parametrize("text", ["!" * 100_000, "@" * 100_000, "<!" * 50_000, "@a" * 50_000])
def test_nobody_waits_for_a_text_that_begins_calls_without_end(text: str) -> None:
    # It took minutes: each mark had all that follows looked at.
    assert text not in MarkdownWriter().escape(f"{text}>")
    assert PlainTextWriter().escape(text) == text


def test_nobody_waits_for_empty_lines() -> None:
    # Where a line begins was looked for in all the lines after it.
    assert MarkdownWriter().escape("\n" * 100_000 + "# 1") == "  \n" * 100_000 + "\\# 1"

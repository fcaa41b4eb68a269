"""What chat and push services say."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from fmn.delivery.apprise.formatter import MAX_GROUPS, ChatMessage, format_message
from fmn.delivery.contract import RenderedDelivery, SystemMessage
from fmn.infra.public_ids import PublicId
from fmn.text import one_line
from tests.unit.fmn.delivery.email.examples import (
    ANYTHING,
    LINKS,
    Page,
    a_delivery,
    a_notification,
    pushes,
    some_notifications,
)

APPLICATIONS = {"bodhi": "Bodhi", "git": "dist-git", "buildsys": "Koji"}
COMMENTED = "bob commented on update FEDORA-2026-1a2b (php-8.4.2)"
UPDATE = "https://bodhi.example.org/updates/FEDORA-2026-1a2b"


def said(delivery: RenderedDelivery, *, room: int = 3_000, markdown: bool = False) -> ChatMessage:
    return format_message(delivery, APPLICATIONS, LINKS, room=room, markdown=markdown)


def read(message: ChatMessage) -> Page:
    """What the reader of a program that shows Markdown has before them."""
    return Page(MarkdownIt().render(message.text))


def test_a_single_says_what_happened_and_why_it_is_told() -> None:
    assert said(a_delivery()) == ChatMessage(
        "Bodhi",
        f"{COMMENTED}\n{UPDATE}\n\nWorks here.\n\nWhy\n{LINKS.why(PublicId(1001))}",
        is_markdown=False)


def test_markdown_has_links_instead() -> None:
    page = read(said(a_delivery(), markdown=True))
    assert page.text.split("\n") == [
        COMMENTED, "Works here.", "Why", ""]
    assert page.links == [UPDATE, LINKS.why(PublicId(1001))]


def test_a_single_is_as_its_owner_wants_it() -> None:
    message = said(a_delivery(long_text=False, trigger_links=False, short_links=True))
    assert message.text == f"{COMMENTED}\n{LINKS.go(PublicId(1001))}"


def test_a_text_that_is_too_long_is_cut_between_lines() -> None:
    item = a_notification(long="\n".join(f"line {number}" for number in range(1_000)))
    message = said(a_delivery(item), room=500)
    assert len(message.text) <= 500
    assert "\nline 10\n" in message.text
    assert f"\n…\n\nWhy\n{LINKS.why(PublicId(1001))}" in message.text


def test_a_digest_tells_alike_ones_together() -> None:
    message = said(a_delivery(*pushes(20)))
    assert message.title == "20 notifications, 2026-03-14 09:27 to 09:46 UTC"
    assert message.text == "dist-git: ralph pushed to ghc and 19 other packages"


def test_a_digest_links_what_stands_alone() -> None:
    text = said(a_delivery(*some_notifications())).text
    assert text.startswith(f"Bodhi: {COMMENTED}\n{UPDATE}\n\ndist-git: ")


def test_a_digest_says_why_so_many_come_together_and_how_many_more_there_are() -> None:
    delivery = replace(a_delivery(*some_notifications()), more=480, note="So many came at once.")
    message = said(delivery)
    assert message.title.startswith("485 notifications")
    assert message.text.startswith("So many came at once.\n\n")
    assert message.text.endswith("\n\nAnd 480 more in your inbox\nhttps://fmn.example.org/inbox")


@pytest.mark.parametrize("markdown", [True, False])
def test_a_digest_counts_what_it_has_no_room_for(markdown: bool) -> None:
    items = [a_notification(n, event=f"e{n}", summary=f"thing {n} happened") for n in range(500)]
    for room in (300, 1_000, 1_000_000):
        message = said(a_delivery(*items), room=room, markdown=markdown)
        told = message.text.count(" happened")
        assert len(message.text) <= room
        assert 0 < told <= MAX_GROUPS
        assert f"And {500 - told:,} more in your inbox" in message.text


def test_a_letter_that_asks_to_confirm_has_the_code() -> None:
    system_message = SystemMessage(
        "Confirm this address", ["Somebody", "type this code:"], "Why.", PublicId(7), "confirmation")
    message = said(replace(a_delivery(), items=(), system_message=system_message))
    assert message == ChatMessage(
        "Confirm this address", f"Somebody\n\ntype this code:\n\n{LINKS.code(PublicId(7))}\n\nWhy.",
        is_markdown=False)


@pytest.mark.parametrize("markdown", [True, False])
def test_a_letter_that_is_too_long_is_cut(markdown: bool) -> None:
    system_message = SystemMessage("About your account", ["a paragraph"] * 1_000, "Why.")
    text = said(
        replace(a_delivery(), items=(), system_message=system_message), room=2_000, markdown=markdown).text
    assert 1_900 < len(text) <= 2_000
    assert text.endswith("…")


@given(ANYTHING, ANYTHING, st.integers(200, 5_000), st.booleans())
def test_a_message_has_room(summary: str, long: str, room: int, markdown: bool) -> None:
    item = a_notification(summary=summary[:100], long=long, link="")
    assert len(said(a_delivery(item), room=room, markdown=markdown).text) <= max(room, 400)


@pytest.mark.parametrize("call", [
    "@everyone", "@here", "@Channel", "@room", "!channel", "<!channel>", "<!here|here>", "<@U6TTX1F9R>",
    "<@&42>",
])
@pytest.mark.parametrize("markdown", [True, False])
def test_nobody_is_called_by_what_somebody_wrote(call: str, markdown: bool) -> None:
    item = a_notification(summary=f"bob wrote {call}", long=f"And {call} again", link="")
    text = said(a_delivery(item), markdown=markdown).text
    assert text.count("@\u200b") + text.count("!\u200b") == 2
    assert not re.search(r"[@!]\w", text)


def test_addresses_are_left_as_they_are() -> None:
    assert "alice@example.org" in said(a_delivery(a_notification(summary="write to alice@example.org"))).text


@given(st.text(st.sampled_from("ab _*`~[]()<>#+-=|.!\\&;:1")))
def test_somebodys_words_mean_nothing_in_markdown(summary: str) -> None:
    delivery = a_delivery(a_notification(summary=summary, long="", link=""), trigger_links=False)
    page = read(said(delivery, markdown=True))
    assert one_line(page.text.replace("\u200b", "")) == one_line(summary)
    assert page.elements <= {"p"}


def test_a_text_of_short_lines_is_cut_without_writing_it_over_and_over() -> None:
    long = a_delivery(a_notification(long="-\n\n" * 500_000))

    assert len(said(long, room=100_000, markdown=True).text) <= 100_000


def test_what_fmn_says_around_a_message_is_in_its_readers_language() -> None:
    digest = said(replace(a_delivery(*some_notifications()), language="de", more=1480))

    assert said(replace(a_delivery(), language="de")).text.split("\n")[-2] == "Warum"
    assert digest.title.startswith("1.485 Benachrichtigungen, ")
    assert digest.text.split("\n")[-2] == "Und 1.480 weitere in deinem Eingang"

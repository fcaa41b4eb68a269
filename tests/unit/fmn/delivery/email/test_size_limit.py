from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.delivery.contract import RenderedDelivery
from fmn.delivery.email.digest_sections import MAX_LISTED
from fmn.delivery.email.formatter import format_mail
from fmn.delivery.email.mail_options import MailOptions
from fmn.infra.public_ids import PublicId
from tests.unit.fmn.delivery.email.examples import (
    ANYTHING,
    LINKS,
    OPTIONS,
    SETTINGS,
    Page,
    a_delivery,
    a_notification,
    options_with,
    part,
    received,
)


def size(delivery: RenderedDelivery, options: MailOptions = OPTIONS) -> int:
    """The bytes of a mail's body on the wire."""
    return len(format_mail(delivery, options).as_bytes().partition(b"\r\n\r\n")[2])


class TestAMailTooLarge:
    def test_of_a_single_is_cut_and_links_to_all_of_it(self) -> None:
        delivery = a_delivery(a_notification(long="A line of a log.\n" * 100_000))
        wire = format_mail(delivery, OPTIONS).as_bytes()
        body = wire.partition(b"\r\n\r\n")[2]
        assert 450_000 < len(body) <= SETTINGS.max_body_bytes
        plain = part(received(delivery), "plain")
        assert f"A line of a log.\nShortened. Full text:\n{LINKS.why(PublicId(1001))}\n\n-- \n" in plain
        page = Page(part(received(delivery), "html"))
        assert "Shortened. Full text" in page.text
        assert page.links.count(LINKS.why(PublicId(1001))) == 2

    def test_of_a_digest_cuts_the_longest_texts_only(self) -> None:
        # Given a short text among two that together have no room
        first = a_notification(1, event="one", long="first " * 50_000)
        third = a_notification(3, event="three", long="third " * 60_000)
        delivery = a_delivery(first, a_notification(2, event="two", long="short"), third)
        plain = part(received(delivery), "plain")
        # Then the short one is whole, and the others have equal shares
        assert "\n  short\n\n  Bodhi, 2026-03-14 09:28 UTC, Packages that I own\n" in plain
        assert plain.count("Shortened. Full text:") == 2
        assert 0.9 < plain.count("first") / plain.count("third") < 1.1
        assert 450_000 < size(delivery) <= 500_000

    def test_counts_exactly_what_has_no_room_at_all(self) -> None:
        # Given five thousand notifications, none like another, each with a large text
        delivery = a_delivery(*[a_notification(n, event=f"e{n}", long="x y z " * 2000) for n in range(5000)])
        mail = received(delivery)
        plain, page = part(mail, "plain"), Page(part(mail, "html"))
        # Then as many as there's room for are told, from the first on, and the rest is counted
        assert 450_000 < size(delivery) <= 500_000
        told = re.findall(r"^\* ", plain, re.MULTILINE)
        remainder = f"{5000 - len(told):,} more didn't fit in this mail."
        assert 500 < len(told) < 5000
        assert f"\n{remainder} See all in your inbox:\n{LINKS.inbox()}\n" in plain
        assert remainder in page.text
        assert LINKS.inbox() in page.links
        linked = [n for n in range(5000) if LINKS.why(PublicId(1000 + n)) in page.links]
        assert linked == list(range(len(told)))
        assert plain.startswith("5,000 notifications\n")
        assert mail["Subject"] == "5,000 notifications: bodhi 5,000"

    def test_leaves_nothing_out_that_has_room(self) -> None:
        plain = part(received(a_delivery(*[a_notification(n, event=f"e{n}") for n in range(500)])), "plain")
        assert plain.count("\n* ") == plain.count("\n  Works here.\n") == 500
        assert "more didn't fit" not in plain

    def test_says_how_many_of_a_group_have_no_room(self) -> None:
        # Given a group that there's room for only in part, and others that there's none for
        alike = [a_notification(n, event="alike", summary="語" * 1000) for n in range(MAX_LISTED)]
        others = [a_notification(100 + n, event="other") for n in range(5)]
        plain = part(received(a_delivery(*alike, *others), options_with(max_body_bytes=100_000)), "plain")
        # Then both are told
        listed = plain.count(", why: ")
        assert 1 < listed < MAX_LISTED
        assert f"\n  {MAX_LISTED - listed} more of these. See all in your inbox:\n" in plain
        assert "\n5 more didn't fit in this mail. See all in your inbox:\n" in plain

    @given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 3000)), min_size=2, max_size=150))
    def test_counts_every_notification_once(self, kinds: list[tuple[int, int]]) -> None:
        items = [a_notification(n, event=f"e{kind}", summary=f"One of kind {kind}", long="語" * length)
                 for n, (kind, length) in enumerate(kinds)]
        mail = received(a_delivery(*items), options_with(max_body_bytes=100_000))
        text = part(mail, "plain")
        listed = len(re.findall(r"\bwhy: ", text, re.IGNORECASE))
        unlisted = sum(int(number) for number in re.findall(r"^ *(\d+) more (?:of|had)", text, re.MULTILINE))
        assert listed + unlisted == len(items)
        assert [n for n in range(len(items)) if LINKS.why(PublicId(1000 + n)) in text] == [
            n for n in range(len(items)) if LINKS.why(PublicId(1000 + n)) in Page(part(mail, "html")).links]

    @pytest.mark.parametrize("character", ["=", "&", "é", "語", "🎉", "\n", " ", "\t", "=\n", "é ", "'"])
    def test_is_under_its_limit_whatever_it_is_made_of(self, character: str) -> None:
        item = a_notification(summary=character * 5000, long=f"a{character * 150_000}b")
        others = [replace(item, agent=f"user{n}", packages=[]) for n in range(50)]
        for items in ([item], [item] * 3, [item] * 50, others):
            assert size(a_delivery(*items), options_with(max_body_bytes=100_000)) <= 100_000

    @given(st.lists(st.tuples(ANYTHING, ANYTHING, st.integers(0, 5_000)), min_size=1, max_size=20))
    def test_is_under_its_limit_with_any_texts(self, texts: list[tuple[str, str, int]]) -> None:
        items = [a_notification(n, summary=summary, long=long * times)
                 for n, (summary, long, times) in enumerate(texts)]
        assert size(a_delivery(*items), options_with(max_body_bytes=100_000)) <= 100_000



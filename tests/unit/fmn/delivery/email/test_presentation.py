"""Mails as their readers want them: each option of a preference by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from fmn.delivery.contract import Item, Outgoing
from fmn.delivery.email.formatter import format_mail
from fmn.infra.public_ids import RowName
from tests.unit.fmn.delivery.email.examples import (
    LINKS,
    Page,
    an_item,
    an_outgoing,
    look_with,
    part,
    pushes,
    received,
    some_items,
)

LONG_LINK = "https://bodhi.example.org/updates/FEDORA-2026-1a2b"


class TestWithoutTheLongText:
    def test_a_single_is_one_sentence(self) -> None:
        mail = received(an_outgoing(long_text=False))
        assert part(mail, "plain").startswith(f"""\
bob commented on update FEDORA-2026-1a2b (php-8.4.2)
{LONG_LINK}

--\x20
""")
        assert "Works here." not in part(mail, "html")

    def test_a_digest_is_one_sentence_each(self) -> None:
        mail = received(an_outgoing(*some_items(), long_text=False))
        assert "php.spec" not in part(mail, "plain") + part(mail, "html")
        assert "bob pushed to rpms/php (rawhide)" in part(mail, "plain")

    def test_nothing_was_cut(self) -> None:
        mail = received(an_outgoing(an_item(long="x" * 10**6), long_text=False))
        assert "Shortened" not in part(mail, "plain") + part(mail, "html")


class TestWithoutWhatTriggeredIt:
    @pytest.mark.parametrize("outgoing", [
        an_outgoing(trigger_links=False), an_outgoing(*some_items(), trigger_links=False),
        an_outgoing(*pushes(3), trigger_links=False),
        an_outgoing(*some_items(), *pushes(3), trigger_links=False),
    ], ids=["single", "digest", "group", "groups"])
    def test_neither_filters_nor_their_links_are_told(self, outgoing: Outgoing) -> None:
        mail = received(outgoing)
        for text in (part(mail, "plain"), part(mail, "html")):
            assert "Packages that I own" not in text
            assert "My username" not in text
            assert "/why/" not in text
            assert "Sent to alice." in text

    def test_they_can_still_be_stopped_and_sorted(self) -> None:
        mail = received(an_outgoing(trigger_links=False))
        assert f"Stop this filter: {LINKS.unsubscribe(RowName(3), RowName(7))}" in part(mail, "plain")
        assert mail["X-FMN-Filter"] == "Packages that I own"

    def test_what_was_cut_still_leads_to_all_of_it(self) -> None:
        outgoing = an_outgoing(an_item(long="words " * 10**5), trigger_links=False)
        assert LINKS.why(RowName(1001)) in part(received(outgoing), "plain")


class TestWithShortLinks:
    def test_links_are_ours_and_tell_where_they_lead(self) -> None:
        mail = received(an_outgoing(short_links=True))
        assert LINKS.go(RowName(1001)) in part(mail, "plain").split("\n")
        page = Page(part(mail, "html"))
        assert page.links[0] == LINKS.go(RowName(1001))
        assert "Open on bodhi.example.org" in page.text
        assert LONG_LINK not in part(mail, "plain") + part(mail, "html")

    def test_what_has_no_link_gets_none(self) -> None:
        assert "/go/" not in part(received(an_outgoing(an_item(link=""), short_links=True)), "plain")


class TestWithoutMarkup:
    @pytest.mark.parametrize("items", [[], some_items()], ids=["single", "digest"])
    def test_a_mail_is_its_plain_text_alone(self, items: Sequence[Item]) -> None:
        both, alone = (received(an_outgoing(*items, markup=wanted)) for wanted in (True, False))
        assert alone.get_content_type() == "text/plain"
        assert alone.get_content() == part(both, "plain")
        assert set(alone) - set(both) == {"Content-Transfer-Encoding"}

    def test_words_beyond_ascii_arrive(self) -> None:
        mail = received(an_outgoing(an_item(long="Grüße aus Zürich: 🙂"), markup=False))
        assert "Grüße aus Zürich: 🙂" in mail.get_content()

    def test_there_is_room_for_more_of_a_long_text(self) -> None:
        look = look_with(max_body_bytes=100_000)
        outgoing = an_outgoing(an_item(long="words and more words\n" * 10_000))
        alone = replace(outgoing, presentation=replace(outgoing.presentation, markup=False))
        both, only = part(received(outgoing, look), "plain"), received(alone, look).get_content()
        assert len(only) > 1.5 * len(both)
        assert len(format_mail(alone, look).as_bytes()) < 102_000

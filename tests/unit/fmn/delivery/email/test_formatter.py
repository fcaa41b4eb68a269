from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.catalog import Message
from fmn.delivery.contract import RenderedDelivery
from fmn.delivery.email.digest_sections import MAX_LISTED, MAX_WITH_TEXTS
from fmn.delivery.email.formatter import format_mail
from fmn.delivery.email.recipients import RecipientError
from fmn.infra.public_ids import PublicId
from fmn.people.preferences import Presentation
from fmn.text import one_line
from tests.unit.fmn.delivery.email.examples import (
    ANYTHING,
    LINKS,
    MORNING,
    OPTIONS,
    Page,
    a_delivery,
    a_notification,
    part,
    pushes,
    received,
    some_notifications,
)


class TestASingle:
    def test_says_in_plain_text_what_happened_and_why_it_was_sent(self) -> None:
        mail = received(a_delivery())
        assert mail["Subject"] == "bob commented on update FEDORA-2026-1a2b (php-8.4.2)"
        assert part(mail, "plain") == f"""\
bob commented on update FEDORA-2026-1a2b (php-8.4.2)
https://bodhi.example.org/updates/FEDORA-2026-1a2b

Works here.

--\x20
Bodhi (bodhi.update.comment), 2026-03-14 09:27 UTC
Sent to alice by the filter "Packages that I own".
Why you got this: {LINKS.why(PublicId(1001))}
Stop this filter: {LINKS.unsubscribe(PublicId(3), PublicId(7))}
Your settings: {LINKS.preference("email")}
"""

    def test_says_the_same_in_html(self) -> None:
        page = Page(part(received(a_delivery()), "html"))
        said = one_line(page.text)
        for words in ("Bodhi · 2026-03-14 09:27 UTC", "bob commented on update FEDORA-2026-1a2b (php-8.4.2)",
                      "Works here.", 'Sent to alice by the filter "Packages that I own".'):
            assert words in said
        assert page.links == [
            "https://bodhi.example.org/updates/FEDORA-2026-1a2b",
            LINKS.why(PublicId(1001)), LINKS.unsubscribe(PublicId(3), PublicId(7)), LINKS.preference("email")]

    def test_loads_nothing_from_elsewhere(self) -> None:
        markup = part(received(a_delivery()), "html")
        assert not Page(markup).elements & {"img", "link", "script", "iframe", "object"}
        assert "url(" not in markup
        assert "@import" not in markup

    def test_has_the_headers_that_people_and_programs_go_by(self) -> None:
        mail = received(a_delivery())
        assert list(mail.items()) == [
            ("From", '"Bodhi (FMN)" <fmn@example.org>'),
            ("Subject", "bob commented on update FEDORA-2026-1a2b (php-8.4.2)"),
            ("Date", "Sat, 14 Mar 2026 12:26:53 +0000"),
            ("List-Id", "<fmn.example.org>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
            ("Auto-Submitted", "auto-generated"),
            ("Precedence", "bulk"),
            ("X-Fedmsg-Topic", "org.example.prod.bodhi.update.comment"),
            ("X-Fedmsg-Category", "bodhi"),
            ("X-Fedmsg-Username", "bob"),
            ("X-Fedmsg-Username", "alice"),
            ("X-Fedmsg-Package", "php"),
            ("X-Fedmsg-Num-Packages", "1"),
            ("X-FMN-Severity", "info"),
            ("To", "alice@example.org"),
            ("Message-ID", mail["Message-ID"]),
            ("List-Unsubscribe", f"<{LINKS.unsubscribe(PublicId(3), PublicId(7))}>"),
            ("X-FMN-Filter", "Packages that I own"),
            ("MIME-Version", "1.0"),
            ("Content-Type", mail["Content-Type"]),
        ]

    def test_is_the_same_mail_when_it_is_tried_again(self) -> None:
        assert format_mail(a_delivery(), OPTIONS).as_bytes() == format_mail(a_delivery(), OPTIONS).as_bytes()

    def test_has_an_id_of_its_own_at_the_domain_of_the_sender(self) -> None:
        one, other = received(a_delivery(key="single:1:1")), received(a_delivery(key="single:1:2"))
        assert re.fullmatch(r"<[0-9a-f]{40}@example\.org>", one["Message-ID"])
        assert one["Message-ID"] != other["Message-ID"]

    def test_leaves_out_what_its_message_does_not_have(self) -> None:
        mail = received(a_delivery(a_notification(link="", long="")))
        assert part(mail, "plain").startswith("bob commented on update FEDORA-2026-1a2b (php-8.4.2)\n\n-- \n")
        assert "Open on" not in part(mail, "html")

    def test_of_a_filter_that_is_gone_stops_the_whole_preference(self) -> None:
        mail = received(a_delivery(replace(a_notification(), filter_id=None, filter_name="")))
        assert "Sent to alice by a filter that has been deleted since." in part(mail, "plain")
        assert f"Stop all of these mails: {LINKS.unsubscribe(PublicId(3), None)}" in part(mail, "plain")
        assert mail["List-Unsubscribe"] == f"<{LINKS.unsubscribe(PublicId(3), None)}>"
        assert "X-FMN-Filter" not in mail

    def test_of_an_unknown_service_goes_by_its_category(self) -> None:
        mail = received(a_delivery(a_notification(category="newthing")))
        assert mail["From"] == '"newthing (FMN)" <fmn@example.org>'

    def test_of_a_message_without_a_category_still_works(self) -> None:
        mail = received(a_delivery(replace(a_notification(), message=Message("1", "odd", MORNING, None))))
        assert mail["From"] == '"other (FMN)" <fmn@example.org>'
        assert "other (other), 2026-03-14 09:26 UTC" in part(mail, "plain")

    def test_shows_markup_in_a_message_as_text(self) -> None:
        nasty = '<img src="https://mallory.example/pixel"><script>alert(1)</script>'
        item = a_notification(
            summary=nasty, long=nasty, link='https://a.example/"><script>', category='x"><b>')
        page = Page(part(received(a_delivery(replace(item, filter_name=nasty))), "html"))
        assert not page.elements & {"img", "script", "b"}
        assert page.text.count(nasty) == 3
        assert 'https://a.example/"><script>' in page.links

    @pytest.mark.parametrize(
        "link", ["javascript:alert(1)", "https://a.example/\r\nx", "https://a.example/" + "x" * 3000])
    def test_leaves_out_a_link_that_cannot_be_trusted(self, link: str) -> None:
        page = Page(part(received(a_delivery(a_notification(link=link))), "html"))
        assert page.links == [
            LINKS.why(PublicId(1001)), LINKS.unsubscribe(PublicId(3), PublicId(7)), LINKS.preference("email")]

    def test_tells_the_host_that_a_link_really_leads_to(self) -> None:
        link = "https://bodhi.example.org@mallory.example:8443/updates"
        page = Page(part(received(a_delivery(a_notification(link=link))), "html"))
        assert "Open on mallory.example\n" in page.text

    def test_breaks_prose_but_neither_diffs_nor_links(self) -> None:
        # Given a long sentence, a long link, and a long line of a diff
        prose, diff, url = "word " * 40, "+" + "word " * 40, "https://example.org/" + "a" * 100
        plain = part(received(a_delivery(a_notification(long=f"{prose}\n{diff}\nsee {url}"))), "plain")
        # Then only the sentence is broken
        lines = plain.split("\n")
        assert diff.rstrip() in lines
        assert url in plain
        assert all(len(line) <= 78 for line in lines if line.startswith("word"))

    def test_sets_a_diff_in_a_font_of_equal_widths(self) -> None:
        assert "monospace" in part(received(a_delivery(some_notifications()[1])), "html").partition(
            "</head>")[2]
        prose = a_delivery(a_notification(long="Fixed:\n- the roots\n- the leaves"))
        assert "monospace" not in part(received(prose), "html").partition("</head>")[2]

    def test_to_an_address_beyond_ascii_has_utf8_headers(self) -> None:
        wire = format_mail(a_delivery(destination="jürgen@example.org"), OPTIONS).as_bytes()
        assert "\r\nTo: jürgen@example.org\r\n".encode() in wire

    def test_to_what_is_no_address_is_refused(self) -> None:
        with pytest.raises(RecipientError, match="isn't an e-mail address"):
            format_mail(a_delivery(destination="alice@example.org\r\nBcc: mallory@example.org"), OPTIONS)


def several_readers() -> st.SearchStrategy[list[RenderedDelivery]]:
    """Mails of few messages to many people, who want them to look as they like, by whatever filter."""
    events = st.builds(
        lambda number, category, text,
        long: a_notification(number, category=category, summary=text, long=long),
        st.integers(1, 2), st.sampled_from(["bodhi", "git"]), ANYTHING, ANYTHING)
    return st.lists(events, min_size=1, max_size=2).flatmap(lambda events: st.lists(st.builds(
        lambda item, who, filter_name, address, presentation: replace(
            a_delivery(replace(item, filter_id=who, filter_name=filter_name, notification_id=who)),
            key=f"single:{who}", nick=f"{filter_name}{who}", preference_id=who, destination=address,
            presentation=presentation),
        st.sampled_from(events), st.integers(1, 5), ANYTHING,
        st.sampled_from(["alice@example.org", "bob@example.net", "jürgen@example.org"]),
        st.builds(
            Presentation, long_text=st.booleans(), trigger_links=st.booleans(), short_links=st.booleans(),
            markup=st.booleans())), max_size=5))


class TestToldToMany:
    @given(several_readers())
    def test_each_mail_is_as_if_it_were_the_only_one(self, delivery: list[RenderedDelivery]) -> None:
        # Given mails that are formatted one after the other, what is alike in them written once
        after_others = [format_mail(each, OPTIONS).as_bytes() for each in delivery]
        # When each is formatted with nothing known of the others
        for each, wire in zip(delivery, after_others, strict=True):
            forgotten = replace(OPTIONS)
            # Then they're the same, byte by byte
            assert format_mail(each, forgotten).as_bytes() == wire


class TestADigest:
    def test_of_one_is_a_plain_mail(self) -> None:
        single, digest = a_delivery(a_notification()), a_delivery(*[a_notification()])
        assert format_mail(digest, OPTIONS).as_bytes() == format_mail(single, OPTIONS).as_bytes()

    def test_begins_with_a_summary_and_tells_of_each(self) -> None:
        plain = part(received(a_delivery(*some_notifications())), "plain")
        assert plain == f"""\
5 notifications
2026-03-14 09:27 to 12:31 UTC
2 from Bodhi, 2 from Koji, 1 from dist-git

* bob commented on update FEDORA-2026-1a2b (php-8.4.2)
  https://bodhi.example.org/updates/FEDORA-2026-1a2b

  Works here.

  Bodhi, 2026-03-14 09:27 UTC, Packages that I own
  Why: {LINKS.why(PublicId(1001))}

* bob pushed to rpms/php (rawhide)

  --- a/php.spec
  +++ b/php.spec
  -Version: 8.4.1
  +Version: 8.4.2

  dist-git, 2026-03-14 09:28 UTC, Packages that I own
  Why: {LINKS.why(PublicId(1002))}

* bob's php-8.4.3 built, and 1 more like it
  Koji, 2 notifications, 2026-03-14 09:29 to 09:30 UTC, Packages that I own

  - bob's php-8.4.3 built
    https://koji.example.org/3
    09:29, why: {LINKS.why(PublicId(1003))}
  - bob's php-8.4.4 built
    https://koji.example.org/4
    09:30, why: {LINKS.why(PublicId(1004))}

* bob commented on update FEDORA-2026-1a2b (php-8.4.2)
  https://bodhi.example.org/updates/FEDORA-2026-1a2b

  Works here.

  Bodhi, 2026-03-14 12:31 UTC, My username
  Why: {LINKS.why(PublicId(1185))}

--\x20
Sent to alice by 2 filters.
Stop all of these mails: {LINKS.unsubscribe(PublicId(3), None)}
Your settings: {LINKS.preference("email")}
"""

    def test_says_the_same_in_html(self) -> None:
        page = Page(part(received(a_delivery(*some_notifications())), "html"))
        said = one_line(page.text)
        for words in ("5 notifications 2026-03-14 09:27 to 12:31 UTC 2 from Bodhi, 2 from Koji, 1 from",
                      "Koji · 2 notifications · 2026-03-14 09:29 to 09:30 UTC · Packages that I own",
                      "+Version: 8.4.2", "bob's php-8.4.4 built 09:30 · Why",
                      "Bodhi · 2026-03-14 12:31 UTC · Why: My username",
                      "Sent to alice by 2 filters."):
            assert words in said
        assert [link for link in page.links if "/why/" in link] == [
            LINKS.why(PublicId(1000 + n)) for n in (1, 2, 3, 4, 185)]

    def test_of_one_filter_can_be_stopped_by_it(self) -> None:
        mail = received(a_delivery(a_notification(1), a_notification(2)))
        assert 'Sent to alice by the filter "Packages that I own".' in part(mail, "plain")
        assert mail["List-Unsubscribe"] == f"<{LINKS.unsubscribe(PublicId(3), PublicId(7))}>"

    def test_of_several_applications_is_from_none_of_them(self) -> None:
        assert received(a_delivery(*some_notifications()))["From"] == "FMN <fmn@example.org>"

    def test_over_several_days_says_so(self) -> None:
        plain = part(received(a_delivery(a_notification(1), a_notification(3 * 24 * 60))), "plain")
        assert plain.startswith("2 notifications\n2026-03-14 09:27 to 2026-03-17 09:26 UTC\n")


class TestAGroup:
    def test_is_one_sentence_with_a_list_behind_it(self) -> None:
        plain = part(received(a_delivery(a_notification(0), *pushes(488))), "plain")
        # Then twelve of the pushes are listed, and the others are counted
        listed = "".join(f"""\
  - ralph pushed to rpms/{package}
    https://src.example.org/{n}
    {9 + (26 + n) // 60:02}:{(26 + n) % 60:02}, why: {LINKS.why(PublicId(1000 + n))}
""" for n, package in enumerate(["ghc", *(f"ghc-{n}" for n in range(1, MAX_LISTED))], 1))
        assert f"""\
* ralph pushed to ghc and 487 other packages
  dist-git, 488 notifications, 2026-03-14 09:27 to 17:34 UTC, Packages that I
  own

{listed}  476 more of these. See all in your inbox:
  {LINKS.inbox()}

--\x20
""" in plain

    def test_says_the_same_in_html(self) -> None:
        page = Page(part(received(a_delivery(a_notification(0), *pushes(488))), "html"))
        said = one_line(page.text)
        for words in ("ralph pushed to ghc and 487 other packages dist-git · 488 notifications · 2026-03-14",
                      "to 17:34 UTC · Packages that I own ralph pushed to rpms/ghc 09:27 · Why ralph pushed",
                      "476 more of these. See all in your inbox"):
            assert words in said
        for n in range(1, MAX_LISTED + 1):
            assert {f"https://src.example.org/{n}", LINKS.why(PublicId(1000 + n))} <= set(page.links)
        assert {"ul", "li"} <= page.elements

    def test_that_is_a_whole_mail_is_its_headline(self) -> None:
        mail = received(a_delivery(*pushes(2)))
        assert part(mail, "plain") == f"""\
ralph pushed to ghc and ghc-1
2 notifications from dist-git
2026-03-14 09:27 to 09:28 UTC

- ralph pushed to rpms/ghc
  https://src.example.org/1
  09:27, why: {LINKS.why(PublicId(1001))}
- ralph pushed to rpms/ghc-1
  https://src.example.org/2
  09:28, why: {LINKS.why(PublicId(1002))}

--\x20
Sent to alice by the filter "Packages that I own".
Stop this filter: {LINKS.unsubscribe(PublicId(3), PublicId(7))}
Your settings: {LINKS.preference("email")}
"""
        said = one_line(Page(part(mail, "html")).text)
        assert said.startswith("ralph pushed to ghc and ghc-1 2 notifications from dist-git 2026-03-14 09:27")
        assert said.count("ralph pushed to ghc and ghc-1") == 1

    def test_that_is_small_has_the_texts_too(self) -> None:
        plain, page = (part(received(a_delivery(*[
            a_notification(n, long=f"Comment {n}\n- with a list") for n in range(MAX_WITH_TEXTS)])), subtype)
            for subtype in ("plain", "html"))
        for n in range(MAX_WITH_TEXTS):
            assert f"\n\n  Comment {n}\n  - with a list\n\n  09:" in plain
            assert f"Comment {n}\n- with a list" in page

    def test_that_is_large_has_lines_only(self) -> None:
        plain = part(received(a_delivery(*[
            a_notification(n, long=f"Comment {n}") for n in range(MAX_WITH_TEXTS + 1)])), "plain")
        assert "Comment" not in plain
        assert plain.count("why: ") == MAX_WITH_TEXTS + 1

    def test_that_two_filters_let_through_says_so(self) -> None:
        push, other = pushes(2)
        items = [a_notification(0), push, replace(other, filter_id=8, filter_name="My username")]
        assert "UTC, 2 filters\n" in part(received(a_delivery(*items)), "plain")

    def test_that_goes_past_midnight_tells_the_days(self) -> None:
        late = [a_notification(n, event="late") for n in (14 * 60, 15 * 60)]
        plain = part(received(a_delivery(*late)), "plain")
        assert "2026-03-14 23:26 UTC, why: " in plain
        assert "2026-03-15 00:26 UTC, why: " in plain


class TestAFlood:
    NOTE = "More than 5 came within 10 minutes."

    def test_says_why_it_is_one_and_counts_what_it_does_not_list(self) -> None:
        mail = received(replace(a_delivery(*pushes(20)), more=4_480, note=self.NOTE))
        assert mail["Subject"] == "4,500 notifications"
        plain, html = part(mail, "plain"), Page(part(mail, "html"))
        assert plain.startswith(f"""\
4,500 notifications
{self.NOTE}
The first 20 of them: 2026-03-14 09:27 to 09:46 UTC
20 from dist-git

* ralph pushed to """)
        for text in (plain, html.text):
            assert "4,480 more didn't fit in this mail." in text
            assert text.count(self.NOTE) == 1
        assert LINKS.inbox() in plain
        assert LINKS.inbox() in html.links

    def test_without_more_is_any_digest_with_a_note(self) -> None:
        mail = received(replace(a_delivery(*pushes(20)), note=self.NOTE))
        assert mail["Subject"].startswith("ralph pushed to ghc")
        assert part(mail, "plain").split("\n")[1:3] == [self.NOTE, "20 notifications from dist-git"]

    def test_of_one_says_why_it_comes_late(self) -> None:
        mail = received(replace(a_delivery(), note=self.NOTE))
        assert f"{self.NOTE} Sent to alice by" in part(mail, "plain").replace("\n", " ")
        assert self.NOTE in Page(part(mail, "html")).text

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fmn.catalog import Description, Message, Severity
from fmn.catalog.group_summaries import GroupSummaryPart
from fmn.delivery.contract import RenderedNotification
from fmn.delivery.irc.formatter import MAX_GROUPS, format_lines
from fmn.delivery.irc.line_splitting import LONGEST_LINE
from fmn.infra.public_ids import PublicId
from tests.unit.fmn.delivery.email.examples import (
    ANYTHING,
    LINKS,
    MORNING,
    a_delivery,
    a_notification,
    some_notifications,
)

APPLICATIONS = {"bodhi": "Bodhi", "git": "dist-git", "buildsys": "Koji"}
#: What stands before a text on its way to a person or a channel, each part as long as it gets.
PREFIX = b":" + b"n" * 30 + b"!~" + b"u" * 10 + b"@" + b"h" * 63 + b" PRIVMSG " + b"#" * 64 + b" :"

#: An update, a bomb, half a character, and everything that clients take for an order.
NASTY = "up\r\nQUIT :bye\0date \x01ACTION\x01 \x02b\x0304,01red\x0f\x11\x16\x1d\x1e\x1f\ud83d\u202e\u2028end"

#: What the link of an item leads to.
WHY = LINKS.why(PublicId(1001))


def lines_of(*items: RenderedNotification, markup: bool = False) -> Sequence[str]:
    return format_lines(a_delivery(*items, markup=markup), APPLICATIONS, LINKS)


def many_items(count: int) -> Sequence[RenderedNotification]:
    """So many that have nothing in common but their application."""
    return [a_notification(n, event=f"event{n}", summary=f"event {n}") for n in range(1, count + 1)]


class TestASingle:
    def test_says_where_what_and_why(self) -> None:
        [line] = lines_of()
        assert line == (
            "[Bodhi] bob commented on update FEDORA-2026-1a2b (php-8.4.2) "
            f"https://bodhi.example.org/updates/FEDORA-2026-1a2b Why: {WHY}")

    def test_without_a_link_has_none(self) -> None:
        assert lines_of(a_notification(link="", summary="it rains")) == [f"[Bodhi] it rains Why: {WHY}"]

    def test_of_an_unknown_service_goes_by_its_category(self) -> None:
        assert lines_of(a_notification(category="newthing"))[0].startswith("[newthing] bob")

    def test_of_a_message_without_a_category_still_works(self) -> None:
        item = replace(a_notification(), message=Message("1", "odd", MORNING, None))
        assert lines_of(item)[0].startswith("[other] bob")

    def test_that_is_long_takes_several_lines(self) -> None:
        # Given a summary that doesn't fit a line with everything else
        summary = "mossy " * 45
        # When it's put in lines
        lines = lines_of(a_notification(summary=summary))
        # Then they're broken between words, and links are whole
        assert len(lines) == 2
        assert " ".join(lines) == (
            f"[Bodhi] {summary}https://bodhi.example.org/updates/FEDORA-2026-1a2b Why: {WHY}")

    def test_that_never_ends_is_cut(self) -> None:
        lines = lines_of(a_notification(summary="word " * 1000))
        assert len(lines) == 2
        assert "word… https://" in " ".join(lines)

    def test_leaves_out_a_link_that_no_line_holds(self) -> None:
        lines = lines_of(a_notification(link="https://example.org/" + "x" * LONGEST_LINE))
        assert "example.org/xx" not in "".join(lines)
        assert lines[-1].endswith(WHY)

    def test_leaves_out_a_link_that_cannot_be_trusted(self) -> None:
        assert "mallory" not in lines_of(a_notification(link="https://mallory.example/\r\nQUIT"))[0]

    def test_divides_a_word_that_no_line_holds_but_no_character(self) -> None:
        lines = lines_of(a_notification(summary="🙂" * 200))
        assert "".join(lines).count("🙂") == 200

    def test_takes_no_orders(self) -> None:
        item = a_notification(summary=NASTY, category="a\x02b", link="")
        [line] = lines_of(replace(item, filter_name=NASTY))
        assert line == (
            "[ab] up QUIT :byedate ACTION b04,01red end Why: " + WHY)


class TestColours:
    @pytest.mark.parametrize(("severity", "code"), [
        (Severity.DEBUG, "14"), (Severity.INFO, "10"), (Severity.WARNING, "07"), (Severity.ERROR, "04")])
    def test_tell_how_severe_it_is(self, severity: Severity, code: str) -> None:
        item = a_notification()
        item = replace(item, description=replace(item.description, severity=severity))
        [line] = lines_of(item, markup=True)
        assert line.startswith(f"\x03{code}[Bodhi]\x0f bob commented ")

    def test_change_nothing_else(self) -> None:
        plain, coloured = lines_of(*some_notifications()), lines_of(*some_notifications(), markup=True)
        assert [re.sub(r"\x03\d\d|\x0f", "", line) for line in coloured] == plain

    def test_end_with_the_tag(self) -> None:
        for line in lines_of(*some_notifications(), markup=True)[1:]:
            assert re.fullmatch(r"\x03\d\d\[[^]]+\]\x0f [^\x00-\x1f]+", line)


class TestAFlood:
    def test_says_why_it_is_one_and_counts_what_it_does_not_list(self) -> None:
        delivery = replace(
            a_delivery(*some_notifications(), markup=False), more=4_480, note="So many came at once.")
        lines = format_lines(delivery, APPLICATIONS, LINKS)
        assert lines[:2] == [
            "So many came at once.",
            ("4,485 notifications, the first 5 2026-03-14 09:27 to 12:31 UTC: "
             "2 from Bodhi, 2 from Koji, 1 from dist-git")]
        assert lines[-1] == f"and 4,480 more: {LINKS.inbox()}"


class TestADigest:
    def test_of_one_is_a_single(self) -> None:
        assert lines_of(*[a_notification()]) == lines_of(a_notification())

    def test_begins_with_a_count_and_tells_of_each(self) -> None:
        assert lines_of(*some_notifications()) == [
            "5 notifications, 2026-03-14 09:27 to 12:31 UTC: 2 from Bodhi, 2 from Koji, 1 from dist-git",
            *lines_of(some_notifications()[0]),
            f"[dist-git] bob pushed to rpms/php (rawhide) Why: {LINKS.why(PublicId(1002))}",
            f"[Koji] bob's php-8.4.3 built, and 1 more like it Why: {LINKS.why(PublicId(1003))}",
            *lines_of(some_notifications()[4]),
        ]

    def test_tells_alike_things_together(self) -> None:
        # Given that Bob pushed to many packages within an hour
        words = ({"who": "bob", "package": f"moss{n}"} for n in range(1, 31))
        tellings = [GroupSummaryPart("{who:people} pushed to {package:packages}", one) for one in words]
        items = [a_notification(n, category="git", event="receive") for n, _ in enumerate(tellings, start=1)]
        pushes = [replace(item, description=replace(item.description, group_summary_part=telling))
                  for item, telling in zip(items, tellings, strict=True)]
        # When they come in one digest
        lines = lines_of(*pushes)
        # Then one line tells of all
        assert lines[1:] == [f"[dist-git] bob pushed to moss1 and 29 other packages Why: {WHY}"]

    def test_with_more_than_anyone_reads_counts_the_rest(self) -> None:
        lines = lines_of(*many_items(MAX_GROUPS + 1234))
        assert len(lines) == 1 + MAX_GROUPS + 1
        assert lines[0].startswith("1,244 notifications, ")
        assert lines[-1] == f"and 1,234 more: {LINKS.inbox()}"

    def test_counts_what_is_together_one_by_one(self) -> None:
        later = [a_notification(number, event="last", summary="it rains") for number in (900, 901, 902)]
        assert lines_of(*many_items(MAX_GROUPS), *later)[-1] == f"and 3 more: {LINKS.inbox()}"

    def test_that_fits_leaves_nothing_out(self) -> None:
        lines = lines_of(*many_items(MAX_GROUPS))
        assert len(lines) == 1 + MAX_GROUPS
        assert "more" not in lines[-1]

    def test_counts_the_applications_that_it_does_not_name_together(self) -> None:
        items = [a_notification(number, category=f"app{number}") for number in range(1, 8)]
        assert lines_of(*items)[0].endswith(
            ": 1 from app1, 1 from app2, 1 from app3, 1 from app4, 3 from others")


def items() -> st.SearchStrategy[RenderedNotification]:
    """Items that say anything everywhere."""
    return st.builds(
        lambda text, link, severity, minute: RenderedNotification(
            Message("1", f"org.example.prod.{text}", MORNING + timedelta(minutes=minute), {}),
            Description(
                text, text, text, link, link, link, severity, text,
                GroupSummaryPart("{x:things}", {"x": text})),
            text, [text], [text], 7, text, minute),
        ANYTHING | st.text(st.sampled_from("🙂ä \r\n\0\x01\x03x"), max_size=900) | st.just(NASTY),
        ANYTHING | ANYTHING.map("https://example.org/{}".format),
        st.sampled_from(Severity), st.integers(0, 10_000))


def test_lines_are_as_short_as_their_reader_wants_them() -> None:
    wanted = a_delivery(markup=False, trigger_links=False, short_links=True)
    [line] = format_lines(wanted, APPLICATIONS, LINKS)
    assert line == f"[Bodhi] bob commented on update FEDORA-2026-1a2b (php-8.4.2) {LINKS.go(PublicId(1001))}"


@given(st.lists(items(), min_size=1, max_size=14), st.booleans())
@example(
    [a_notification(summary="ä" * 5000, category="ä" * 50, link="https://example.org/" + "ä" * 160)], True)
def test_whatever_messages_say_every_line_is_one_and_fits(
    given: list[RenderedNotification], colours: bool,
) -> None:
    lines = format_lines(a_delivery(*given, markup=colours), {}, LINKS)

    for line in lines:
        assert len(PREFIX + line.encode() + b"\r\n") <= 512
        assert line == line.strip()
        assert line
        assert not re.search("[\x00-\x1f\x7f-\x9f]", re.sub(r"^\x03\d\d(\[[^\x00-\x1f]*\])\x0f", r"\1", line))
    assert len(lines) <= 2 + 5 * min(len(given), MAX_GROUPS)


def test_what_fmn_says_around_a_message_is_in_its_readers_language() -> None:
    single = format_lines(replace(a_delivery(), language="de"), APPLICATIONS, LINKS)
    digest = format_lines(
        replace(a_delivery(*some_notifications()), language="de", more=1480), APPLICATIONS, LINKS)

    assert single[0].endswith(f"Warum: {WHY}")
    assert digest[0].startswith("1.485 Benachrichtigungen, die ersten 5 (")
    assert "2 von Koji, 1 von dist-git" in digest[0]
    assert digest[-1] == f"und 1.480 weitere: {LINKS.inbox()}"

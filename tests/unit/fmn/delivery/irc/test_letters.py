from __future__ import annotations

from fmn.delivery.contract import SystemMessage
from fmn.delivery.irc.formatter import system_message_lines
from fmn.delivery.irc.line_splitting import LONGEST_LINE, size
from fmn.infra.public_ids import PublicId
from tests.unit.fmn.delivery.email.examples import LINKS


def test_a_letter_says_what_it_is_about_what_it_says_and_why() -> None:
    system_message = SystemMessage(
        "Your address is off", ["Mails to a@example.org", "came back."], "It’s yours.")
    assert system_message_lines(system_message, LINKS) == [
        "Your address is off: Mails to a@example.org came back.", "It’s yours."]


def test_one_that_asks_has_the_link_that_answers() -> None:
    system_message = SystemMessage(
        "Confirm this address", ["Open this page:"], "Or don’t.", confirmation=PublicId(7))
    assert system_message_lines(system_message, LINKS) == [
        "Confirm this address: Open this page:", LINKS.confirm(PublicId(7)), "Or don’t."]


def test_a_long_one_takes_several_lines_and_none_begins_a_command() -> None:
    system_message = SystemMessage("Long", ["word " * 300, "a\r\nQUIT :bye"], "b\x00c")
    lines = system_message_lines(system_message, LINKS)
    assert all(size(line) <= LONGEST_LINE and line.isprintable() for line in lines)
    assert " ".join(lines).endswith("a QUIT :bye bc")

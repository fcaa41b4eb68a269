from __future__ import annotations

from fmn.delivery.contract import Letter
from fmn.delivery.irc.letters import letter_lines
from fmn.delivery.irc.line_splitting import LONGEST_LINE, size
from fmn.infra.public_ids import RowName
from tests.unit.fmn.delivery.email.examples import LINKS


def test_a_letter_says_what_it_is_about_what_it_says_and_why() -> None:
    letter = Letter("Your address is off", ["Mails to a@example.org", "came back."], "It’s yours.")
    assert letter_lines(letter, LINKS) == [
        "Your address is off: Mails to a@example.org came back.", "It’s yours."]


def test_one_that_asks_has_the_link_that_answers() -> None:
    letter = Letter("Confirm this address", ["Open this page:"], "Or don’t.", confirmation=RowName(7))
    assert letter_lines(letter, LINKS) == [
        "Confirm this address: Open this page:", LINKS.confirm(RowName(7)), "Or don’t."]


def test_a_long_one_takes_several_lines_and_none_begins_a_command() -> None:
    letter = Letter("Long", ["word " * 300, "a\r\nQUIT :bye"], "b\x00c")
    lines = letter_lines(letter, LINKS)
    assert all(size(line) <= LONGEST_LINE and line.isprintable() for line in lines)
    assert " ".join(lines).endswith("a QUIT :bye bc")

from __future__ import annotations

from fmn.delivery.irc.acknowledgements import Acknowledgements
from fmn.delivery.irc.irc_connection import IrcEvent

SERVER = "irc.test"


def pong(token: str) -> IrcEvent:
    return IrcEvent("pong", SERVER, SERVER, [token])


def numeric(code: str, nick: str) -> IrcEvent:
    return IrcEvent(code, SERVER, "fmn", [nick, "says why"])


def test_the_answer_to_our_ping_confirms_and_no_other() -> None:
    receipts = Acknowledgements()
    with receipts.of("Alice") as receipt:
        receipt.token = receipts.new_token()
        receipts.handle_event(pong("something else"))
        assert receipt.token
        receipts.handle_event(pong(receipt.token))
        assert not receipt.token
        assert receipt.refusal is None


def test_each_has_a_token_of_its_own() -> None:
    receipts = Acknowledgements()
    with receipts.of("alice") as one, receipts.of("bob") as other:
        one.token, other.token = receipts.new_token(), receipts.new_token()
        receipts.handle_event(pong(one.token))
        assert not one.token
        assert other.token


def test_a_refusal_counts_for_the_nick_it_is_about() -> None:
    receipts = Acknowledgements()
    with receipts.of("alice") as one, receipts.of("bob") as other:
        receipts.handle_event(numeric("531", "ALICE"))
        receipts.handle_event(numeric("401", "alice"))
        assert one.refusal is not None
        assert one.refusal.reason == "the IRC server refused: 531 says why"
        assert other.refusal is None


def test_what_is_not_a_refusal_changes_nothing() -> None:
    receipts = Acknowledgements()
    with receipts.of("alice") as receipt:
        for event in (numeric("301", "alice"), IrcEvent("401", SERVER, "fmn", []), numeric("730", "alice")):
            receipts.handle_event(event)
        assert receipt.refusal is None


def test_what_comes_afterwards_is_nobodys() -> None:
    receipts = Acknowledgements()
    with receipts.of("alice") as receipt:
        pass
    receipts.handle_event(numeric("401", "alice"))
    assert receipt.refusal is None

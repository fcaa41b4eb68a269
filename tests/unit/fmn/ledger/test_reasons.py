from __future__ import annotations

import pytest

from fmn.channels import channel_types
from fmn.ledger.reasons import Reason, reason_text
from fmn.translations import in_language


@pytest.mark.parametrize("reason", Reason)
def test_each_is_known_again_by_its_sentence_with_and_without_a_detail(reason: Reason) -> None:
    assert Reason.of(reason.sentence) is reason
    assert Reason.of(reason.with_detail("452 4.2.2 mailbox full: try later")) is reason


@pytest.mark.parametrize("text", ["", "the mail server refused: 550 no such user", "constructor: delayed"])
def test_words_of_a_channel_have_no_code(text: str) -> None:
    assert Reason.of(text) is None


@pytest.mark.parametrize(("text", "reason"), [
    ("unless it recovers before", Reason.DELAYED),
    ("quiet hours began before it could be sent", Reason.QUIET_HOURS),
    ("no confirmed address", Reason.NO_ADDRESS),
    ("switched off before it could be sent", Reason.SWITCHED_OFF),
    ("the address was removed or switched off before it could be sent", Reason.ADDRESS_REMOVED),
    ("the message was deleted before it could be sent", Reason.MESSAGE_DELETED),
    ("the address was confirmed before it could be sent", Reason.CONFIRMED_ALREADY),
    ("recovered before it was sent", Reason.RECOVERED),
    ("the failure wasn't sent either", Reason.FAILURE_NOT_SENT),
    ("given up by an administrator: 452 mailbox full", Reason.DISCARDED),
    ("waited when the backup was made, and may have been sent since", Reason.IN_DOUBT),
    ("it came back: 550 5.1.1 no such user", Reason.BOUNCED),
])
def test_rows_of_earlier_versions_keep_their_codes(text: str, reason: Reason) -> None:
    assert Reason.of(text) is reason


def test_no_two_have_a_sentence_or_a_label_in_common() -> None:
    assert len({each.sentence for each in Reason}) == len({each.label for each in Reason}) == len(Reason)
    assert all(": " not in each.sentence for each in Reason)


@pytest.mark.parametrize(("text", "german"), [
    ("it came back: 550 5.1.1 no such user", "es kam zurück: 550 5.1.1 no such user"),
    ("the mail server refused: 450 busy: later", "der Mailserver hat abgelehnt: 450 busy: later"),
    ("3 deliveries in a row were refused, the last one like this: the server answered 404 Not Found",
     ("3 Zustellungen hintereinander wurden abgelehnt, die letzte so: "
     "der Server hat 404 Not Found geantwortet")),
    ("nothing is sent to 10.1.2.3: its address isn't public, and no other is allowed here",
     ("an 10.1.2.3 wird nichts gesendet: "
     "diese Adresse ist nicht öffentlich, und andere sind hier nicht erlaubt")),
    ("the owner of the nick moss isn't on IRC; it's kept for 24 hours",
     "der Nick moss ist gerade nicht im IRC; die Nachricht wird 24 Stunden aufbewahrt"),
    ("given up by an administrator: ntfy refused: {x}",
     "von der Verwaltung aufgegeben: ntfy hat abgelehnt: {x}"),
    ("some other server's words", "some other server's words"), ("", ""),
])
def test_pages_translate_what_is_ours(text: str, german: str) -> None:
    assert reason_text(text) == text
    with in_language("de"):
        assert reason_text(text) == german


def test_every_sentence_of_a_channel_is_known_again() -> None:
    sentences = {each for about in channel_types().values() for each in about.failures}
    values = dict.fromkeys(
        ("where", "reason", "status", "port", "ports", "service", "answer", "step", "address", "server",
         "nick", "hours"), "x y")
    assert sentences
    with in_language("de"):
        for text in (each.format(**values) for each in sentences):
            assert reason_text(text) != text

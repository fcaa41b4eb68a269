from __future__ import annotations

import pytest

from fmn.ledger.reasons import Reason


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

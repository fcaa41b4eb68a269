from __future__ import annotations

from fmn.delivery.contract import ChannelDownError, DeliveryError
from fmn.ledger.reasons import Reason


def test_an_error_says_why_and_whether_trying_again_may_help() -> None:
    error = DeliveryError("no such mailbox", permanent=True, code=Reason.BAD_ADDRESS)
    assert str(error) == error.reason == "no such mailbox"
    assert error.permanent
    assert error.code is Reason.BAD_ADDRESS


def test_a_channel_that_is_down_may_come_up_again() -> None:
    assert not ChannelDownError("connection refused").permanent
    assert isinstance(ChannelDownError("connection refused"), DeliveryError)


def test_a_fault_of_ours_is_tried_again_and_tells_no_details() -> None:
    error = DeliveryError.internal(KeyError("a secret"))
    assert not error.permanent
    assert error.reason == "internal error: KeyError"

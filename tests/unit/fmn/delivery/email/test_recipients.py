from __future__ import annotations

import pytest

from fmn.delivery.email.recipients import RecipientError, parse_recipient


def test_whom_a_delivery_goes_to_is_a_checked_address() -> None:
    assert str(parse_recipient("alice@example.org")) == "alice@example.org"


@pytest.mark.parametrize(("text", "why"), [
    ("alice@example.org\r\nX: y", "'alice@example.org X: y' has a domain that can't exist"),
    ("ali\ud800ce@example.org", "'alice@example.org' isn't an e-mail address"),
])
def test_what_can_be_none_is_given_up_for_good_and_says_so_on_one_line(text: str, why: str) -> None:
    with pytest.raises(RecipientError) as refused:
        parse_recipient(text)
    assert refused.value.permanent
    assert refused.value.reason == why

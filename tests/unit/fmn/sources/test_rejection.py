from __future__ import annotations

import re

import pytest

from fmn.sources.rejection import MessageRejectedError, RejectionReason, short_repr


@pytest.mark.parametrize("reason", RejectionReason)
def test_a_reason_is_a_word_for_metrics_and_a_sentence_for_people(reason: RejectionReason) -> None:
    assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", reason)
    assert re.fullmatch(r"[A-Z].*\.", reason.description)


def test_a_rejection_says_both() -> None:
    error = MessageRejectedError(RejectionReason.JUNK, "a.b ends in a junk suffix")

    assert str(error) == "junk: a.b ends in a junk suffix"
    assert (error.reason, error.detail) == (RejectionReason.JUNK, "a.b ends in a junk suffix")


@pytest.mark.parametrize(
    "value", ["x" * 10 ** 7, ["x" * 1000] * 1000, 10 ** 4000, b"\0" * 1000, {"a": {"b": "c\n"}}])
def test_what_a_sender_wrote_is_quoted_briefly_on_one_line(value: object) -> None:
    assert len(short_repr(value)) < 1000
    assert short_repr(value).isprintable()

"""What Apprise's answers mean."""

from __future__ import annotations

import pytest

from fmn.delivery.apprise.apprise_errors import delivery_error
from fmn.delivery.egress.network_policy import EgressError


@pytest.mark.parametrize(("said", "permanent"), [
    (["Failed to send ntfy notification: Unauthorized, error=401."], True),
    (["Failed to send: Page not found., error=404."], True),
    (["Failed to send: error=408."], False),
    (["Failed to send: error=429."], False),
    (["Failed to send: Internal server error., error=500."], False),
    (["A Connection error occurred sending ntfy notification."], False),
    ([], False),
])
def test_what_is_said_decides(said: list[str], permanent: bool) -> None:
    error = delivery_error("ntfy", said, None, is_late=False)
    assert error.permanent is permanent
    assert not error.address_gone
    assert error.reason.startswith("ntfy refused: ")
    assert error.reason.isprintable()


def test_the_same_is_said_once_and_not_at_length() -> None:
    error = delivery_error("ntfy", ["no\r\n"] * 3 + ["because " * 200], None, is_late=False)
    assert error.reason.startswith("ntfy refused: no because because ")
    assert len(error.reason) < 350


def test_what_our_guard_refused_is_told_instead() -> None:
    error = delivery_error(
        "ntfy", ["A Connection error"], EgressError("its address isn't public"), is_late=True)
    assert error.reason == "nothing is sent to ntfy there: its address isn't public"
    assert error.permanent


@pytest.mark.parametrize(("refusal", "is_late"), [(None, True), (TimeoutError("the time is up"), False)])
def test_a_service_that_took_too_long_is_tried_again(refusal: OSError | None, is_late: bool) -> None:
    error = delivery_error("ntfy", ["A Connection error"], refusal, is_late=is_late)
    assert (error.reason, error.permanent) == ("ntfy didn't answer in time", False)

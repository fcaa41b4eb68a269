"""Whether the secret that signs is one."""

from __future__ import annotations

import pytest

from fmn.settings import SettingsError, WebSettings, settings_from
from fmn.settings.secret_strength import weak_secrets
from fmn.wiring import Services

EVERYWHERE = "https://notifications.example.org"
GOOD = "0123456789abcdef"


def problems(**web: object) -> list[str]:
    return list(weak_secrets(WebSettings.model_validate(web)))


@pytest.mark.parametrize("secret", ["", "CHANGE-ME"])
def test_what_everybody_knows_is_refused_even_on_ones_own_machine(secret: str) -> None:
    (problem,) = problems(secret=secret)
    assert problem.startswith(f"fmn.web.secret = '{secret}' can't be used: it signs the links in mails")


@pytest.mark.parametrize(("secret", "problem"), [
    ("for development only", "fmn.web.secret = 'for development only' can't be used"),
    (GOOD[1:], "fmn.web.secret has to have 16 characters or more, and no blanks"),
    (f"{GOOD} {GOOD}", "fmn.web.secret has to have 16 characters or more, and no blanks"),
])
def test_what_somebody_may_guess_is_refused_where_others_come(secret: str, problem: str) -> None:
    (found,) = problems(secret=secret, base_url=EVERYWHERE)
    assert found.startswith(problem)
    # and isn't printed unless it's known anyway
    assert GOOD[1:] not in found
    assert not problems(secret=secret)


def test_a_long_one_will_do() -> None:
    assert not problems(secret=GOOD, base_url=EVERYWHERE, previous_secrets="short shorter")


def test_what_everybody_knows_signs_nothing_that_counts_any_more() -> None:
    (problem,) = problems(secret=GOOD, previous_secrets=("CHANGE-ME",))
    assert "fmn.web.previous_secrets" in problem


@pytest.mark.parametrize("room", ["links", "return_addresses"])
def test_whoever_signs_or_reads_signatures_does_not_start_with_it(room: str) -> None:
    services = Services(settings_from({
        "fmn.web.base_url": EVERYWHERE, "fmn.web.secret": "short", "fmn.web.previous_secrets": "CHANGE-ME",
        "fmn.email.bounce_address": "bounces@example.org"}))
    with pytest.raises(SettingsError) as raised:
        getattr(services, room)
    assert len(str(raised.value).splitlines()) == 2


def test_links_over_plain_http_have_to_be_meant() -> None:
    with pytest.raises(SettingsError, match=r"fmn\.web\.base_url has to begin with https://"):
        settings_from({"fmn.web.base_url": "http://notifications.example.org"})
    settings_from({
        "fmn.web.base_url": "http://notifications.example.org", "fmn.web.allow_plain_http": "true"})
    settings_from({"fmn.web.base_url": "http://localhost:6543"})

"""The settings of IRC, and how they go together with others."""

from __future__ import annotations

import pytest

from fmn.delivery.irc.settings import MAX_IRC_LINES, IrcSettings
from fmn.settings import SettingsError, settings_from

IRC = {"fmn.delivery.channels": "email irc"}


def problem(**settings: str) -> str:
    """What is wrong with these settings, which has to be one thing."""
    with pytest.raises(SettingsError) as raised:
        settings_from({f"fmn.irc.{name}": value for name, value in settings.items()})
    [found] = str(raised.value).splitlines()
    return found


@pytest.mark.parametrize("nick", ["", "1fmn", "f mn", "fmn\r\nQUIT", "n" * 31])
def test_our_nick_has_to_be_one(nick: str) -> None:
    assert "it can't be a nick on IRC" in problem(nick=nick)


@pytest.mark.parametrize("name", ["realname", "nickserv_password"])
def test_nothing_may_begin_another_line(name: str) -> None:
    assert "it has characters that a line on IRC can't hold" in problem(**{name: "a\nQUIT"})


@pytest.mark.parametrize("name", ["username", "nickserv"])
def test_some_are_one_word(name: str) -> None:
    assert "it has to be one word" in problem(**{name: "two words"})


def test_a_login_needs_both_of_its_parts() -> None:
    assert "set together or not at all" in problem(sasl_username="fmn")
    assert "set together or not at all" in problem(sasl_password="secret")


def test_one_login_is_enough() -> None:
    assert "set one" in problem(sasl_username="fmn", sasl_password="secret", nickserv_password="secret")


@pytest.mark.parametrize("login", [
    {"sasl_username": "fmn", "sasl_password": "secret"}, {"nickserv_password": "secret"}])
def test_passwords_do_not_travel_in_the_clear(login: dict[str, str]) -> None:
    where = {"host": "irc.example.org", "security": "none"}
    assert "say fmn.irc.security = tls" in problem(**where, **login)
    IrcSettings.model_validate({**where, "host": "127.0.0.1", **login})


def test_each_partition_has_a_nick_of_its_own() -> None:
    settings = IrcSettings(nick="fmn", sasl_username="fmn", sasl_password="secret")
    assert [settings.of_partition(partition).nick for partition in range(3)] == ["fmn", "fmn-2", "fmn-3"]
    assert settings.of_partition(1).sasl_username == "fmn"
    # as long as the last one is one
    nick = {**IRC, "fmn.irc.nick": "f" * 29}
    settings_from(nick)
    with pytest.raises(SettingsError, match=r"too long for fmn.delivery.partitions: f+-2 can't be a nick"):
        settings_from({**nick, "fmn.delivery.partitions": "irc=2"})


def test_claims_have_to_last_as_long_as_a_long_digest_takes() -> None:
    settings_from(IRC)
    with pytest.raises(SettingsError, match=r"fmn.delivery.claim_seconds is too short: .* at least 300"):
        settings_from({**IRC, "fmn.irc.lines_per_second": "0.5"})
    settings_from({**IRC, "fmn.irc.lines_per_second": "0.5", "fmn.delivery.claim_seconds": "300"})
    # Where nobody is told on IRC it doesn't matter
    settings_from({"fmn.irc.lines_per_second": "0.5"})


def test_what_takes_longest_is_a_line_at_a_time_with_all_that_is_said_beside_it() -> None:
    settings = IrcSettings(lines_per_second=1, timeout_seconds=10)
    assert settings.seconds_for(MAX_IRC_LINES) == 2 * MAX_IRC_LINES + 5 + 20

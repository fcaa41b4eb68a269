"""Channels, as the entry points name them."""

from __future__ import annotations

import pytest

from fmn.channels import Proof, channel_opener, channel_type, channel_types, mask_address, proof_in
from fmn.settings import Settings, SettingsError, settings_from


def test_every_channel_is_known_by_its_own_name() -> None:
    assert "email" in channel_types()
    assert {about.name for about in channel_types().values()} == set(channel_types())


@pytest.mark.parametrize("context", channel_types())
def test_a_channel_says_what_people_have_to_know_of_it(context: str) -> None:
    about = channel_type(context)
    assert about.title
    assert about.label
    assert callable(channel_opener(context))
    if about.proof is not Proof.ACCOUNT and about.input_type != "hidden":
        assert about.parse_address(about.example, Settings())


def test_a_channel_that_is_not_installed_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match=r"channels = 'email pigeon' can't be used"):
        settings_from({"fmn.delivery.channels": "email pigeon"})


def test_a_channel_named_twice_is_there_once() -> None:
    settings = settings_from({"fmn.delivery.channels": "email email"})
    assert settings.delivery.channels == ("email",)


@pytest.mark.parametrize(("given", "counts"), [
    ("1", {"email": 1, "irc": 1}), ("4", {"email": 4, "irc": 4}), ("email=4", {"email": 4, "irc": 1}),
    ("3 irc=1", {"email": 3, "irc": 1}), ("irc=2 email=16", {"email": 16, "irc": 2})])
def test_a_channel_may_have_partitions(given: str, counts: dict[str, int]) -> None:
    settings = settings_from({"fmn.delivery.channels": "email irc", "fmn.delivery.partitions": given})
    assert settings.delivery.partition_counts == counts


@pytest.mark.parametrize(("given", "problem"), [
    ("0", "a number from 1 to 16"), ("17", "a number from 1 to 16"), ("email=", "a number from 1 to 16"),
    ("many", "a number from 1 to 16"), ("2 4", "two numbers for all channels"),
    ("email=2 email=3", "two numbers for email"), ("irc=2", "irc isn't among fmn.delivery.channels")])
def test_partitions_have_to_be_few_and_of_a_channel(given: str, problem: str) -> None:
    with pytest.raises(SettingsError, match=problem):
        settings_from({"fmn.delivery.channels": "email", "fmn.delivery.partitions": given})


def test_of_a_channel_that_is_not_installed_no_address_is_shown() -> None:
    assert proof_in("pigeon") is None
    assert "secret" not in mask_address("pigeon", "https://example.org/secret")
    assert (proof_in("email"), mask_address("email", "alice@example.org")) == (
        Proof.LINK, "alice@example.org")

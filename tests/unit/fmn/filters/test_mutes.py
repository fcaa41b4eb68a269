from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.catalog import Package
from fmn.filters.models import MuteKind
from fmn.filters.mutes import ActiveMute, UserMutes
from tests.factories.messages import NOON, make_facts, make_message

A_WEEK = NOON + timedelta(days=7)
A_YEAR = NOON + timedelta(days=365)
UPDATE = "https://bodhi.example.org/updates/1"


def silence(
    *mutes: tuple[MuteKind, str, datetime | None], packages: tuple[str, ...] = (), thread: str = UPDATE,
) -> ActiveMute | None:
    """What these mutes say to a message of the event type ``_any`` about some packages."""
    about = [Package(*package.rpartition("/")[::2]) for package in packages]
    return UserMutes(mutes).active_mute(make_facts(make_message(), packages=about), lambda: thread)


@pytest.mark.parametrize("muted", [
    (MuteKind.EVENT, "_any", A_WEEK), (MuteKind.THREAD, UPDATE, A_WEEK),
    (MuteKind.PACKAGE, "rpms/php", None)])
def test_a_message_of_what_is_muted_is_silent(muted: tuple[MuteKind, str, datetime | None]) -> None:
    assert silence(muted, packages=("rpms/php",)) == ActiveMute(*muted)


@pytest.mark.parametrize("muted", [
    (MuteKind.EVENT, "bodhi_update_comment", None), (MuteKind.THREAD, f"{UPDATE}2", None),
    (MuteKind.PACKAGE, "rpms/kernel", None), (MuteKind.PACKAGE, "_any", None), (MuteKind.THREAD, "", None)])
def test_a_message_of_anything_else_is_heard(muted: tuple[MuteKind, str, datetime | None]) -> None:
    assert silence(muted, packages=("rpms/php",)) is None


@pytest.mark.parametrize(("muted", "package", "silent"), [
    ("rpms/php", "rpms/php", True), ("rpms/php", "modules/php", False),
    # where the one or the other doesn't say of which namespace, any is meant
    ("php", "rpms/php", True), ("rpms/php", "php", True), ("php", "php", True),
    ("php", "rpms/php-zmq", False),
])
def test_a_package_is_known_by_its_namespace_where_there_is_one(
    muted: str, package: str, silent: bool,
) -> None:
    assert bool(silence((MuteKind.PACKAGE, muted, None), packages=(package,))) is silent


def test_a_message_about_several_packages_is_heard_until_all_of_them_are_muted() -> None:
    php, kernel = (MuteKind.PACKAGE, "rpms/php", A_WEEK), (MuteKind.PACKAGE, "rpms/kernel", A_YEAR)
    assert silence(php, packages=("rpms/php", "rpms/kernel")) is None
    assert silence(php, kernel, packages=("rpms/php", "rpms/kernel")) == ActiveMute(*php)


def test_a_message_about_no_package_is_no_message_about_a_muted_one() -> None:
    assert silence((MuteKind.PACKAGE, "rpms/php", None)) is None


def test_of_several_reasons_the_one_that_lasts_is_told() -> None:
    event, thread = (MuteKind.EVENT, "_any", A_WEEK), (MuteKind.THREAD, UPDATE, None)
    assert silence(event, thread) == ActiveMute(*thread)


def test_nobody_asks_for_the_thread_where_none_is_muted() -> None:
    def thread_of() -> str:
        raise AssertionError("that costs time")

    muted = UserMutes([(MuteKind.EVENT, "other", None), (MuteKind.PACKAGE, "php", None)])
    assert muted.active_mute(make_facts(make_message()), thread_of) is None


names = st.sampled_from(["php", "rpms/php", "modules/php", "kernel", "rpms/kernel", "_any", UPDATE])
some_mutes = st.lists(st.tuples(st.sampled_from(MuteKind), names, st.none() | st.just(A_WEEK)), max_size=6)


@given(some_mutes, some_mutes, st.lists(names.filter(lambda name: "p" in name or "k" in name), max_size=3))
def test_who_mutes_more_hears_no_more(
    some: list[tuple[MuteKind, str, datetime | None]], more: list[tuple[MuteKind, str, datetime | None]],
    packages: list[str],
) -> None:
    if silence(*some, packages=tuple(packages)):
        assert silence(*some, *more, packages=tuple(packages))

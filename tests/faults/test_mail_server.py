"""The mail server is slow, silent, or hangs up in the middle."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.faults.loaded_installation import BOTH_IN_HAND, THINKS, Site
from tests.system.installation import QUICK

#: Seconds that FMN waits for the mail server.
PATIENCE = float(str(QUICK["fmn.email.timeout_seconds"]))
#: Seconds for which the mail server misbehaves.
LASTS = 10.0
#: How often a backend may come back to it in this time with as many mails as it has in hand.
TURNS = round(LASTS / PATIENCE) + 1


@contextmanager
def answering_late(site: Site) -> Iterator[None]:
    """It thinks longer than we wait, but has the mail by then."""
    site.smtp.keeps_first, site.smtp.delay = True, PATIENCE + 1
    yield
    site.smtp.keeps_first, site.smtp.delay = False, THINKS


@contextmanager
def silent_after_data(site: Site) -> Iterator[None]:
    """It doesn't answer to a mail, and forgets it."""
    site.smtp.delay = 3600.0
    yield
    site.smtp.delay = THINKS


@contextmanager
def hanging_up(site: Site, *, keeps: bool) -> Iterator[None]:
    """It hangs up where it should say that it has the mail."""
    site.smtp.hangs_up, site.smtp.keeps_first = True, keeps
    yield
    site.smtp.hangs_up = site.smtp.keeps_first = False


@contextmanager
def silent_from_the_beginning(site: Site) -> Iterator[None]:
    """It accepts connections, and says nothing."""
    site.smtp.stop()
    with socket.create_server((site.smtp.host, site.smtp.port), backlog=100):
        yield
    site.smtp.start()


def test_slow(site: Site) -> None:
    with site.suffering(f"mail server takes {PATIENCE / 2:g} s for each mail") as case, case.happening():
        site.smtp.delay = PATIENCE / 2
        time.sleep(LASTS)
        site.smtp.delay = THINKS


def test_silent_from_the_beginning(site: Site) -> None:
    with (
        site.suffering(f"mail server silent for {LASTS:g} s") as case,
        case.happening(), silent_from_the_beginning(site),
    ):
        time.sleep(LASTS)


def test_silent_after_data(site: Site) -> None:
    with (
        site.suffering(f"mail server silent after DATA for {LASTS:g} s") as case,
        case.happening(), silent_after_data(site),
    ):
        time.sleep(LASTS)


def test_answers_too_late(site: Site) -> None:
    # What it has taken and not confirmed in time is sent again, with the same Message-ID
    with (
        site.suffering(f"mail server answers 1 s too late for {LASTS:g} s") as case,
        case.happening(in_doubt=TURNS * BOTH_IN_HAND), answering_late(site),
    ):
        time.sleep(LASTS)


@pytest.mark.parametrize("keeps", [False, True])
def test_hangs_up_after_data(site: Site, *, keeps: bool) -> None:
    # It mustn't go on for long: each mail comes anew each time, within a second at first
    what = "keeps the mail and hangs up" if keeps else "hangs up after DATA"
    with site.suffering(f"mail server {what} for 3 s") as case:
        mails = len(site.smtp.mails)
        with case.happening(), hanging_up(site, keeps=keeps):
            time.sleep(3)
        if keeps:
            # All that it kept then is in doubt, and only that.
            case.in_doubt_since_it_began(len(site.smtp.mails) - mails)

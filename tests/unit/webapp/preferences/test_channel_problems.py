from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fmn.filters.summary import FilterSummary, StoppedFilter
from fmn.ledger.day_range import DayRange
from fmn.ledger.undelivered import Undelivered
from fmn.people.addresses import AddressStatus, ListedAddress
from fmn.people.models import Preference
from tests.factories.messages import NOON
from webapp.preferences.channel_problems import ChannelProblem, Remedy, channel_problems

CONFIRMED = ListedAddress(1, "alice@example.org", AddressStatus.CONFIRMED, NOON)
WAITING = ListedAddress(2, "alice@example.com", AddressStatus.WAITING, NOON, NOON + timedelta(days=1))
EXPIRED = ListedAddress(3, "alice@example.net", AddressStatus.EXPIRED, NOON)
STOPPED = ListedAddress(4, "alice@example.info", AddressStatus.STOPPED, NOON, reason="550 no such user.")
FAILED = Undelivered("550 no such mailbox.", "alice@example.org", NOON, None)


def problems(
    *, context: str = "email", enabled: bool = True, addresses: Sequence[ListedAddress] = (CONFIRMED,),
    filters: FilterSummary | None = None, failed: Undelivered | None = None,
) -> list[ChannelProblem]:
    preference = Preference(context=context, enabled=enabled)
    return list(channel_problems(
        preference, addresses, filters or FilterSummary(total=2, on=1), failed,
        DayRange(NOON + timedelta(hours=1))))


def test_nothing_is_wrong_with_a_channel_that_works() -> None:
    assert problems() == []
    assert problems(addresses=[EXPIRED, WAITING, CONFIRMED]) == []


@pytest.mark.parametrize(("wrong", "sentence", "remedy", "about"), [
    ({"enabled": False}, "is off. Switch it on", Remedy.SWITCH_ON, None),
    ({"enabled": False, "addresses": (), "filters": FilterSummary(), "failed": FAILED},
     "is off. Switch it on", Remedy.SWITCH_ON, None),
    ({"addresses": ()}, "Add an address", Remedy.ADD_ADDRESS, None),
    ({"addresses": (EXPIRED, WAITING)}, "open the link we sent to alice@example.com", Remedy.RESEND, 2),
    ({"addresses": (EXPIRED,)}, "its link has expired", Remedy.RESEND, 3),
    ({"context": "irc", "addresses": (ListedAddress(2, "alice", AddressStatus.WAITING, NOON),)},
     "Confirm your address: send the message shown on the channel’s page from alice.", Remedy.CONFIRM, 2),
    ({"context": "irc", "addresses": (
        ListedAddress(2, "alice", AddressStatus.STOPPED, NOON, reason="no such nick"),)},
     "We stopped sending to alice today at 12:00: no such nick.", Remedy.CONFIRM, 2),
    ({"context": "irc", "addresses": (ListedAddress(2, "alice", AddressStatus.EXPIRED, None),)},
     "alice isn’t confirmed, and its code has expired.", Remedy.CONFIRM,
     2),
    ({"addresses": (CONFIRMED, STOPPED)},
     "We stopped sending to alice@example.info today at 12:00: 550 no such user.",
     Remedy.RESEND, 4),
    # what failed there last is why, and told already
    ({"addresses": (CONFIRMED, STOPPED), "failed": replace(FAILED, destination=STOPPED.value)},
     "We stopped sending to alice@example.info", Remedy.RESEND, 4),
    ({"addresses": (STOPPED,)}, "or remove it", Remedy.RESEND, 4),
    ({"filters": FilterSummary()}, "You have no filters", Remedy.CHOOSE_FILTERS, None),
    ({"filters": FilterSummary(total=1)}, "Your only filter is off", Remedy.SEE_FILTERS, None),
    ({"filters": FilterSummary(total=3)}, "All 3 filters are off", Remedy.SEE_FILTERS, None),
    ({"filters": FilterSummary(2, 1, [StoppedFilter(7, "All", "It sent 9,000 mails.")])},
     "stopped your filter “All”: It sent 9,000 mails.", Remedy.SEE_FILTER, 7),
    ({"failed": FAILED}, "today at 12:00 and gave up: 550 no such mailbox.", Remedy.SEE_INBOX,
     None),
    ({"failed": Undelivered("451 busy", "alice@example.org", NOON, NOON + timedelta(days=1))},
     "yet: 451 busy. Next attempt tomorrow at 12:00.", Remedy.SEE_INBOX, None),
    ({"failed": Undelivered("451 busy", "alice@example.org", NOON, NOON)},
     "Next attempt today at 13:00.", Remedy.SEE_INBOX, None),
])
def test_what_is_wrong_is_said_with_what_mends_it(
    wrong: dict[str, Any], sentence: str, remedy: Remedy, about: int | None,
) -> None:
    (problem,) = problems(**wrong)

    assert sentence in problem.sentence
    assert (problem.remedy, problem.about) == (remedy, about)


def test_several_things_may_be_wrong_at_once() -> None:
    assert [problem.remedy for problem in problems(addresses=(), filters=FilterSummary(), failed=FAILED)] == [
        Remedy.ADD_ADDRESS, Remedy.CHOOSE_FILTERS, Remedy.SEE_INBOX]

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fmn.filters.summary import Glance, Stopped
from fmn.ledger.day_range import Window
from fmn.ledger.traffic import Undelivered
from fmn.people.addresses import Listed, Standing
from fmn.people.models import Preference
from tests.factories.messages import NOON
from webapp.preferences.channel_problems import Mend, Trouble, troubles_of

CONFIRMED = Listed(1, "alice@example.org", Standing.CONFIRMED, NOON)
WAITING = Listed(2, "alice@example.com", Standing.WAITING, NOON, NOON + timedelta(days=1))
EXPIRED = Listed(3, "alice@example.net", Standing.EXPIRED, NOON)
STOPPED = Listed(4, "alice@example.info", Standing.STOPPED, NOON, reason="550 no such user.")
FAILED = Undelivered("550 no such mailbox.", "alice@example.org", NOON, None)


def troubles(
    *, context: str = "email", enabled: bool = True, addresses: Sequence[Listed] = (CONFIRMED,),
    filters: Glance | None = None, failed: Undelivered | None = None,
) -> list[Trouble]:
    preference = Preference(context=context, enabled=enabled)
    return list(troubles_of(
        preference, addresses, filters or Glance(total=2, on=1), failed, Window(NOON + timedelta(hours=1))))


def test_nothing_is_wrong_with_a_channel_that_works() -> None:
    assert troubles() == []
    assert troubles(addresses=[EXPIRED, WAITING, CONFIRMED]) == []


@pytest.mark.parametrize(("wrong", "sentence", "mend", "about"), [
    ({"enabled": False}, "It’s off", Mend.SWITCH_ON, None),
    ({"enabled": False, "addresses": (), "filters": Glance(), "failed": FAILED}, "It’s off", Mend.SWITCH_ON,
     None),
    ({"addresses": ()}, "no address", Mend.ADD_ADDRESS, None),
    ({"addresses": (EXPIRED, WAITING)}, "letter that we sent to alice@example.com", Mend.RESEND, 2),
    ({"addresses": (EXPIRED,)}, "no link for it works any more", Mend.RESEND, 3),
    ({"context": "irc", "addresses": (Listed(2, "alice", Standing.WAITING, NOON),)},
     "Confirm your address: say from alice what its page shows.", Mend.CONFIRM, 2),
    ({"context": "irc", "addresses": (Listed(2, "alice", Standing.STOPPED, NOON, reason="no such nick"),)},
     "Nothing is sent to alice any more since today at 12:00: no such nick.", Mend.CONFIRM, 2),
    ({"context": "irc", "addresses": (Listed(2, "alice", Standing.EXPIRED, None),)},
     "alice isn’t confirmed, so nothing is sent there, and no code for it works any more.", Mend.CONFIRM, 2),
    ({"addresses": (CONFIRMED, STOPPED)},
     "Nothing is sent to alice@example.info any more since today at 12:00: 550 no such user.",
     Mend.RESEND, 4),
    # what failed there last is why, and told already
    ({"addresses": (CONFIRMED, STOPPED), "failed": replace(FAILED, destination=STOPPED.value)},
     "Nothing is sent to alice@example.info", Mend.RESEND, 4),
    ({"addresses": (STOPPED,)}, "if it won’t be, remove it", Mend.RESEND, 4),
    ({"filters": Glance()}, "There is no filter", Mend.CHOOSE_FILTERS, None),
    ({"filters": Glance(total=1)}, "The only filter is off", Mend.SEE_FILTERS, None),
    ({"filters": Glance(total=3)}, "All 3 filters are off", Mend.SEE_FILTERS, None),
    ({"filters": Glance(2, 1, [Stopped(7, "All", "It sent 9,000 mails.")])},
     "stopped your filter “All”: It sent 9,000 mails.", Mend.SEE_FILTER, 7),
    ({"failed": FAILED}, "today at 12:00 failed: 550 no such mailbox. It was given up.", Mend.SEE_INBOX,
     None),
    ({"failed": Undelivered("451 busy", "alice@example.org", NOON, NOON + timedelta(days=1))},
     "couldn’t be delivered yet: 451 busy. It’s tried again tomorrow at 12:00.", Mend.SEE_INBOX, None),
    ({"failed": Undelivered("451 busy", "alice@example.org", NOON, NOON)},
     "It’s tried again today at 13:00.", Mend.SEE_INBOX, None),
])
def test_what_is_wrong_is_said_with_what_mends_it(
    wrong: dict[str, Any], sentence: str, mend: Mend, about: int | None,
) -> None:
    (trouble,) = troubles(**wrong)

    assert sentence in trouble.sentence
    assert (trouble.mend, trouble.about) == (mend, about)


def test_several_things_may_be_wrong_at_once() -> None:
    assert [trouble.mend for trouble in troubles(addresses=(), filters=Glance(), failed=FAILED)] == [
        Mend.ADD_ADDRESS, Mend.CHOOSE_FILTERS, Mend.SEE_INBOX]

"""A message that its application trips over, and a mail that the mail server refuses: others go on."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import select

from fmn.ledger.models import Delivery, DeliveryState
from tests.faults.loaded_installation import Site
from tests.servers.waiting import wait_until

#: Seconds for which messages come, so that some of them are poisoned.
LASTS = 5.0
#: Seconds within which a few workers have died of a message.
QUARANTINED_WITHIN_SECONDS = 120
REFUSAL = 554, "5.6.0 I don't like this mail"


@pytest.mark.short
def test_poisoned_message(site: Site) -> None:
    # Given that one in ten messages is of an application whose every line raises
    with site.suffering("message that its application trips over") as case, case.happening():
        time.sleep(LASTS)

    # Then people were told of these, too, and the log says what failed
    logs = [site.installation.program(name).log.read_text() for name in ("worker-1", "worker-2")]
    assert any("catalogue entry failed" in log and "this application is broken" in log for log in logs)


def test_deadly_message(site: Site) -> None:
    # Given a message that kills every worker that reads it
    deadly, fmn = site.directory / "packages" / "deadly", site.installation.command
    with site.suffering("message that kills whoever matches it") as case:
        with case.happening():
            deadly.touch()
            # When so many workers have died of it, then nobody tries it any more, and it says so
            wait_until(
                lambda: (topic := deadly.read_text()) and topic in fmn("messages", "list").stdout,
                QUARANTINED_WITHIN_SECONDS, "it isn't quarantined")
            assert "1 message can't be matched, processes died of each" in fmn("status").stdout
        # And once that's mended, its people are told of it, as they were of all others meanwhile
        deadly.unlink()
        assert fmn("messages", "requeue").stdout.startswith("1 message will be tried again")


def test_poisoned_delivery(site: Site) -> None:
    # Given a mail server that wants no mail for one of the people
    [address, *_] = [one for person in site.crowd.people if person.enabled for one in person.confirmed]
    with site.suffering("mail that the mail server refuses for good") as case:
        case.spared = lambda told: told.address == address
        with case.happening():
            site.smtp.refuse = {address: REFUSAL}
            time.sleep(LASTS)
            site.smtp.refuse = {}

    # Then each of these says why it wasn't sent, and no other one failed
    with site.installation.database.reading() as session:
        failed = session.execute(
            select(Delivery.destination, Delivery.reason).where(Delivery.state == DeliveryState.FAILED)).all()
    assert all(destination == address and REFUSAL[1] in reason for destination, reason in failed)

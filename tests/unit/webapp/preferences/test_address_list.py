from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from fmn.channels import ChannelType, Proof
from fmn.infra.public_ids import PublicId
from fmn.ledger.models import Delivery, DeliveryState
from fmn.people.addresses import AddressStatus, ListedAddress
from tests.factories.messages import NOON
from webapp.preferences.address_list import (
    AddressListItem,
    address_field_hint,
    address_field_label,
    address_list_items,
    no_address_hint,
)

UNTIL = NOON + timedelta(days=2)
WAITING = ListedAddress(1, "door:secret", AddressStatus.WAITING, NOON, UNTIL, PublicId(7))
EXPIRED = ListedAddress(1, "door:secret", AddressStatus.EXPIRED, NOON, UNTIL, PublicId(7))
NEVER = ListedAddress(1, "door:secret", AddressStatus.EXPIRED, None)
CONFIRMED = ListedAddress(1, "door:secret", AddressStatus.CONFIRMED, NOON)
STOPPED = ListedAddress(1, "door:secret", AddressStatus.STOPPED, NOON, reason="no such door")


def about(proof: Proof) -> ChannelType:
    return ChannelType(
        name="door", title="door", proof=proof, parse_address=lambda text, _settings: text, label="Door",
        mask=lambda address: address.partition(":")[0])


def line(proof: Proof, address: ListedAddress, letter: Delivery | None = None) -> AddressListItem:
    def when(moment: datetime) -> str:
        return f"{moment:%d %B}"

    [found] = address_list_items(
        about(proof), [address], {7: letter} if letter else {}, when, lambda number: f"knock {number}")
    assert "secret" not in str(found)
    return found


@pytest.mark.parametrize(("proof", "address", "state", "words"), [
    (Proof.LINK, WAITING, "Pending",
     "Open the link we sent 04 May. Check the spam folder too. It expires 06 May."),
    (Proof.CODE, WAITING, "Pending", "Type the code we sent 04 May. It expires 06 May."),
    (Proof.REPLY, WAITING, "Pending", "Send this message from your door nick door. It expires 06 May."),
    (Proof.LINK, EXPIRED, "Not confirmed", "The link we sent 04 May has expired."),
    (Proof.CODE, EXPIRED, "Not confirmed", "The code we sent 04 May has expired."),
    (Proof.REPLY, EXPIRED, "Not confirmed", "The code created 04 May has expired."),
    (Proof.LINK, NEVER, "Not confirmed", "We haven’t sent a link yet."),
    (Proof.REPLY, NEVER, "Not confirmed", "No code yet."),
    (Proof.CODE, CONFIRMED, "Confirmed", "We send your notifications by door here."),
    (Proof.CODE, STOPPED, "Stopped",
     "We stopped sending here 04 May: no such door. Fix the cause, then confirm the address again."),
])
def test_an_address_says_how_far_it_is(proof: Proof, address: ListedAddress, state: str, words: str) -> None:
    found = line(proof, address)
    assert (found.state, found.words) == (state, words)


def test_what_can_be_done_is_what_helps() -> None:
    assert (line(Proof.CODE, WAITING).takes_code, line(Proof.CODE, EXPIRED).takes_code) == (True, False)
    assert not line(Proof.LINK, WAITING).takes_code
    assert [line(Proof.REPLY, each).confirmation_phrase for each in (WAITING, EXPIRED, CONFIRMED)] == [
        "knock 7", "", ""]
    assert [(each.resend_label, each.urgent) for each in (
        line(Proof.LINK, WAITING), line(Proof.CODE, EXPIRED), line(Proof.REPLY, STOPPED))] == [
            ("Send new link", False), ("Send new code", True), ("Create new code", True)]
    confirmed, account = line(Proof.CODE, CONFIRMED), line(Proof.ACCOUNT, CONFIRMED)
    assert (confirmed.can_be_tested, confirmed.resend_label, confirmed.removable) == (True, "", True)
    # What is no address can be tried as well, but not be removed
    assert (account.can_be_tested, account.resend_label, account.removable) == (True, "", False)


@pytest.mark.parametrize(("state", "reason", "words", "takes_code"), [
    (DeliveryState.FAILED, "410 Gone", "The code couldn’t be delivered: 410 Gone. Check the address.",
        False),
    (DeliveryState.WAITING, "500 Oops", "The code couldn’t be delivered yet: 500 Oops. We’ll try again.",
        True),
    (DeliveryState.WAITING, "", "Type the code we sent 04 May. It expires 06 May.", True),
])
def test_a_code_that_did_not_arrive_says_why(
    state: DeliveryState, reason: str, words: str, takes_code: bool,
) -> None:
    found = line(Proof.CODE, WAITING, Delivery(state=state, reason=reason))
    assert (found.words, found.takes_code) == (words, takes_code)


def test_each_channel_says_how_to_begin() -> None:
    assert address_field_label(about(Proof.CODE)) == "Door"
    assert no_address_hint(about(Proof.REPLY)) == (
        "Add an address and send the message shown here from your nick to get notifications.")
    assert address_field_hint(
        about(Proof.ACCOUNT)) == "Notifications go to your account. You don’t need to confirm anything."
    assert "We’ll send a code to this address" in address_field_hint(about(Proof.CODE))

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from fmn.channels import ChannelType, Proof
from fmn.infra.public_ids import RowName
from fmn.ledger.models import Delivery, State
from fmn.people.addresses import Listed, Standing
from tests.factories.messages import NOON
from webapp.preferences.address_list import AddressLine, address_lines, beginning, first_words, what_to_type

UNTIL = NOON + timedelta(days=2)
WAITING = Listed(1, "door:secret", Standing.WAITING, NOON, UNTIL, RowName(7))
EXPIRED = Listed(1, "door:secret", Standing.EXPIRED, NOON, UNTIL, RowName(7))
NEVER = Listed(1, "door:secret", Standing.EXPIRED, None)
CONFIRMED = Listed(1, "door:secret", Standing.CONFIRMED, NOON)
STOPPED = Listed(1, "door:secret", Standing.STOPPED, NOON, reason="no such door")


def about(proof: Proof) -> ChannelType:
    return ChannelType(
        name="door", title="door", proof=proof, read_address=lambda text, _settings: text, label="Door",
        shown=lambda address: address.partition(":")[0])


def line(proof: Proof, address: Listed, letter: Delivery | None = None) -> AddressLine:
    def when(moment: datetime) -> str:
        return f"{moment:%d %B}"

    [found] = address_lines(
        about(proof), [address], {7: letter} if letter else {}, when, lambda number: f"knock {number}")
    assert "secret" not in str(found)
    return found


@pytest.mark.parametrize(("proof", "address", "state", "words"), [
    (Proof.LINK, WAITING, "Waiting for you",
     "Open the link that was sent there 04 May; see the spam folder, too. It expires 06 May."),
    (Proof.CODE, WAITING, "Waiting for you", "Type the code that was sent there 04 May. It expires 06 May."),
    (Proof.SAID, WAITING, "Waiting for you", "Say this by door, as door (it expires 06 May):"),
    (Proof.LINK, EXPIRED, "Not confirmed", "The link that was sent there 04 May has expired."),
    (Proof.CODE, EXPIRED, "Not confirmed", "The code that was sent there 04 May doesn’t work any more."),
    (Proof.SAID, EXPIRED, "Not confirmed", "The code that was made 04 May doesn’t work any more."),
    (Proof.LINK, NEVER, "Not confirmed", "Nothing was sent there yet."),
    (Proof.SAID, NEVER, "Not confirmed", "No code was made yet."),
    (Proof.CODE, CONFIRMED, "Confirmed", "Everything that’s sent by door goes here."),
    (Proof.CODE, STOPPED, "Stopped",
     "Nothing is sent there any more, since 04 May: no such door. Once that’s mended, confirm it again."),
])
def test_an_address_says_how_far_it_is(proof: Proof, address: Listed, state: str, words: str) -> None:
    found = line(proof, address)
    assert (found.state, found.words) == (state, words)


def test_what_can_be_done_is_what_helps() -> None:
    assert (line(Proof.CODE, WAITING).takes_code, line(Proof.CODE, EXPIRED).takes_code) == (True, False)
    assert not line(Proof.LINK, WAITING).takes_code
    assert [line(Proof.SAID, each).say for each in (WAITING, EXPIRED, CONFIRMED)] == ["knock 7", "", ""]
    assert [(each.again, each.urgent) for each in (
        line(Proof.LINK, WAITING), line(Proof.CODE, EXPIRED), line(Proof.SAID, STOPPED))] == [
            ("Send a new link", False), ("Send a new code", True), ("Make a new code", True)]
    confirmed, account = line(Proof.CODE, CONFIRMED), line(Proof.ACCOUNT, CONFIRMED)
    assert (confirmed.works, confirmed.again, confirmed.removable) == (True, "", True)
    # What is no address can be tried as well, but not be removed
    assert (account.works, account.again, account.removable) == (True, "", False)


@pytest.mark.parametrize(("state", "reason", "words", "takes_code"), [
    (State.FAILED, "410 Gone", "The code couldn’t be delivered: 410 Gone. Is the address right?", False),
    (State.WAITING, "500 Oops", "The code couldn’t be delivered yet, and is tried again: 500 Oops.", True),
    (State.WAITING, "", "Type the code that was sent there 04 May. It expires 06 May.", True),
])
def test_a_code_that_did_not_arrive_says_why(
    state: State, reason: str, words: str, takes_code: bool,
) -> None:
    found = line(Proof.CODE, WAITING, Delivery(state=state, reason=reason))
    assert (found.words, found.takes_code) == (words, takes_code)


def test_each_channel_says_how_to_begin() -> None:
    assert what_to_type(about(Proof.CODE)) == "Door"
    assert first_words(about(Proof.SAID)).startswith("Add one, say from there what this page shows then")
    assert beginning(about(Proof.ACCOUNT)) == "This goes to your account: there’s nothing to confirm."
    assert "We send a code there" in beginning(about(Proof.CODE))

"""What is said when somebody asks for a link or a code, or typed one: on pages and by the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fmn.channels import Proof, channel_type, shown
from fmn.infra.public_ids import RowName
from fmn.people.addresses import TAKEN
from fmn.people.confirmations import Asked, Outcome
from fmn.people.models import DetailValue
from webapp.request import Request

_ASKED: Final[Mapping[Proof, str]] = {
    Proof.LINK: "A letter is on its way to {name}. Open the link in it to confirm the address.",
    Proof.CODE: "A code is on its way. Type it beside {name} to confirm that address.",
    Proof.SAID: "To confirm {name}, say from there what stands beside it.",
}
_REFUSED: Final[Mapping[Outcome, str]] = {
    Outcome.WRONG: "That isn’t the code that was sent to {name}. Look at it again, or have a new one sent.",
    Outcome.WORN: "Wrong codes for {name} were typed too often, so none works any more. Have a new one sent.",
    Outcome.EXPIRED: "That code for {name} doesn’t work any more. Have a new one sent.",
    Outcome.GONE: "{name} was removed meanwhile. Add it again if you want it.",
    Outcome.TAKEN: TAKEN,
}


def asked_in_words(address: DetailValue) -> str:
    """What happens now that its owner is asked whether it's theirs."""
    context = address.preference.context
    return _ASKED[channel_type(context).proof].format(name=shown(context, address.value))


def refusal(asked: Asked) -> str:
    """Why a code confirmed nothing, ``""`` if the address is confirmed."""
    return _REFUSED.get(asked.outcome, "").format(name=asked.value)


def what_to_say(request: Request, context: str, confirmation: RowName) -> str:
    """What somebody says to us to confirm an address from there."""
    code = request.links.code(confirmation)
    return channel_type(context).say(request.services.settings, code)

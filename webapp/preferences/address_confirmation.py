"""What is said when somebody asks for a link or a code, or typed one: on pages and by the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fmn.channels import Proof, channel_type, mask_address
from fmn.infra.public_ids import PublicId
from fmn.people.addresses import ADDRESS_TAKEN
from fmn.people.confirmations import ConfirmationOutcome, ConfirmationResult
from fmn.people.models import DetailValue
from webapp.request import Request

_REQUESTED: Final[Mapping[Proof, str]] = {
    Proof.LINK: "A letter is on its way to {name}. Open the link in it to confirm the address.",
    Proof.CODE: "A code is on its way. Type it beside {name} to confirm that address.",
    Proof.REPLY: "To confirm {name}, say from there what stands beside it.",
}
_REFUSED: Final[Mapping[ConfirmationOutcome, str]] = {
    ConfirmationOutcome.WRONG: "That isn’t the code that was sent to {name}. Look at it again, or have a "
        "new one sent.",
    ConfirmationOutcome.TOO_MANY_TRIES: "Wrong codes for {name} were typed too often, so none works any "
        "more. Have a new one sent.",
    ConfirmationOutcome.EXPIRED: "That code for {name} doesn’t work any more. Have a new one sent.",
    ConfirmationOutcome.GONE: "{name} was removed meanwhile. Add it again if you want it.",
    ConfirmationOutcome.TAKEN: ADDRESS_TAKEN,
}


def confirmation_requested_message(address: DetailValue) -> str:
    """What happens now that its owner is asked whether it's theirs."""
    context = address.preference.context
    return _REQUESTED[channel_type(context).proof].format(name=mask_address(context, address.value))


def code_refusal(asked: ConfirmationResult) -> str:
    """Why a code confirmed nothing, ``""`` if the address is confirmed."""
    return _REFUSED.get(asked.outcome, "").format(name=asked.value)


def confirmation_phrase(request: Request, context: str, confirmation: PublicId) -> str:
    """What somebody says to us to confirm an address from there."""
    code = request.links.code(confirmation)
    return channel_type(context).confirm_command(request.services.settings, code)

"""Messages about confirming an address, for pages and the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fmn.channels import Proof, channel_type, mask_address
from fmn.infra.public_ids import PublicId
from fmn.people.addresses import ADDRESS_TAKEN
from fmn.people.confirmations import ConfirmationOutcome, ConfirmationResult
from fmn.people.models import DetailValue
from fmn.translations import gettext, mark
from webapp.request import Request

_REQUESTED: Final[Mapping[Proof, str]] = {
    Proof.LINK: mark("We’ve sent a link to {name}. Open it to confirm the address."),
    Proof.CODE: mark("We’ve sent a code to {name}. Type it below to confirm the address."),
    Proof.REPLY: mark("To confirm {name}, send the message shown below from that nick."),
}
_REFUSED: Final[Mapping[ConfirmationOutcome, str]] = {
    ConfirmationOutcome.WRONG: mark("Wrong code for {name}. Check the code, or send a new one."),
    ConfirmationOutcome.TOO_MANY_TRIES: mark("Too many wrong codes for {name}. Send a new code."),
    ConfirmationOutcome.EXPIRED: mark("The code for {name} has expired. Send a new code."),
    ConfirmationOutcome.GONE: mark("{name} was removed. Add it again to confirm it."),
    ConfirmationOutcome.TAKEN: ADDRESS_TAKEN,
}


def confirmation_requested_message(address: DetailValue) -> str:
    """What to do after a confirmation was requested."""
    context = address.preference.context
    return gettext(_REQUESTED[channel_type(context).proof]).format(name=mask_address(context, address.value))


def code_refusal(asked: ConfirmationResult) -> str:
    """Why a typed code was refused; ``""`` if the address is confirmed."""
    refusal = _REFUSED.get(asked.outcome)
    return gettext(refusal).format(name=asked.value) if refusal else ""


def confirmation_phrase(request: Request, context: str, confirmation: PublicId) -> str:
    """Message that confirms an address when its owner sends it from there."""
    code = request.links.code(confirmation)
    return channel_type(context).confirm_command(request.services.settings, code)

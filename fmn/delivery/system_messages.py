"""Rendering of system messages: confirmations, tests and notices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from fmn.channels import Proof, proof_in
from fmn.delivery.contract import SystemMessage
from fmn.delivery.delivery_rows import DeliveryRow
from fmn.delivery.notification_text import minute, name
from fmn.infra.public_ids import PublicId
from fmn.ledger.models import DeliveryKind
from fmn.people.addresses import is_current
from fmn.people.models import Confirmation, DetailValue
from fmn.text import lines, one_line
from fmn.translations import gettext


@dataclass(frozen=True)
class ConfirmationRequest:
    """A request to confirm an address that still exists."""

    confirmation: PublicId
    context: str
    expires_at: datetime
    answered: bool


def read_confirmation_requests(
    session: Session | Connection, deliveries: Iterable[DeliveryRow],
) -> Mapping[int, ConfirmationRequest]:
    """Confirmation requests among the deliveries, by the delivery's id.

    Of an address that was removed or switched off since, nothing is asked.
    """
    asking = {
        delivery.system_message["confirmation"]: delivery.id
        for delivery in deliveries if delivery.kind == DeliveryKind.CONFIRMATION}
    if not asking:
        return {}
    rows = session.execute(
        select(Confirmation.id, Confirmation.nonce, Confirmation.context, Confirmation.created_at,
               Confirmation.expires_at, DetailValue.confirmed_at, DetailValue.off_at)
        .join(DetailValue, DetailValue.id == Confirmation.detail_value_id)
        .where(Confirmation.id.in_(asking)))
    return {
        asking[row.id]: ConfirmationRequest(
            PublicId(row.id, row.nonce), row.context, row.expires_at, row.confirmed_at is not None)
        for row in rows if is_current(row.created_at, row.off_at)}


def render_confirmation_request(request: ConfirmationRequest, nick: str) -> SystemMessage:
    """The message that asks the owner of an address, who may not know FMN, to confirm it."""
    if proof_in(request.context) is Proof.CODE:
        how = gettext("To confirm that it's yours, enter this code by {moment} where you added the address:")
    else:
        how = gettext(
            "To confirm that it's yours, open this page by {moment}, in any browser, and press the button:")
    return SystemMessage(
        subject=gettext("Confirm this address"),
        paragraphs=[
            gettext("{nick} asked FMN to send notifications to this address.").format(nick=name(nick)),
            how.format(moment=minute(request.expires_at))],
        because=gettext("If that wasn't you, ignore this message. FMN will send you nothing else."),
        confirmation=request.confirmation, kind="confirmation")


def render_system_message(due: DeliveryRow) -> SystemMessage:
    """The test or notice to a confirmed address."""
    who = name(due.nick)
    if due.kind == DeliveryKind.TEST:
        said = _test(who, switched_on=due.enabled)
        because = gettext("Sent to {nick}, who asked for a test.").format(nick=who)
        return SystemMessage(gettext("Test message"), said, because, kind="test")
    written = due.system_message
    return SystemMessage(
        one_line(written["subject"]),
        [each for each in lines(written["text"]).split("\n") if each],
        gettext("Sent to {nick} because it concerns their account.").format(nick=who))


def _test(who: str, *, switched_on: bool) -> Sequence[str]:
    said = gettext("It works: messages that match the filters of {nick} are sent here.").format(nick=who)
    off = gettext("Notifications are switched off here at the moment, so only tests are sent.")
    return [said] if switched_on else [said, off]

"""Confirmation by codes: typed into the web app, or sent to FMN from the address.

A code that was sent to an address and is typed into the web app shows that its owner has the account. A code
that the web app showed and that comes from the address shows the same the other way round. Neither way
accepts the other's codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from fmn.channels import Proof, mask_address, proof_in
from fmn.errors import UserError
from fmn.infra.public_ids import PublicId
from fmn.people.addresses import is_unexpired, normalize_address
from fmn.people.change_log import lock_changes
from fmn.people.confirmation_codes import IsCode
from fmn.people.confirmations import ConfirmationOutcome, ConfirmationResult, confirm_address
from fmn.people.models import Confirmation, DetailValue
from fmn.translations import gettext


def confirm_by_typed_code(
    session: Session, address: DetailValue, typed: str, is_code: IsCode, now: datetime,
) -> ConfirmationResult:
    """Confirm an address by a code typed into the web app. Returns the result.

    Wrong codes are counted, so commit in any case. Raises :class:`~fmn.errors.UserError` for channels without
    such codes.
    """
    preference = address.preference
    name = mask_address(preference.context, address.value)
    if proof_in(preference.context) is not Proof.CODE:
        raise UserError(
            gettext("No code that could be typed here confirms {address}.").format(address=name))
    among = [Confirmation.detail_value_id == address.id]
    found = _confirm(session, among, typed, is_code, now)
    if isinstance(found, ConfirmationResult):
        return found
    return ConfirmationResult(found, preference.user.nick, preference.context, name, address)


def confirm_by_received_code(
    session: Session, context: str, value: str, said: str, is_code: IsCode, now: datetime,
) -> ConfirmationResult:
    """Confirm an address by a code that came from it, for whichever account wants it. Returns the result.

    ``ConfirmationResult.nick`` is ``""`` for a code that isn't the address's. Those are counted, so commit in
    any case.
    """
    name = mask_address(context, value)
    if proof_in(context) is not Proof.REPLY:
        return ConfirmationResult(ConfirmationOutcome.WRONG, "", context, name)
    among = [Confirmation.context == context, Confirmation.value == normalize_address(value)]
    found = _confirm(session, among, said, is_code, now)
    return found if isinstance(found, ConfirmationResult) else ConfirmationResult(found, "", context, name)


def _confirm(
    session: Session, among: Sequence[ColumnElement[bool]], typed: str, is_code: IsCode, now: datetime,
) -> ConfirmationResult | ConfirmationOutcome:
    codes = session.execute(
        select(Confirmation.id, Confirmation.nonce).where(*among).order_by(Confirmation.id.desc())).all()
    for code in codes:
        if is_code(PublicId(code.id, code.nonce), typed):
            found = confirm_address(session, code.id, now)
            if found is not None:
                return found
    return _count_wrong_try(session, among, now)


def _count_wrong_try(
    session: Session, among: Sequence[ColumnElement[bool]], now: datetime,
) -> ConfirmationOutcome:
    """Count a wrong code against every confirmation that it may have meant."""
    lock_changes(session)  # whoever removes an address changes these rows as well
    session.execute(
        update(Confirmation).where(*among, Confirmation.expires_at > now)
        .values(wrong_tries=Confirmation.wrong_tries + 1).execution_options(synchronize_session=False))
    rows = session.scalars(
        select(Confirmation).where(*among, Confirmation.expires_at > now),
        execution_options={"populate_existing": True}).all()
    return ConfirmationOutcome.TOO_MANY_TRIES if rows and not any(
        is_unexpired(row, now) for row in rows) else ConfirmationOutcome.WRONG

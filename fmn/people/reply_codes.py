"""Codes in place of links: typed into the web app by whoever was sent one, or said to us from an address.

Each proves only what it's for. A code that was sent to an address and comes back by the web app shows that
its owner has the account; one that the web app showed and that comes from the address shows the same the
other way round. So neither way takes the other's codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from fmn.channels import Proof, proof_in, shown
from fmn.infra.public_ids import RowName
from fmn.people.addresses import spelling, still_works
from fmn.people.change_log import lock_changes
from fmn.people.confirmation_codes import IsCode
from fmn.people.confirmations import Asked, Outcome, confirm
from fmn.people.models import Confirmation, DetailValue
from fmn.people.refusals import RefusedError


def confirm_by_code(
    session: Session, address: DetailValue, typed: str, is_code: IsCode, now: datetime,
) -> Asked:
    """Confirm an address by what its owner typed into the web app; says what came of it.

    A wrong code is counted, so commit that as well. Raises :class:`RefusedError` where no codes are sent.
    """
    preference = address.preference
    name = shown(preference.context, address.value)
    if proof_in(preference.context) is not Proof.CODE:
        raise RefusedError(f"No code that could be typed here confirms {name}.")
    among = [Confirmation.detail_value_id == address.id]
    found = _confirm(session, among, typed, is_code, now)
    if isinstance(found, Asked):
        return found
    return Asked(found, preference.user.nick, preference.context, name, address)


def confirm_said(
    session: Session, context: str, value: str, said: str, is_code: IsCode, now: datetime,
) -> Asked:
    """Confirm an address by what was said from there, whichever account wants it; says what came of it.

    ``Asked.nick`` is ``""`` if it's no code of that address. That is counted, so commit it as well.
    """
    name = shown(context, value)
    if proof_in(context) is not Proof.SAID:
        return Asked(Outcome.WRONG, "", context, name)
    among = [Confirmation.context == context, Confirmation.value == spelling(value)]
    found = _confirm(session, among, said, is_code, now)
    return found if isinstance(found, Asked) else Asked(found, "", context, name)


def _confirm(
    session: Session, among: Sequence[ColumnElement[bool]], typed: str, is_code: IsCode, now: datetime,
) -> Asked | Outcome:
    codes = session.execute(
        select(Confirmation.id, Confirmation.nonce).where(*among).order_by(Confirmation.id.desc())).all()
    for code in codes:
        if is_code(RowName(code.id, code.nonce), typed):
            found = confirm(session, code.id, now)
            if found is not None:
                return found
    return _count_wrong_try(session, among, now)


def _count_wrong_try(
    session: Session, among: Sequence[ColumnElement[bool]], now: datetime,
) -> Outcome:
    """Count it against every code that it may have been meant to be."""
    lock_changes(session)  # whoever removes an address changes these rows as well
    session.execute(
        update(Confirmation).where(*among, Confirmation.expires_at > now)
        .values(wrong_tries=Confirmation.wrong_tries + 1).execution_options(synchronize_session=False))
    rows = session.scalars(
        select(Confirmation).where(*among, Confirmation.expires_at > now),
        execution_options={"populate_existing": True}).all()
    return Outcome.WORN if rows and not any(still_works(row, now) for row in rows) else Outcome.WRONG

"""Which account is whose: bound to a provider's subject, so that a nick given anew inherits nothing.

A provider's issuer and subject stay a person's for ever; what they're called may change, and be given to
somebody else. The first sign-in binds an account that has none yet by its nick, as there's nothing else to
know it by: those from before there were bindings, those that messages made, those that came from FMN 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from fmn.administration.audit_log import log_action
from fmn.channels import Proof, proof_in
from fmn.errors import OperatorError
from fmn.people.accounts import end_sessions, get_or_create_signed_in_account
from fmn.people.change_log import lock_changes, record_change
from fmn.people.models import DetailValue, Preference, User
from fmn.people.usernames import is_username

#: Who does what nobody of ours does, in the audit log.
SIGN_IN: Final = "sign-in"


class ProviderSubject(NamedTuple):
    """A person as their provider knows them: its issuer, and what it calls them."""

    issuer: str
    subject: str


@dataclass(frozen=True)
class SignInIdentity:
    """What a sign-in says of somebody; with ``confirmed``, FMN may write to the address at once."""

    subject: ProviderSubject
    nick: str
    email: str | None
    confirmed: bool


class OtherProviderError(Exception):
    """The account of this nick belongs to somebody at another provider, who may be somebody else."""


def account_for_sign_in(
    session: Session, identity: SignInIdentity, contexts: Sequence[str], now: datetime,
) -> User:
    """The account of whoever signed in, which is made if there's none, and follows them to another nick.

    Raises :class:`OtherProviderError`.
    """
    nick = _bound_nick(session, identity)
    if nick is None:
        lock_changes(session)  # before the accounts, as everybody does; and looked at again
        nick = _bound_nick(session, identity) or _assign_nick(session, identity)
    user = get_or_create_signed_in_account(
        session, nick, identity.email, contexts, now, confirmed=identity.confirmed)
    if user.subject is None:
        user.issuer, user.subject = identity.subject
        session.flush()
    return user


def _bound_nick(session: Session, identity: SignInIdentity) -> str | None:
    """What they're called here, if the provider calls them so, too, and nothing has to be done."""
    user = _find_account(session, _is_bound(identity.subject))
    return user.nick if user is not None and user.nick == identity.nick else None


def _assign_nick(session: Session, identity: SignInIdentity) -> str:
    """What they're called here from now on; accounts that are in the way have made room then."""
    mine, holder = _find_account(session, _is_bound(identity.subject)), _find_account(
        session, User.nick == identity.nick)
    if holder is not None and holder.issuer not in {None, identity.subject.issuer}:
        raise OtherProviderError
    if mine is not None and holder is not None and holder.subject is None:
        return mine.nick  # whose that account is isn't known, so it's nobody's to take
    if holder is not None and holder.subject is not None:
        _make_former(session, holder)
        if mine is None:
            session.add(User(nick=identity.nick, succeeds=True))
            session.flush()
    if mine is not None:
        mine.succeeds = holder is not None
        _rename(session, mine, identity.nick, SIGN_IN)
    return identity.nick


def _make_former(session: Session, holder: User) -> None:
    """Let an account whose nick the provider gave to somebody else keep what it has, and be sent nothing.

    If its owner signs in again, under the name that they have by then, they find it as it was.
    """
    nick, number = holder.nick, 1
    while _find_account(session, User.nick == _former(nick, number)) is not None:
        number += 1
    _rename(session, holder, _former(nick, number), SIGN_IN)
    session.execute(update(Preference).where(Preference.user_id == holder.id).values(
        enabled=False, version=Preference.version + 1))
    end_sessions(session, holder)
    record_change(session, [holder.id])
    log_action(session, SIGN_IN, "nick given to somebody else", nick, former=holder.nick)


def _former(nick: str, number: int) -> str:
    # No nick at all, so that nobody is ever called that.
    return f"{nick} (former)" if number == 1 else f"{nick} (former {number})"


def _rename(session: Session, user: User, nick: str, actor: str) -> None:
    """Let an account be called otherwise, and so the addresses that are the account itself."""
    before, user.nick = user.nick, nick
    session.flush()
    for address in session.scalars(
        select(DetailValue).join(DetailValue.preference)
        .where(Preference.user_id == user.id, DetailValue.value == before)):
        if proof_in(address.preference.context) is Proof.ACCOUNT:
            address.value = nick
    record_change(session, [user.id])
    log_action(session, actor, "renamed an account", nick, before=before)


def rename_account(session: Session, actor: str, nick: str, new: str) -> None:
    """Call an account otherwise, such as one that made room. Raises :class:`~fmn.errors.OperatorError`."""
    if not is_username(new):
        raise OperatorError(f"{new!r} can't be the name of an account: letters, digits and _ . + - alone")
    lock_changes(session)
    if _find_account(session, User.nick == new) is not None:
        raise OperatorError(f"somebody is called {new} already")
    _rename(session, _account_by_nick(session, nick), new, actor)


def unbind_accounts(session: Session, actor: str, nick: str | None) -> int:
    """Let the next sign-in by their nick have an account, or all, for another provider; returns how many.

    Raises :class:`~fmn.errors.OperatorError` if nobody is called that.
    """
    whose = User.subject.is_not(None) if nick is None else User.id == _account_by_nick(session, nick).id
    ended = session.scalars(
        update(User).where(whose).values(issuer=None, subject=None).returning(User.id)
        .execution_options(synchronize_session=False)).all()
    log_action(session, actor, "unbound accounts", nick or "", count=len(ended))
    return len(ended)


def trust_nick(session: Session, actor: str, nick: str) -> None:
    """Let what settings say of a nick be meant for whoever was given it anew, too.

    Raises :class:`~fmn.errors.OperatorError` if nobody is called that.
    """
    _account_by_nick(session, nick).succeeds = False
    log_action(session, actor, "trusted a nick that was given anew", nick)


def _account_by_nick(session: Session, nick: str) -> User:
    found = _find_account(session, User.nick == nick)
    if found is None:
        raise OperatorError(f"there is no user {nick}")
    return found


def _find_account(session: Session, which: ColumnElement[bool]) -> User | None:
    return session.scalars(
        select(User).where(which), execution_options={"populate_existing": True}).one_or_none()


def _is_bound(who: ProviderSubject) -> ColumnElement[bool]:
    return (User.issuer == who.issuer) & (User.subject == who.subject)

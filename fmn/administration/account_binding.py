"""Binding of accounts to an OpenID provider's subject, so that a reassigned nick inherits nothing.

Issuer and subject identify a person for ever. A nick may change, and the provider may give it to somebody
else. An unbound account is bound by its nick at the first sign-in, because nothing else identifies it: one
that is older than bindings, that a message created, or that was imported from FMN 2.
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
from fmn.errors import OperatorError, UserError
from fmn.people.accounts import end_sessions, get_or_create_signed_in_account
from fmn.people.change_log import lock_changes, record_change
from fmn.people.models import DetailValue, Preference, User
from fmn.people.usernames import is_username
from fmn.translations import gettext, mark

#: Actor of audit entries that a sign-in causes by itself.
SIGN_IN: Final = "sign-in"


class ProviderSubject(NamedTuple):
    """Identity of a person at a provider: the provider's issuer, and its name for the person."""

    issuer: str
    subject: str


@dataclass(frozen=True)
class SignInIdentity:
    """Claims of a sign-in. With ``confirmed``, FMN may write to the address without a confirmation."""

    subject: ProviderSubject
    nick: str
    email: str | None
    confirmed: bool


class OtherProviderError(UserError):
    """The account with this nick is bound to another provider, so its owner may be another person."""

    def __init__(self, nick: str) -> None:
        super().__init__(
            gettext("The account {nick} is linked to a different sign-in. Contact your FMN administrator.")
            .format(nick=nick))


def account_for_sign_in(
    session: Session, identity: SignInIdentity, contexts: Sequence[str], now: datetime,
) -> User:
    """Return the account of a person who signed in; create it if needed, and rename it to their new nick.

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
    """The nick of the bound account, if it's the provider's too; ``None`` if there is something to do."""
    user = _find_account(session, _is_bound(identity.subject))
    return user.nick if user is not None and user.nick == identity.nick else None


def _assign_nick(session: Session, identity: SignInIdentity) -> str:
    """Return the nick to use from now on; an account that has it and is bound to another is renamed."""
    mine, holder = _find_account(session, _is_bound(identity.subject)), _find_account(
        session, User.nick == identity.nick)
    if holder is not None and holder.issuer not in {None, identity.subject.issuer}:
        raise OtherProviderError(identity.nick)
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
    """Rename an account whose nick the provider reassigned, switch its channels off and end its sessions.

    It keeps its preferences: its owner finds them after signing in under another name.
    """
    nick, number = holder.nick, 1
    while _find_account(session, User.nick == _former(nick, number)) is not None:
        number += 1
    _rename(session, holder, _former(nick, number), SIGN_IN)
    session.execute(update(Preference).where(Preference.user_id == holder.id).values(
        enabled=False, version=Preference.version + 1))
    end_sessions(session, holder)
    record_change(session, [holder.id])
    log_action(session, SIGN_IN, mark("nick given to somebody else"), nick, former=holder.nick)


def _former(nick: str, number: int) -> str:
    # Not a valid nick, so nobody can ever be called that.
    return f"{nick} (former)" if number == 1 else f"{nick} (former {number})"


def _rename(session: Session, user: User, nick: str, actor: str) -> None:
    """Rename an account, and those of its addresses that are the account's name."""
    before, user.nick = user.nick, nick
    session.flush()
    for address in session.scalars(
        select(DetailValue).join(DetailValue.preference)
        .where(Preference.user_id == user.id, DetailValue.value == before)):
        if proof_in(address.preference.context) is Proof.ACCOUNT:
            address.value = nick
    record_change(session, [user.id])
    log_action(session, actor, mark("renamed an account"), nick, before=before)


def rename_account(session: Session, actor: str, nick: str, new: str) -> None:
    """Rename an account, such as a former one. Raises :class:`~fmn.errors.OperatorError`."""
    if not is_username(new):
        raise OperatorError(f"{new!r} can't be the name of an account: letters, digits and _ . + - alone")
    lock_changes(session)
    if _find_account(session, User.nick == new) is not None:
        raise OperatorError(f"somebody is called {new} already")
    _rename(session, _account_by_nick(session, nick), new, actor)


def unbind_accounts(session: Session, actor: str, nick: str | None) -> int:
    """Unbind an account, or all if ``nick`` is ``None``, so that the next sign-in binds it; returns how many.

    Raises :class:`~fmn.errors.OperatorError` if nobody is called that.
    """
    whose = User.subject.is_not(None) if nick is None else User.id == _account_by_nick(session, nick).id
    ended = session.scalars(
        update(User).where(whose).values(issuer=None, subject=None).returning(User.id)
        .execution_options(synchronize_session=False)).all()
    log_action(session, actor, mark("unbound accounts"), nick or "", count=len(ended))
    return len(ended)


def trust_nick(session: Session, actor: str, nick: str) -> None:
    """Let settings that name a nick, such as ``fmn.web.administrators``, apply to its new owner.

    Raises :class:`~fmn.errors.OperatorError` if nobody is called that.
    """
    _account_by_nick(session, nick).succeeds = False
    log_action(session, actor, mark("trusted a nick that was given anew"), nick)


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

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

from fmn.administration.audit_log import note
from fmn.channels import Proof, proof_in
from fmn.errors import MistakeError
from fmn.people.accounts import account_by_sign_in, end_sessions
from fmn.people.change_log import lock_changes, record_change
from fmn.people.models import DetailValue, Preference, User
from fmn.people.usernames import is_nick

#: Who does what nobody of ours does, in the audit log.
SIGN_IN: Final = "sign-in"


class Subject(NamedTuple):
    """A person as their provider knows them: its issuer, and what it calls them."""

    issuer: str
    subject: str


@dataclass(frozen=True)
class SignedIn:
    """What a sign-in says of somebody; with ``confirmed``, FMN may write to the address at once."""

    who: Subject
    nick: str
    email: str | None
    confirmed: bool


class OtherProviderError(Exception):
    """The account of this nick belongs to somebody at another provider, who may be somebody else."""


def account_signed_in(session: Session, said: SignedIn, contexts: Sequence[str], now: datetime) -> User:
    """The account of whoever signed in, which is made if there's none, and follows them to another nick.

    Raises :class:`OtherProviderError`.
    """
    nick = _bound_nick(session, said)
    if nick is None:
        lock_changes(session)  # before the accounts, as everybody does; and looked at again
        nick = _bound_nick(session, said) or _settled_nick(session, said)
    user = account_by_sign_in(session, nick, said.email, contexts, now, confirmed=said.confirmed)
    if user.subject is None:
        user.issuer, user.subject = said.who
        session.flush()
    return user


def _bound_nick(session: Session, said: SignedIn) -> str | None:
    """What they're called here, if the provider calls them so, too, and nothing has to be done."""
    user = _account(session, _is_bound(said.who))
    return user.nick if user is not None and user.nick == said.nick else None


def _settled_nick(session: Session, said: SignedIn) -> str:
    """What they're called here from now on; accounts that are in the way have made room then."""
    mine, holder = _account(session, _is_bound(said.who)), _account(session, User.nick == said.nick)
    if holder is not None and holder.issuer not in {None, said.who.issuer}:
        raise OtherProviderError
    if mine is not None and holder is not None and holder.subject is None:
        return mine.nick  # whose that account is isn't known, so it's nobody's to take
    if holder is not None and holder.subject is not None:
        _park(session, holder)
        if mine is None:
            session.add(User(nick=said.nick, succeeds=True))
            session.flush()
    if mine is not None:
        mine.succeeds = holder is not None
        _rename(session, mine, said.nick, SIGN_IN)
    return said.nick


def _park(session: Session, holder: User) -> None:
    """Let an account whose nick the provider gave to somebody else keep what it has, and be sent nothing.

    If its owner signs in again, under the name that they have by then, they find it as it was.
    """
    nick, number = holder.nick, 1
    while _account(session, User.nick == _former(nick, number)) is not None:
        number += 1
    _rename(session, holder, _former(nick, number), SIGN_IN)
    session.execute(update(Preference).where(Preference.user_id == holder.id).values(
        enabled=False, version=Preference.version + 1))
    end_sessions(session, holder)
    record_change(session, [holder.id])
    note(session, SIGN_IN, "nick given to somebody else", nick, former=holder.nick)


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
    note(session, actor, "renamed an account", nick, before=before)


def rename(session: Session, actor: str, nick: str, new: str) -> None:
    """Call an account otherwise, such as one that made room. Raises :class:`~fmn.errors.MistakeError`."""
    if not is_nick(new):
        raise MistakeError(f"{new!r} can't be the name of an account: letters, digits and _ . + - alone")
    lock_changes(session)
    if _account(session, User.nick == new) is not None:
        raise MistakeError(f"somebody is called {new} already")
    _rename(session, _called(session, nick), new, actor)


def unbind(session: Session, actor: str, nick: str | None) -> int:
    """Let the next sign-in by their nick have an account, or all, for another provider; returns how many.

    Raises :class:`~fmn.errors.MistakeError` if nobody is called that.
    """
    whose = User.subject.is_not(None) if nick is None else User.id == _called(session, nick).id
    ended = session.scalars(
        update(User).where(whose).values(issuer=None, subject=None).returning(User.id)
        .execution_options(synchronize_session=False)).all()
    note(session, actor, "unbound accounts", nick or "", count=len(ended))
    return len(ended)


def trust(session: Session, actor: str, nick: str) -> None:
    """Let what settings say of a nick be meant for whoever was given it anew, too.

    Raises :class:`~fmn.errors.MistakeError` if nobody is called that.
    """
    _called(session, nick).succeeds = False
    note(session, actor, "trusted a nick that was given anew", nick)


def _called(session: Session, nick: str) -> User:
    found = _account(session, User.nick == nick)
    if found is None:
        raise MistakeError(f"nobody here is called {nick}")
    return found


def _account(session: Session, which: ColumnElement[bool]) -> User | None:
    return session.scalars(
        select(User).where(which), execution_options={"populate_existing": True}).one_or_none()


def _is_bound(who: Subject) -> ColumnElement[bool]:
    return (User.issuer == who.issuer) & (User.subject == who.subject)

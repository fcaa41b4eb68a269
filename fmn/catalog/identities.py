"""People whom services know by something else than their account: an OpenID, an e-mail address, a nick."""

from __future__ import annotations

import re

from fmn.catalog.accounts_in_messages import avatar, avatar_by_email
from fmn.catalog.message_reader import MessageReader

#: Fedora's OpenIDs are ``http://mary.id.fedoraproject.org/``.
OPENID_HOST = ".id.fedoraproject.org"

#: What's between addresses and around them, in the headers of mails and the like.
AROUND_ADDRESSES = re.compile(r"[\s,;()<>\"?]+")


def addresses_in(text: str) -> list[str]:
    """The e-mail addresses in a text: ``Mary <mary@example.org>, sam@example.org``."""
    return [word for word in AROUND_ADDRESSES.split(text) if "@" in word]


def account_of(m: MessageReader, identity: str) -> str:
    """The account behind an OpenID, an e-mail address or a nick.

    What looks like a name and isn't known otherwise is the account itself; an address that nobody is
    known to have gives ``""``.
    """
    owner, host, _ = identity.rpartition("//")[2].partition(OPENID_HOST)
    if host:
        return owner
    return m.account(identity) or ("" if "@" in identity else identity)


def avatar_of(m: MessageReader, identity: str) -> str:
    """The picture of whoever an OpenID, an e-mail address or a nick stands for, ``""`` for nobody."""
    account = account_of(m, identity)
    if account:
        return avatar(account)
    return avatar_by_email(identity) if identity else ""

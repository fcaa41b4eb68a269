"""Maps services' identities to accounts: OpenIDs, e-mail addresses and nicks."""

from __future__ import annotations

import re

from fmn.catalog.accounts_in_messages import avatar, avatar_by_email
from fmn.catalog.message_reader import MessageReader

#: Fedora's OpenIDs are ``http://mary.id.fedoraproject.org/``.
OPENID_HOST = ".id.fedoraproject.org"

#: Separators of addresses in mail headers and the like.
AROUND_ADDRESSES = re.compile(r"[\s,;()<>\"?]+")


def addresses_in(text: str) -> list[str]:
    """The e-mail addresses in a text: ``Mary <mary@example.org>, sam@example.org``."""
    return [word for word in AROUND_ADDRESSES.split(text) if "@" in word]


def account_of(m: MessageReader, identity: str) -> str:
    """The account of an OpenID, an e-mail address or a nick.

    An unknown nick counts as the account's name; an unknown address gives ``""``.
    """
    owner, host, _ = identity.rpartition("//")[2].partition(OPENID_HOST)
    if host:
        return owner
    return m.account(identity) or ("" if "@" in identity else identity)


def avatar_of(m: MessageReader, identity: str) -> str:
    """The avatar's URL of an OpenID, an e-mail address or a nick; ``""`` without an account."""
    account = account_of(m, identity)
    if account:
        return avatar(account)
    return avatar_by_email(identity) if identity else ""

"""Accounts in messages: account names and avatars."""

from __future__ import annotations

import hashlib
import re

from fmn.catalog.message_reader import JsonNode, MessageReader

#: Keys of the account name in an object that describes a person.
NAME_KEYS = ("name", "username", "nickname")

#: ``@mary`` in a text, but not ``mary@example.org``.
MENTION = re.compile(r"(?<![\w.@/])@(\w(?:[\w-]*\w)?)")

PICTURES = "https://seccdn.libravatar.org/avatar/{digest}?s=64&d=retro"


def person(node: JsonNode, *path: str | int) -> str:
    """The account at ``path``, a text or an object with a name; ``""`` without one."""
    found = node.value(*path)
    names = (found.get(key) for key in NAME_KEYS) if isinstance(found, dict) else (found,)
    return next((name for name in names if isinstance(name, str) and name), "")


def mentions(text: str) -> list[str]:
    """The accounts that a text mentions by ``@name``, in its order."""
    return MENTION.findall(text)


def committer(m: MessageReader, *path: str | int) -> str:
    """The account of a commit at ``path``: the named one, or the one with its e-mail address."""
    commit = m.at(*path)
    return person(commit, "username") or m.account(commit.text("email")) or ""


def avatar(account: str) -> str:
    """The Libravatar URL of an account, as Fedora's services build it."""
    owner = f"http://{account}.id.fedoraproject.org/".encode(errors="replace")
    return PICTURES.format(digest=hashlib.sha256(owner).hexdigest())


def avatar_by_email(address: str) -> str:
    """The Libravatar URL of an e-mail address."""
    digest = hashlib.md5(address.strip().lower().encode(errors="replace"), usedforsecurity=False)
    return PICTURES.format(digest=digest.hexdigest())

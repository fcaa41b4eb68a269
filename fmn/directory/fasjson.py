"""Directory source FASJSON, Fedora's account API: groups, e-mail addresses and IRC nicks.

It uses version 1: ``/v1/users/``, ``/v1/groups/`` and ``/v1/groups/NAME/members/``, each in pages::

    {"result": [{"username": "alice", "emails": ["alice@example.org"], "ircnicks": ["irc:/al"],
                 "locked": false, …}],
     "page": {"page_number": 1, "page_size": 500, "total_pages": 3, "total_results": 1234, …}}

A user's field may be ``null``, and is for private profiles. Members are accepted members; applicants, and
sponsors who aren't members, aren't listed. FASJSON requires Kerberos; the token is for a proxy in front of
it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fmn.directory.json_client import JsonClient
from fmn.directory.json_validation import JsonValidator
from fmn.directory.merging import DirectoryPart, DirectoryUnavailableError

#: Users or groups per page. FASJSON looks a page's users up in one query that names each.
PAGE_SIZE = 500

#: Pages of a list: half a million users. A server with more never ends.
MAX_PAGES = 1000

#: Mistakes of a page that an error shows.
MISTAKES_SHOWN = 3

#: ``irc:/al``, ``irc://irc.example.org/al``, and from older times ``al`` or ``@al``; Matrix has its own.
IRC_NICK = re.compile(r"(?:ircs?:/(?:/[^/]*/)?|@)?(?P<nick>[^\s/:@]+)")


@dataclass(frozen=True, slots=True)
class FasjsonUser:
    """FASJSON's record of a user."""

    account: str
    emails: tuple[str, ...]
    nicks: tuple[str, ...]


class FasjsonSource:
    """Source FASJSON at a URL. With ``addresses`` it also provides e-mail addresses."""

    def __init__(self, url: str, timeout_seconds: float, *, token: str = "", addresses: bool = True) -> None:
        self._url = url
        self._timeout_seconds = timeout_seconds
        self._token = token
        self._addresses = addresses

    def fetch(self) -> DirectoryPart:
        with closing(JsonClient(self._url, self._timeout_seconds, token=self._token)) as web:
            people = list(_people(web))
            groups = {group: list(_members(web, group)) for group in _group_names(web)}
        if not people or not groups:
            raise DirectoryUnavailableError(f"{self._url}: has no people or no groups, which can't be true")
        return DirectoryPart(
            groups=groups,
            aliases=_aliases(people),
            addresses={
                person.account: person.emails[0] for person in people if self._addresses and person.emails},
            ircnicks={person.account: person.nicks for person in people if person.nicks},
        )


def _people(web: JsonClient) -> Iterator[FasjsonUser]:
    for shape, position, record in _records(web, "v1/users/"):
        account = shape.name(record.get("username"), "result", position, "username")
        if account and record.get("locked") is not True:
            nicks = map(IRC_NICK.fullmatch, _texts(record.get("ircnicks")))
            yield FasjsonUser(
                account=account,
                emails=tuple(_texts(record.get("emails"))),
                nicks=tuple(dict.fromkeys(nick["nick"] for nick in nicks if nick)),
            )


def _group_names(web: JsonClient) -> list[str]:
    return [
        shape.name(record.get("groupname"), "result", position, "groupname")
        for shape, position, record in _records(web, "v1/groups/")
    ]


def _members(web: JsonClient, group: str) -> Iterator[str]:
    for shape, position, record in _records(web, f"v1/groups/{quote(group, safe='')}/members/"):
        yield shape.name(record.get("username"), "result", position, "username")


def _records(web: JsonClient, path: str) -> Iterator[tuple[JsonValidator, int, dict[str, Any]]]:
    """The records of all pages, each with its index on its page. Mistakes are raised page by page."""
    number, total = 1, 1
    while number <= total:
        shape = JsonValidator(f"{web.url(path)} page {number}")
        answer = shape.object(web.get(path, {"page_size": PAGE_SIZE, "page_number": number}))
        records = answer.get("result")
        if not isinstance(records, list):
            shape.mistake("should be a list", "result")
            records = []
        for position, record in enumerate(records):
            yield shape, position, shape.object(record, "result", position)
        total = _total_pages(shape, answer)
        if total > MAX_PAGES:
            shape.mistake(f"should be {MAX_PAGES} at most", "page", "total_pages")
        shape.check(MISTAKES_SHOWN)
        number += 1


def _total_pages(shape: JsonValidator, answer: dict[str, Any]) -> int:
    if "page" not in answer:
        return 1
    total = shape.object(answer["page"], "page").get("total_pages")
    if not isinstance(total, int):
        shape.mistake("should be a number", "page", "total_pages")
        return 1
    return total


def _texts(value: Any) -> Iterator[str]:
    """The usable texts of a profile's field; others are skipped."""
    for text in value if isinstance(value, list) else []:
        if isinstance(text, str) and text and text.isprintable():
            yield text


def _aliases(people: Iterable[FasjsonUser]) -> dict[str, str]:
    """Accounts by nick and address.

    Users choose their nicks themselves. A nick that is another account's name, or that two users claim, is
    ignored: otherwise anybody could impersonate anybody.
    """
    people = list(people)
    accounts = {person.account.lower() for person in people}
    claims = {
        (name.lower(), person.account) for person in people for name in (*person.emails, *person.nicks)
        if name.lower() == person.account.lower() or name.lower() not in accounts
    }
    claimed = Counter(name for name, _ in claims)
    return {name: account for name, account in claims if claimed[name] == 1}

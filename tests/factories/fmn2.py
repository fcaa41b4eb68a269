"""Databases of FMN 2, with its tables and what a test puts into them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Engine, create_engine, text

#: FMN 2's tables as its last version had them.
TABLES = (
    """CREATE TABLE contexts (
        name VARCHAR(50) PRIMARY KEY, description VARCHAR(1024) UNIQUE, created_on TIMESTAMP,
        detail_name VARCHAR(64) NOT NULL, icon VARCHAR(32) NOT NULL, placeholder VARCHAR(256))""",
    """CREATE TABLE users (
        openid TEXT PRIMARY KEY, openid_url TEXT UNIQUE, api_key TEXT, created_on TIMESTAMP)""",
    """CREATE TABLE preferences (
        id INTEGER PRIMARY KEY, created_on TIMESTAMP, batch_delta INTEGER, batch_count INTEGER,
        enabled BOOLEAN NOT NULL, markup_messages BOOLEAN, triggered_by_links BOOLEAN, shorten_links BOOLEAN,
        "verbose" BOOLEAN, openid TEXT NOT NULL REFERENCES users (openid),
        context_name VARCHAR(50) NOT NULL REFERENCES contexts (name), UNIQUE (openid, context_name))""",
    """CREATE TABLE filters (
        id INTEGER PRIMARY KEY, created_on TIMESTAMP, name VARCHAR(50), active BOOLEAN NOT NULL,
        oneshot BOOLEAN NOT NULL, preference_id INTEGER REFERENCES preferences (id))""",
    """CREATE TABLE rules (
        id INTEGER PRIMARY KEY, created_on TIMESTAMP, filter_id INTEGER REFERENCES filters (id),
        code_path VARCHAR(100) NOT NULL, _arguments VARCHAR(256), negated BOOLEAN)""",
    """CREATE TABLE detail_values (
        id INTEGER PRIMARY KEY, created_on TIMESTAMP, value VARCHAR(1024) UNIQUE,
        preference_id INTEGER REFERENCES preferences (id))""",
    """CREATE TABLE confirmations (
        id INTEGER PRIMARY KEY, created_on TIMESTAMP, status VARCHAR(16), secret VARCHAR(32),
        detail_value VARCHAR(1024), openid TEXT NOT NULL REFERENCES users (openid),
        context_name VARCHAR(50) NOT NULL REFERENCES contexts (name), UNIQUE (openid, context_name))""",
    """CREATE TABLE queued_messages (
        id INTEGER PRIMARY KEY, created_on TIMESTAMP, _message TEXT NOT NULL,
        openid TEXT NOT NULL REFERENCES users (openid),
        context_name VARCHAR(50) NOT NULL REFERENCES contexts (name))""",
)
CONTEXTS = {"email": "email address", "irc": "irc nick", "sse": "None", "android": "registration id"}
#: When everything was made in FMN 2.
THEN = "2017-03-14 09:26:53.000000"


def rule(name: str, negated: bool | None = False, **arguments: str) -> tuple[str, str, bool | None]:
    """A rule of FMN 2's, as its row has it."""
    return f"fmn.rules:{name}", json.dumps(arguments), negated


class Fmn2:
    """An FMN 2 database at ``url``, into which people can be put."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine: Engine = create_engine(url)
        self._ids = itertools.count(1)
        self._connection = self._engine.connect()
        if self._engine.dialect.name == "sqlite":
            self._connection.execute(text("PRAGMA synchronous = OFF"))
        for table in TABLES:
            self._connection.execute(text(table))
        for name, detail_name in CONTEXTS.items():
            self.insert("contexts", name=name, description=name, detail_name=detail_name, icon=name)

    def insert(self, table: str, **values: Any) -> int:
        """A row; returns its id, if it has one."""
        number = next(self._ids)
        if table not in {"users", "contexts"}:
            values["id"] = number
        names = ", ".join(f'"{name}"' for name in values)
        places = ", ".join(f":{name}" for name in values)
        statement = text(f"INSERT INTO {table} ({names}) VALUES ({places})")  # noqa: S608 - names of our own
        self._connection.execute(statement, values)
        self._connection.commit()
        return number

    def user(self, nick: str) -> str:
        """Somebody; returns their OpenID."""
        openid = f"{nick}.id.fedoraproject.org"
        self.insert("users", openid=openid, openid_url=f"http://{openid}/", api_key="secret", created_on=THEN)
        return openid

    def preference(
        self, openid: str, context: str = "email", *, addresses: Sequence[str] = (),
        filters: Mapping[str, Sequence[tuple[str, str | None, bool | None]]] | None = None, **values: Any,
    ) -> int:
        """What somebody set in a context, with filters by name; returns its id."""
        usual = {"enabled": True, "markup_messages": False, "triggered_by_links": True,
                 "shorten_links": False, "verbose": True, "created_on": THEN}
        preference = self.insert(
            "preferences", openid=openid, context_name=context, **{**usual, **values})
        for address in addresses:
            self.insert("detail_values", value=address, preference_id=preference, created_on=THEN)
        for name, rules in (filters or {}).items():
            self.filter(preference, name, rules)
        return preference

    def filter(
        self, preference: int, name: str | None, rules: Sequence[tuple[str, str | None, bool | None]], *,
        active: bool = True, oneshot: bool = False,
    ) -> None:
        """A filter of a preference."""
        added = self.insert(
            "filters", preference_id=preference, name=name, active=active, oneshot=oneshot, created_on=THEN)
        for code_path, arguments, negated in rules:
            self.insert("rules", filter_id=added, code_path=code_path, _arguments=arguments, negated=negated)

    def close(self) -> None:
        """Close all connections."""
        self._connection.close()
        self._engine.dispose()

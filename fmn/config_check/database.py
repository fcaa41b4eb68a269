"""Configuration check of the database: login, encryption and version of the schema."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session

from fmn.administration.restored_database import OTHER_DATABASE, unsettled_since
from fmn.infra import migrations
from fmn.infra.db import Database
from fmn.settings import DatabaseSettings
from fmn.settings.check_results import CheckResult, CheckResults, error_text, failed, ok, warning

SUBJECT: Final = "database"
#: Seconds for a connection.
TIMEOUT_SECONDS: Final = 5
#: The oldest version of PostgreSQL that its makers still mend.
OLDEST: Final = (14,)
UPGRADE: Final = "run fmn db upgrade"


def check(settings: DatabaseSettings, *, embedded: bool) -> CheckResults:
    """Whether the database works and its schema is current; if ``embedded``, FMN's start creates it."""
    try:
        url = make_url(settings.url)
    except ArgumentError:
        yield failed(SUBJECT, "fmn.database.url isn't a URL: quote what's no letter or digit in its password")
        return
    if url.get_backend_name() == "sqlite":
        yield from _sqlite(Path(url.database or ""), embedded=embedded)
    else:
        yield from _postgresql(url)


def _postgresql(url: URL) -> CheckResults:
    if "connect_timeout" not in url.query:
        url = url.update_query_dict({"connect_timeout": str(TIMEOUT_SECONDS)})
    database = Database(url.render_as_string(hide_password=False), detects_failover=False)
    where = f"PostgreSQL at {url.host or 'its socket'}"
    try:
        with database.engine.connect() as connection:
            yield from _connected(where, connection)
    except DBAPIError as error:
        yield failed(
            SUBJECT, f"{where} can't be used: {error_text(error.orig or error)}. {_advice(str(error.orig))} "
                           "See fmn.database.url")
    finally:
        database.close()


def _connected(where: str, connection: Connection) -> CheckResults:
    version = connection.dialect.server_version_info or ()
    encoding = connection.scalar(text("SHOW server_encoding"))
    name = f"{where}, version {'.'.join(map(str, version[:2]))}"
    if encoding != "UTF8":
        yield failed(
            SUBJECT, f"{where} keeps text as {encoding}: make the database anew with ENCODING 'UTF8'")
    if connection.scalar(text("SELECT current_setting('transaction_read_only')::bool")):
        yield failed(SUBJECT, f"{where} can only be read: name the primary, not a replica of it")
    if version < OLDEST:
        yield warning(SUBJECT, f"{name}, isn't maintained any more: upgrade it")
    problem = _tables(connection)
    if problem and not connection.scalar(text("SELECT has_schema_privilege(current_schema(), 'CREATE')")):
        problem += "; the user may make no tables there yet: have them own the database or its schema"
    if not problem and unsettled_since(Session(connection)):
        yield warning(SUBJECT, f"{where} {OTHER_DATABASE}")
    yield failed(SUBJECT, f"{where} {problem}") if problem else ok(SUBJECT, f"{name}; tables up to date")


def _tables(connection: Connection) -> str:
    """Problems of the schema, if there are any."""
    return _difference(set(MigrationContext.configure(connection).get_current_heads()))


def _difference(applied: set[str]) -> str:
    if applied == {migrations.head()}:
        return ""
    if not applied:
        return f"has no tables yet: {UPGRADE}"
    return (f"has the tables of another version of FMN ({', '.join(sorted(applied))}): {UPGRADE}, "
            "or start the version that they're of")


def _sqlite(path: Path, *, embedded: bool) -> CheckResults:
    where = f"SQLite in {path}"
    folder = next((each for each in path.absolute().parents if each.exists()), Path("/"))
    if not os.access(folder, os.W_OK | os.X_OK):
        yield failed(SUBJECT, f"{where} can't be used: nobody lets us write in {folder}")
    elif not path.exists():
        yield _old(f"{where} isn't there yet: {UPGRADE}", embedded=embedded)
    elif not os.access(path, os.R_OK | os.W_OK):
        yield failed(SUBJECT, f"{where} can't be read and written by us: see who owns it")
    else:
        try:
            problem = _difference(_applied(path))
        except sqlite3.Error as error:
            yield failed(SUBJECT, f"{where} can't be used: {error}")
        else:
            yield (_old(f"{where} {problem}", embedded=embedded) if problem
                   else ok(SUBJECT, f"{where}; tables up to date"))


def _old(sentence: str, *, embedded: bool) -> CheckResult:
    return ok(SUBJECT, f"{sentence}, or start fmn up, which does it") if embedded else failed(
        SUBJECT, sentence)


def _applied(path: Path) -> set[str]:
    # Read alone, which our own engine isn't made for: it would switch the file to another journal.
    with closing(sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=TIMEOUT_SECONDS)) as file:
        if not file.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            return set()
        return {version for (version,) in file.execute("SELECT version_num FROM alembic_version")}


def _advice(said: str) -> str:
    if "password authentication failed" in said or "no password supplied" in said:
        return "Is the password right, and quoted as in a URL?"
    if "does not exist" in said:
        return "Make it as docs/how-to/install says."
    if "pg_hba.conf" in said:
        return "Let this host in there."
    return "Does it run, and do host and port stand there?"

"""How fast pages are with a long history, and how many SQL statements each takes, on every kind of database.

One person has been sent as many notifications as there are messages. Their pages are asked for over HTTP, one
after the other. SQL statements are counted with a hundredth of the history, too: their number doesn't grow
with it. Ratios are to a request that shows nothing.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import httpx
from sqlalchemy import event, select

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

# What follows is found only now, when this runs as a script.
from benchmarks.history_databases import databases, keep, notify  # noqa: E402
from benchmarks.message_files import make_messages  # noqa: E402
from benchmarks.reporting import Measurement, print_measurements, write  # noqa: E402
from fmn.catalog import catalog  # noqa: E402
from fmn.filters.account_creation import create_user  # noqa: E402
from fmn.filters.default_filters import default_filters  # noqa: E402
from fmn.filters.models import Filter  # noqa: E402
from fmn.filters.rule_types import rule_types  # noqa: E402
from fmn.infra.db import Database  # noqa: E402
from fmn.ledger.figures.counting import count_ledger  # noqa: E402
from fmn.settings import DatabaseSettings, Settings, WebSettings  # noqa: E402
from fmn.wiring import Services  # noqa: E402
from tests.factories.databases import empty  # noqa: E402
from tests.factories.limits import NO_LIMITS  # noqa: E402
from webapp import application  # noqa: E402
from webapp.server import listening, serve  # noqa: E402

MESSAGES = 100_000
PEOPLE = 5_000
ROUNDS = 40
#: Whose pages they are.
NICK = "person0000001"
#: Seconds that the slowest page may take.
PATIENCE = 60
#: The filter that is previewed as it's typed.
TYPED = "application(buildsys) and not actor(@me)"
#: A search that finds little among much.
SEARCH = "/inbox?q=package%3Apackage0000042%20severity%3Aerror%20-app%3Akoji%20is%3Aunread"
#: The smaller history has one of so many.
SMALLER = 100
#: What begins transactions on SQLite, and says that they only read.
FRAME = ("BEGIN", "PRAGMA")


@dataclass(frozen=True)
class Asked:
    """A request: by GET or, with a form, by POST."""

    name: str
    path: str
    form: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Taken:
    """What a page took: seconds of each request, and SQL statements of one."""

    seconds: Sequence[float]
    statements: int


def main() -> int:
    """Measure, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--messages", type=int, default=MESSAGES, help="in the history (%(default)s)")
    options = parser.parse_args()
    measurements: list[Measurement] = []
    for kind, database in databases():
        short = _measure(kind, database, max(1, options.messages // SMALLER), rounds=1)
        empty(database)
        measurements += _figures(kind, _measure(kind, database, options.messages, ROUNDS), short)
    print_measurements(measurements)
    print(f"\nKept in {write('pages', measurements)}")
    return 0


def _measure(kind: str, database: Database, size: int, rounds: int) -> Mapping[str, Taken]:
    """What each page takes, by its name."""
    print(f"Measuring {size:,} messages on {kind} …", file=sys.stderr)
    _settle(database, size)
    with _signed_in(database) as browser:
        return {each.name: _taken(browser, database, each, rounds) for each in _requests(database)}


def _figures(kind: str, long: Mapping[str, Taken], short: Mapping[str, Taken]) -> Iterator[Measurement]:
    bare: Measurement | None = None
    for name, taken in long.items():
        rate = Measurement(f"{kind}, {name}", len(taken.seconds) / sum(taken.seconds), "requests/s")
        bare = bare or rate
        yield rate.compared_with(bare)
        slow = statistics.quantiles(taken.seconds, n=20)[-1] if len(taken.seconds) > 1 else taken.seconds[0]
        yield Measurement(f"{kind}, {name}, 95th percentile", slow * 1000, "ms")
        few = Measurement("a hundredth of the history", short[name].statements, "SQL statements")
        many = Measurement(f"{kind}, {name}", taken.statements, "SQL statements")
        yield many.compared_with(few) if few.value else many


def _settle(database: Database, size: int) -> None:
    """Give somebody filters, and notifications of all messages, which have been sent."""
    people = [f"person{number:07}" for number in range(PEOPLE)]
    packages = [f"package{number:07}" for number in range(PEOPLE)]
    now = datetime.now(UTC)
    keep(database, make_messages(catalog(), people, packages, size), now)
    with database.transaction() as session:
        user = create_user(
            session, NICK, {"email": [f"{NICK}@example.org"]}, default_filters(rule_types()))
        assert user is not None
        user.set_up_at = now
    notify(database, NICK)
    for minute in range(2):  # as the task that does so once a minute
        count_ledger(database, now + timedelta(minutes=minute))


@contextmanager
def _signed_in(database: Database) -> Iterator[httpx.Client]:
    stop = Event()
    with listening("127.0.0.1", 0) as bound:
        base_url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        services = Services(Settings(
            database=DatabaseSettings(url=database.url), limits=NO_LIMITS,
            web=WebSettings(base_url=base_url, secret=NICK, development_login=True)))
        services.database = database
        thread = Thread(target=serve, args=(application(services, trial=True), bound, stop))
        thread.start()
        try:
            with httpx.Client(base_url=base_url, timeout=PATIENCE) as browser:
                browser.get("/sign-in")
                browser.post("/sign-in", data={"nick": NICK, "csrf_token": browser.cookies["csrf_token"]})
                yield browser
        finally:
            stop.set()
            thread.join()


def _requests(database: Database) -> list[Asked]:
    with database.reading() as session:
        filter_id = session.scalars(select(Filter.id).order_by(Filter.id).limit(1)).one()
    return [
        Asked("a request that shows nothing", "/healthz"),
        Asked("the first page", "/"),
        Asked("a context", "/preferences/email"),
        Asked("the filter editor", f"/filters/{filter_id}"),
        Asked("a preview", "/preview", {
            "context": "email", "name": "typed", "shape": "text", "text": TYPED, "enabled": "true"}),
        Asked("a package", "/packages/package0000042"),
        Asked("a person", f"/people/{NICK}"),
        Asked("the first visit", "/welcome"),
        Asked("the inbox", "/inbox"),
        Asked("the inbox, grouped by thread", "/inbox?group=thread"),
        Asked("the inbox, grouped by package", "/inbox?group=package"),
        Asked("the inbox, searched", "/inbox?q=package0000042"),
        Asked("the inbox, searched with operators", SEARCH),
        Asked("the inbox, what is done", "/inbox?q=is:done"),
    ]


def _taken(browser: httpx.Client, database: Database, asked: Asked, rounds: int) -> Taken:
    ask = _asking(browser, asked)
    ask()  # the first one compiles templates
    with _counted(database) as statements:
        ask()
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        ask()
        seconds.append(time.perf_counter() - started)
    return Taken(seconds, len(statements))


def _asking(browser: httpx.Client, asked: Asked) -> Callable[[], None]:
    def ask() -> None:
        if asked.form:
            form = {**asked.form, "csrf_token": browser.cookies["csrf_token"]}
            answer = browser.post(asked.path, data=form)
        else:
            answer = browser.get(asked.path)
        if answer.status_code != httpx.codes.OK:
            raise SystemExit(f"{asked.path} answers {answer.status_code}")

    return ask


@contextmanager
def _counted(database: Database) -> Iterator[list[str]]:
    """The SQL statements that are executed meanwhile, by the engine or by that which only reads."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(FRAME):
            found.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


if __name__ == "__main__":
    sys.exit(main())

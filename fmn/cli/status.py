"""``fmn status``: how all of it stands, in a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Final

import click

from fmn.administration.pending_work import DeliveryBacklog
from fmn.infra.clock import utc_now
from fmn.monitoring.installation_metrics import age
from fmn.monitoring.system_problems import system_problems
from fmn.monitoring.system_status import LedgerStatus, SystemStatus, system_status
from fmn.settings import Settings
from fmn.text import join_series, pluralize
from fmn.wiring import Services

#: Units of time, the largest first, and how many seconds they have.
_UNITS: Final = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
#: What a line is about takes so much room.
_INDENT: Final = 18
#: People that a line names.
_NAMED: Final = 5


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def status(context: click.Context, *, as_json: bool) -> None:
    """Say how all of FMN stands, and what needs somebody; exit with 1 if anything does.

    It's seen from the database, RabbitMQ and Redis, so it's the same on every host.
    """
    settings: Settings = context.obj
    state = system_status(Services(settings), utc_now())
    found = list(system_problems(state, settings))
    if as_json:
        click.echo(json.dumps({**asdict(state), "troubles": found}, default=_plain, indent=2))
    else:
        for about, text in _lines(state):
            click.echo(f"{about:<{_INDENT}}{text}")
        click.echo()
        click.echo("All is well." if not found else f"{pluralize(len(found), 'thing')} to see to:")
        for problem in found:
            click.echo(f"- {problem[:1].upper()}{problem[1:]}.")
    if found:
        context.exit(1)


def _plain(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()


def _lines(state: SystemStatus) -> Iterator[tuple[str, str]]:
    if state.ledger is not None:
        yield from _of_ledger(state.ledger, state.at)
    for queue in state.queues or ():
        text = f"{pluralize(queue.waiting, 'task')}, {pluralize(queue.processes, 'process', 'processes')}"
        yield queue.name, text + (f", {queue.quarantined:,} set aside" if queue.quarantined else "")
    if state.directory_fetched is not None:
        yield "directory", f"fetched {_span(age(state.directory_fetched, state.at))} ago"


def _of_ledger(ledger: LedgerStatus, now: datetime) -> Iterator[tuple[str, str]]:
    yield "bus", "no message yet" if ledger.newest is None else (
        f"newest message {_span(age(ledger.newest, now))} ago, {_span(ledger.lag)} after it was sent")
    for missed in ledger.missed:
        failed = f" ({pluralize(missed.failures, 'failed attempt')})" if missed.failures else ""
        yield "catches up", f"{missed.source}, {missed.since:%F %H:%M} to {missed.until:%F %H:%M}{failed}"
    waiting = ledger.standing
    yield "to be matched", f"{pluralize(waiting.unmatched, 'message')}{_since(waiting.unmatched_since, now)}"
    if waiting.quarantined:
        messages = pluralize(waiting.quarantined, "message")
        yield "set aside", f"{messages}{_since(waiting.quarantined_since, now)}"
    yield "for digests", pluralize(waiting.for_digests, "notification")
    for backlog in waiting.backlogs:
        yield backlog.context, _of_channel(backlog, now)
    if ledger.overspent:
        whose = join_series(ledger.overspent, _NAMED)
        yield "switched off", f"filters of {whose}, for what they cost; the audit log says more"
    yield "leads", ledger.leader or "nobody"


def _of_channel(backlog: DeliveryBacklog, now: datetime) -> str:
    return (f"{backlog.due:,} due{_since(backlog.due_since, now)}, {backlog.retrying:,} to be tried again, "
            f"{backlog.held:,} held, {backlog.failed:,} failed{_since(backlog.oldest, now, 'oldest')}")


def _since(moment: datetime | None, now: datetime, what: str = "the first") -> str:
    return "" if moment is None else f" ({what} for {_span(age(moment, now))})"


def _span(seconds: float) -> str:
    size, unit = next(((size, unit) for unit, size in _UNITS if abs(seconds) >= size), (1, "s"))
    return f"{seconds / size:.0f} {unit}"

"""``fmn status``: shows what runs, what is pending and what needs attention."""

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
from fmn.monitoring.system_status import LedgerStatus, SystemStatus
from fmn.monitoring.verdict import verdict
from fmn.settings import Settings
from fmn.text import join_series, pluralize
from fmn.wiring import Services

#: Units of time with their seconds, the largest first.
_UNITS: Final = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
#: Columns for a line's subject.
_INDENT: Final = 18
#: Users that a line names.
_NAMED: Final = 5


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
@click.pass_context
def status(context: click.Context, *, as_json: bool) -> None:
    """Show what runs, what is pending and what needs attention.

    Reads the database, RabbitMQ and Redis, so it shows the same on every host. Exits with 1 if there is a
    problem.
    """
    settings: Settings = context.obj
    judged = verdict(Services(settings), utc_now())
    state, found = judged.status, judged.problems
    if as_json:
        click.echo(json.dumps({**asdict(state), "troubles": found}, default=_plain, indent=2))
    else:
        for about, text in _lines(state):
            click.echo(f"{about:<{_INDENT}}{text}")
        click.echo()
        click.secho(judged.headline + (":" if found else "."), fg="red" if found else "green")
        for sentence in judged.sentences:
            click.echo(f"- {sentence}")
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
        yield queue.name, text + (f", {queue.quarantined:,} dead letters" if queue.quarantined else "")
    if state.directory_fetched is not None:
        yield "directory", f"fetched {_span(age(state.directory_fetched, state.at))} ago"


def _of_ledger(ledger: LedgerStatus, now: datetime) -> Iterator[tuple[str, str]]:
    yield "bus", "no message yet" if ledger.newest is None else (
        f"last message {_span(age(ledger.newest, now))} ago, {_span(ledger.lag)} after it was sent")
    for missed in ledger.missed:
        failed = f" ({pluralize(missed.failures, 'failed attempt')})" if missed.failures else ""
        yield "backfill", f"{missed.source}, {missed.since:%F %H:%M} to {missed.until:%F %H:%M}{failed}"
    waiting = ledger.standing
    yield "unmatched", f"{pluralize(waiting.unmatched, 'message')}{_since(waiting.unmatched_since, now)}"
    if waiting.quarantined:
        messages = pluralize(waiting.quarantined, "message")
        yield "quarantined", f"{messages}{_since(waiting.quarantined_since, now)}"
    yield "for digests", pluralize(waiting.for_digests, "notification")
    for backlog in waiting.backlogs:
        yield backlog.context, _of_channel(backlog, now)
    for outage in ledger.outages:
        yield outage.channel, f"can't connect for {_span(age(outage.since, now))}: {outage.reason}"
    for retried in ledger.retries:
        yield "retrying", f"{retried.count:,} by {retried.context}: {retried.reason}"
    if ledger.overspent:
        whose = join_series(ledger.overspent, _NAMED)
        yield "disabled", f"filters of {whose}, over their budgets: see the audit log"
    yield "leader", ledger.leader or "none"


def _of_channel(backlog: DeliveryBacklog, now: datetime) -> str:
    return (f"{backlog.waiting:,} pending{_since(backlog.oldest, now)}: "
            f"{backlog.due:,} due{_since(backlog.due_since, now)}, {backlog.retrying:,} retrying, "
            f"{backlog.held:,} delayed; {backlog.failed:,} failed")


def _since(moment: datetime | None, now: datetime) -> str:
    return "" if moment is None else f" (oldest: {_span(age(moment, now))})"


def _span(seconds: float) -> str:
    size, unit = next(((size, unit) for unit, size in _UNITS if abs(seconds) >= size), (1, "s"))
    return f"{seconds / size:.0f} {unit}"

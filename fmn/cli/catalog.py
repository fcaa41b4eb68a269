"""``fmn catalog``: shows the event catalogue and how it describes messages."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

import click

from fmn.catalog import AccountLookup, Message, no_accounts
from fmn.catalog import catalog as known
from fmn.catalog.current import installed_catalog
from fmn.catalog.declarative.directory import extended
from fmn.catalog.declarative.example_checks import example_problems
from fmn.catalog.events import Application, EventType
from fmn.cli.command_group import CommandGroup
from fmn.filters.rule_types import follow_event_types, generic_rule_names
from fmn.settings import CONFIG_VARIABLE, load_settings
from fmn.text import one_line, pluralize


@click.group("catalog", cls=CommandGroup)
@click.pass_context
def catalog(context: click.Context) -> None:
    """Show the event catalogue and how it describes messages."""
    follow_event_types(event_types_directory(context))


def event_types_directory(context: click.Context) -> Path | None:
    """The directory with files of event types, by the settings; without a file of settings there is none.

    :raises fmn.errors.OperatorError: the settings can't be used
    """
    config: Path | None = context.meta.get(CONFIG_VARIABLE)
    return load_settings(config).catalog.directory if config and config.exists() else None


@catalog.command("list")
def list_applications() -> None:
    """List the applications and their event types."""
    for application in known().applications.values():
        click.echo(f"{application.category}{_retired(application)}: {application.help}")
        for event in application.event_types:
            click.echo(f"    {event.name:44} {event.title}{_retired(event)}")


@catalog.command()
@click.argument("name")
def show(name: str) -> None:
    """Show the application or event type NAME, with an example."""
    application = known().applications.get(name)
    event = known().events_by_name.get(name)
    if application is None and event is None:
        raise click.ClickException(f"the catalogue has no application or event type {name!r}: {_hint(name)}")
    if application is not None:
        _show_application(application)
    if event is not None:
        _show_event(event)


def _hint(name: str) -> str:
    names = [*known().applications, *known().events_by_name]
    close = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {close[0]}?" if close else "see fmn catalog list"


def _retired(what: Application | EventType) -> str:
    return " (retired)" if what.retired else ""


def _show_application(application: Application) -> None:
    click.echo(
        f"{application.title} ({application.category}){_retired(application)}\n{application.help}\n")
    for event in application.event_types:
        click.echo(f"{event.name:44} {event.help}")
    for rule in application.rules:
        click.echo(f"{rule.name:44} {rule.help}")
    if application.catchall:
        click.echo(f"{application.catchall:44} Anything from {application.title}.")


def _show_event(event: EventType) -> None:
    message = event.example_message()
    facts, described = known().facts(message), known().describe(message)
    click.echo(f"{event.title} ({event.name}){_retired(event)}\n{event.help}\n")
    for name, value in (
        ("topic", ", ".join(event.topics)), ("severity", event.severity),
        ("example", described.summary), ("link", described.link), ("agent", facts.agent or ""),
        ("people", ", ".join(sorted(facts.usernames))),
        ("packages", ", ".join(sorted(map(str, facts.packages)))),
    ):
        if value:
            click.echo(f"{name:10}{value}")
    if described.long:
        click.echo(f"\n{described.long}")
    click.echo(f"\n{json.dumps(message.body, indent=2, ensure_ascii=False)}")


@catalog.command()
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object per line.")
@click.option(
    "--aliases", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A JSON file that maps nicks and email addresses to accounts.")
def check(file: TextIO, aliases: Path | None, *, as_json: bool) -> None:
    """Show how the catalogue describes the messages in FILE.

    FILE has a JSON object per line: a message of fedmsg, an object with one under `message`, or a message of
    fedora-messaging with its `topic`, `headers` and `body`.
    """
    accounts = accounts_in(aliases)
    for message in messages_in(file):
        read = _read(message, accounts)
        if as_json:
            click.echo(json.dumps(read))
        else:
            mark = " " if read["known"] else "?"
            click.echo(f"{mark} {one_line(read['title']):44} {read['summary']}")


@catalog.command("check-files")
@click.argument(
    "directory", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.pass_context
def check_files(context: click.Context, directory: Path | None) -> None:
    """Check the files of event types in DIRECTORY, by default fmn.catalog.directory.

    Prints a line for each problem: the file, the line and the reason. Exits with 1 if a file can't be used;
    warnings don't count.
    """
    directory = directory or event_types_directory(context)
    if directory is None:
        raise click.ClickException("name a directory, or set fmn.catalog.directory")
    found = extended(installed_catalog(), directory, generic_rule_names())
    problems = [replace(each, outcome="") for each in found.problems]
    for problem in (*problems, *example_problems(found)):
        click.echo(problem)
    events = sum(len(each.application.event_types) for each in found.files.values())
    click.echo(f"{pluralize(len(found.files), 'usable file')}, {pluralize(events, 'event type')}")
    if problems:
        context.exit(1)


def _read(message: Message, accounts: AccountLookup) -> dict[str, Any]:
    facts, described = known().facts(message, accounts), known().describe(message, accounts)
    return {
        "known": known().knows(message), "title": described.title, "summary": described.summary,
        "link": described.link, "icon": described.icon, "secondary_icon": described.secondary_icon,
        "agent": facts.agent, "usernames": sorted(facts.usernames), "packages": sorted(facts.package_names),
        "groups": sorted(facts.groups), "severity": described.severity,
    }


def messages_in(file: TextIO) -> Iterator[Message]:
    """The messages of a file with a JSON object per line.

    :raises click.ClickException: names the line that is no message
    """
    for number, line in enumerate(_lines(file), start=1):
        if not line.strip():
            continue
        value = json_in(line, f"{file.name}, line {number}")
        wire = value.get("message", value) if isinstance(value, dict) else None
        if not isinstance(wire, dict):
            raise click.ClickException(
                f"{file.name}, line {number}: is neither a message nor an object with one")
        yield Message.from_record(wire) if _is_record(wire) else Message.from_wire(wire)


def _is_record(value: dict[str, Any]) -> bool:
    """Whether it's a message of fedora-messaging: its body isn't wrapped as fedmsg's is."""
    return "body" in value and "msg" not in value


def _lines(file: TextIO) -> Iterator[str]:
    try:
        yield from file
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file.name}: isn't text in UTF-8: {error.reason}") from error


def json_in(text: str | bytes, where: str) -> Any:
    """The JSON value of a text.

    :raises click.ClickException: says ``where`` the text is from
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise click.ClickException(f"{where}: isn't JSON: {error}") from error


def accounts_in(path: Path | None) -> AccountLookup:
    """Look-up of accounts by nick or email address, from a JSON file; by default one that knows none."""
    if path is None:
        return no_accounts
    aliases = json_in(path.read_bytes(), str(path))
    if not isinstance(aliases, dict) or not all(isinstance(account, str) for account in aliases.values()):
        raise click.ClickException(f"{path}: must be a JSON object that maps names to accounts")
    lowered = {name.lower(): account for name, account in aliases.items()}
    return lambda name: lowered.get(name.lower())

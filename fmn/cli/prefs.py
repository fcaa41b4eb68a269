"""``fmn prefs``: exports or imports a user's preferences as a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO, Final

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.administration.audit_log import log_action
from fmn.catalog import catalog
from fmn.cli.command_group import CommandGroup
from fmn.cli.current_operator import current_operator
from fmn.infra.clock import utc_now
from fmn.people.models import User
from fmn.preferences_io.apply import apply_plan, lock_for_import
from fmn.preferences_io.export import preferences_document, render_file
from fmn.preferences_io.file_parser import MAX_FILE_BYTES, PreferencesFileError, parse_file
from fmn.preferences_io.import_plan import ImportPlanner
from fmn.preferences_io.plan_description import ChangeKind, PlannedChange, planned_changes
from fmn.preferences_io.schema import Format
from fmn.settings import Settings
from fmn.translations import mark
from fmn.wiring import Services

#: Mark and colour of a change.
MARKS: Final = {
    ChangeKind.ADDED: ("+", "green"), ChangeKind.CHANGED: ("~", "yellow"), ChangeKind.REMOVED: ("-", "red")}


@click.group("prefs", cls=CommandGroup)
def prefs() -> None:
    """Export or import a user's preferences as a file."""


@prefs.command("export")
@click.argument("user")
@click.option(
    "--format", "written", type=click.Choice(list(Format), case_sensitive=False), default=Format.TOML,
    show_default=True, help="The file's format.")
@click.pass_obj
def export(settings: Settings, user: str, written: Format) -> None:
    """Write the preferences of USER to standard output."""
    services = Services(settings)
    with services.database.reading() as session:
        found = _user(session, user)
        preferences = preferences_document(session, found, services.contexts, services.rule_types, utc_now())
    click.echo(render_file(preferences, written, user), nl=False)


@prefs.command("import")
@click.argument("user")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Change nothing; show what would change.")
@click.pass_obj
def import_(settings: Settings, user: str, file: BinaryIO, *, dry_run: bool) -> None:
    """Replace the preferences of USER with those in FILE, and show what changes.

    FILE is what `fmn prefs export` writes, in TOML or JSON, or `-` for standard input. Preferences that FILE
    doesn't mention stay. New addresses get a request to confirm.
    """
    services, now = Services(settings), utc_now()
    told: Sequence[str] = ()
    try:
        wanted = parse_file(file.read(MAX_FILE_BYTES + 1))
        with services.database.reading() if dry_run else services.database.transaction() as session:
            owner = _user(session, user)
            if not dry_run:
                owner = lock_for_import(session, owner.id)
            plan = ImportPlanner(session, owner, settings, services.rule_types, catalog(), now).plan(wanted)
            found = planned_changes(plan, services.rule_types)
            if found and not dry_run:
                told = apply_plan(session, plan, now, settings.confirmation)
                log_action(session, current_operator("fmn prefs"), mark("imported preferences"), user,
                     changes=[change.sentence for change in found])
    except PreferencesFileError as error:
        raise click.ClickException(str(error)) from error
    _show(found, told, dry_run=dry_run)


def _user(session: Session, nick: str) -> User:
    found = session.scalars(select(User).where(User.nick == nick)).one_or_none()
    if found is None:
        raise click.ClickException(f"there is no user {nick!r}")
    return found


def _show(found: Sequence[PlannedChange], told: Sequence[str], *, dry_run: bool) -> None:
    for change in found:
        where = f"{change.context}: " if change.context else ""
        sign, colour = MARKS[change.kind]
        click.echo(f"{click.style(sign, fg=colour)} {where}{change.sentence}")
    for sentence in told:
        click.echo(sentence)
    if not found:
        click.echo("Nothing changes.")
    elif dry_run:
        click.echo("Dry run, nothing changed. Run again without --dry-run to import.")

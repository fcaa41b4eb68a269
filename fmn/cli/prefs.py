"""``fmn prefs``: somebody's preferences as a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO, Final

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.administration.audit_log import note
from fmn.catalog import catalog
from fmn.cli.current_operator import operator
from fmn.infra.clock import utc_now
from fmn.people.models import User
from fmn.preferences_io.apply import apply, lock
from fmn.preferences_io.export import preferences_of, write
from fmn.preferences_io.file_parser import LARGEST_FILE, FileError, read
from fmn.preferences_io.import_plan import Planner
from fmn.preferences_io.plan_description import Change, Kind, changes
from fmn.preferences_io.schema import Format
from fmn.settings import Settings
from fmn.wiring import Services

MARKS: Final = {Kind.ADDED: "+", Kind.CHANGED: "~", Kind.REMOVED: "-"}


@click.group("prefs")
def prefs() -> None:
    """Somebody's preferences as a file."""


@prefs.command("export")
@click.argument("user")
@click.option(
    "--format", "written", type=click.Choice(list(Format), case_sensitive=False), default=Format.TOML,
    show_default=True, help="How it's written.")
@click.pass_obj
def export(settings: Settings, user: str, written: Format) -> None:
    """Write the preferences of USER to standard output."""
    services = Services(settings)
    with services.database.reading() as session:
        found = _user(session, user)
        preferences = preferences_of(session, found, services.contexts, services.rule_types, utc_now())
    click.echo(write(preferences, written, user), nl=False)


@prefs.command("import")
@click.argument("user")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.pass_obj
def import_(settings: Settings, user: str, file: BinaryIO, *, dry_run: bool) -> None:
    """Put what FILE says in the place of USER's preferences, and say what changes.

    FILE is what `fmn prefs export` writes, in TOML or JSON, or `-` for standard input. What it doesn't
    mention stays as it is. New addresses are asked to confirm.
    """
    services, now = Services(settings), utc_now()
    told: Sequence[str] = ()
    try:
        wanted = read(file.read(LARGEST_FILE + 1))
        with services.database.reading() if dry_run else services.database.transaction() as session:
            owner = _user(session, user)
            if not dry_run:
                owner = lock(session, owner.id)
            plan = Planner(session, owner, settings, services.rule_types, catalog(), now).plan(wanted)
            found = changes(plan, services.rule_types)
            if found and not dry_run:
                told = apply(session, plan, now, settings.confirmation)
                note(session, operator("fmn prefs"), "imported preferences", user,
                     changes=[change.sentence for change in found])
    except FileError as error:
        raise click.ClickException(str(error)) from error
    _show(found, told, dry_run=dry_run)


def _user(session: Session, nick: str) -> User:
    found = session.scalars(select(User).where(User.nick == nick)).one_or_none()
    if found is None:
        raise click.ClickException(f"nobody here is called {nick!r}")
    return found


def _show(found: Sequence[Change], told: Sequence[str], *, dry_run: bool) -> None:
    for change in found:
        where = f"{change.context}: " if change.context else ""
        click.echo(f"{MARKS[change.kind]} {where}{change.sentence}")
    for sentence in told:
        click.echo(sentence)
    if not found:
        click.echo("Nothing changes.")
    elif dry_run:
        click.echo("Nothing was changed: without --dry-run it is.")

"""``fmn import-fmn2``: people, their preferences, filters and addresses, out of FMN 2's database."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TextIO

import click

from fmn.catalog import catalog
from fmn.cli.current_operator import current_operator
from fmn.fmn2.database import OldDatabase, OldPerson
from fmn.fmn2.importer import Importer, ImportOptions
from fmn.infra.clock import utc_now
from fmn.settings import Settings
from fmn.wiring import Services

#: Fedora's, whose OpenIDs FMN 2 was made for.
OPENID_DOMAIN: Final = "id.fedoraproject.org"


@click.command("import-fmn2")
@click.argument("url")
@click.option("--dry-run", is_flag=True, help="Only say what would come of it.")
@click.option("--replace", is_flag=True, help="Also put it in the place of what people have here already.")
@click.option(
    "--openid-domain", default=OPENID_DOMAIN, show_default=True,
    help="What follows the account's name in FMN 2's OpenIDs.")
@click.option("--report", type=click.File("w", encoding="utf-8"), help="Write the report there.")
@click.pass_obj
def import_fmn2(
    settings: Settings, url: str, openid_domain: str, report: TextIO | None, *, dry_run: bool, replace: bool,
) -> None:
    """Bring people over from the database of FMN 2 at URL, such as postgresql://fmn2@db.example.org/notifications.

    Each of them in one transaction: stopped and run again, it goes on where it was. Who has an account here
    already is left alone unless you say --replace. A filter that can't be the same here is switched off, and
    its owner reads why. FMN 2's database is only read; its password is best left to ~/.pgpass.
    """
    old = OldDatabase(url)
    services = Services(settings)
    options = ImportOptions(
        current_operator("fmn import-fmn2"), openid_domain, replace=replace, dry_run=dry_run)
    importer = Importer(services.database, settings, services.rule_types, catalog(), options, utc_now)
    importer.report.queued = old.queued_count()
    with _progress(old) as people:
        for person in people:
            importer.import_person(person)
    for line in importer.report.lines():
        click.echo(line, file=report)
    if report is not None:
        for line in importer.report.counts():
            click.echo(line)
        click.echo(
            f"{len(importer.report.needs_attention)} things for somebody to look at are in {report.name}.")
    if dry_run:
        click.echo("Nothing was changed: without --dry-run it is.")


@contextmanager
def _progress(old: OldDatabase) -> Iterator[Iterable[OldPerson]]:
    """The people, with a bar in a terminal that says how far we are."""
    try:
        bar: Any = click.progressbar(
            old.people(), length=old.people_count(), label="People", file=sys.stderr,
            hidden=not sys.stderr.isatty())
        with bar as people:
            yield people
    finally:
        old.close()

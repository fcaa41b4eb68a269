"""``fmn import-fmn2``: imports users, preferences, filters and addresses from FMN 2's database."""

from __future__ import annotations

from contextlib import closing
from typing import Final, TextIO

import click

from fmn.catalog import catalog
from fmn.cli.current_operator import current_operator
from fmn.cli.progress import progress
from fmn.fmn2.database import OldDatabase
from fmn.fmn2.importer import Importer, ImportOptions
from fmn.infra.clock import utc_now
from fmn.settings import Settings
from fmn.text import pluralize
from fmn.wiring import Services

#: Fedora's OpenID provider, which FMN 2 was made for.
OPENID_DOMAIN: Final = "id.fedoraproject.org"


@click.command("import-fmn2")
@click.argument("url")
@click.option("--dry-run", is_flag=True, help="Change nothing; report what would be imported.")
@click.option("--replace", is_flag=True, help="Also replace preferences of users who have an account here.")
@click.option(
    "--openid-domain", default=OPENID_DOMAIN, show_default=True,
    help="The domain in FMN 2's OpenIDs, after the account's name.")
@click.option("--report", type=click.File("w", encoding="utf-8"), help="Write the report to this file.")
@click.pass_obj
def import_fmn2(
    settings: Settings, url: str, openid_domain: str, report: TextIO | None, *, dry_run: bool, replace: bool,
) -> None:
    """Import users and filters from FMN 2's database.

    URL is the database's, such as postgresql://fmn2@db.example.org/notifications. It is only read; keep its
    password in ~/.pgpass.

    Imports each user in one transaction: stopped and run again, it continues where it stopped. Skips users
    who have an account here, unless you use --replace. Disables a filter that can't be translated, and tells
    its owner why.
    """
    old = OldDatabase(url)
    services = Services(settings)
    options = ImportOptions(
        current_operator("fmn import-fmn2"), openid_domain, replace=replace, dry_run=dry_run)
    importer = Importer(services.database, settings, services.rule_types, catalog(), options, utc_now)
    importer.report.queued = old.queued_count()
    with closing(old), progress("Users", old.people_count()) as advance:
        for person in old.people():
            importer.import_person(person)
            advance(1, "")
    for line in importer.report.lines():
        click.echo(line, file=report)
    if report is not None:
        for line in importer.report.counts():
            click.echo(line)
        click.echo(
            f"{pluralize(len(importer.report.needs_attention), 'entry needs', 'entries need')} attention: "
            f"see {report.name}.")
    if dry_run:
        click.echo("Dry run, nothing changed. Run again without --dry-run to import.")

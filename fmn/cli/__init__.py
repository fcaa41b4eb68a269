"""The ``fmn`` command line. Each command reads its arguments and calls the package that does the work."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Final, NamedTuple

import click

from fmn.cli.command_group import CommandGroup
from fmn.cli.temporary_failure import TemporaryFailureError
from fmn.errors import OperatorError

#: :data:`fmn.settings.CONFIG_VARIABLE`. Importing the settings takes 0.1 s, which help doesn't need.
CONFIG_VARIABLE: Final = "FMN_CONFIG"


class CommandEntry(NamedTuple):
    """A command in the help of ``fmn``, before its module is imported."""

    #: The module of this package that defines it.
    module: str
    #: The first sentence of its own help.
    sentence: str


#: The commands below their headings, in the order of the help. A command's module is imported when the
#: command runs, since all modules together take 1.6 s to import.
SECTIONS: Final[Mapping[str, Mapping[str, CommandEntry]]] = {
    "Run": {
        "up": CommandEntry("up", "Run all of FMN in one process, with a demo bus and a local mailbox."),
        "consumer": CommandEntry(
            "processes",
            "Receive messages from each SOURCE, by default from all that are configured, and store them."),
        "worker": CommandEntry("task_processes", "Match messages against filters and close digests."),
        "backend": CommandEntry(
            "task_processes", "Deliver notifications on each CHANNEL, by default on all."),
        "scheduler": CommandEntry("processes", "Start periodic jobs: digests, retries, backfill, clean-up."),
        "sse": CommandEntry("sse", "Serve the live feed to browsers and programs (server-sent events)."),
        "bounce": CommandEntry("bounce", "Record a bounced mail, read from standard input."),
        "publish": CommandEntry("publish", "Publish a JSON message on the buses of fmn.publish.bus."),
    },
    "Look": {
        "status": CommandEntry("status", "Show what runs, what is pending and what needs attention."),
        "why": CommandEntry(
            "why", "Explain which filter of USER lets the message MSG_ID through, or why none does."),
        "trace": CommandEntry("trace", "Follow one message from the bus to each delivery."),
        "catalog": CommandEntry("catalog", "Show the event catalogue and how it describes messages."),
        "rules": CommandEntry("rules", "List the rules for filters, and test them on messages."),
        "mailbox": CommandEntry("demo_mailbox", "List the mails in the local mailbox, or print mail NUMBER."),
    },
    "Fix": {
        "deliveries": CommandEntry("deliveries", "List, requeue or discard failed and pending deliveries."),
        "messages": CommandEntry("messages", "List or requeue quarantined messages."),
        "unreadable": CommandEntry(
            "unreadable", "List messages of AMQP brokers that FMN couldn't read, oldest first."),
        "catchup": CommandEntry("catchup", "Fetch a period's messages from archives and store missing ones."),
        "index": CommandEntry("index", "Check or rebuild the workers' index of filters."),
        "access": CommandEntry("access", "Revoke tokens, end sessions, and settle who owns an account."),
    },
    "Set up": {
        "config": CommandEntry("config", "Check the settings."),
        "db": CommandEntry("database", "Create, upgrade, check or restore the database's tables."),
        "hooks": CommandEntry("hooks", "Add, list, rotate and remove webhooks that forges call."),
        "prefs": CommandEntry("prefs", "Export or import a user's preferences as a file."),
        "import-fmn2": CommandEntry("import_fmn2", "Import users and filters from FMN 2's database."),
    },
}
COMMANDS: Final[Mapping[str, CommandEntry]] = {
    name: entry for commands in SECTIONS.values() for name, entry in commands.items()}
#: Commands about what every installation knows, and one that says what's wrong with settings.
NEED_NO_SETTINGS = frozenset({"catalog", "rules", "config"})
#: Commands of a mail server, which must keep a mail while our settings are wrong.
RETRIED_BY_CALLER = frozenset({"bounce"})


class Commands(CommandGroup):
    """The commands of ``fmn``, imported when they run. An operator's mistake ends in one sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            module = import_module(f"{__name__}.{COMMANDS[cmd_name].module}")
            self.add_command(getattr(module, cmd_name.replace("-", "_")), cmd_name)
        return super().get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str],
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that was typed.

        :raises click.NoSuchCommand: suggests those with similar names
        """
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:  # knows those that are imported
            raise click.NoSuchCommand(error.command_name, possibilities=COMMANDS, ctx=ctx) from None

    def sections(self, ctx: click.Context) -> Mapping[str, Mapping[str, str]]:
        """Headings with their commands; none is imported."""
        return {
            heading: {name: entry.sentence for name, entry in commands.items()}
            for heading, commands in SECTIONS.items()}

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except OperatorError as error:
            retried = ctx.invoked_subcommand in RETRIED_BY_CALLER
            kind = TemporaryFailureError if retried else click.ClickException
            raise kind(str(error)) from error


def _without_colours(context: click.Context, _option: click.Parameter, value: object) -> None:
    if value:
        context.color = False


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config", type=click.Path(path_type=Path, dir_okay=False), envvar=CONFIG_VARIABLE, show_envvar=True,
    default=Path("development.ini"), show_default=True, help="The ini file with the settings.")
@click.option(
    "--no-color", is_flag=True, is_eager=True, expose_value=False, callback=_without_colours,
    help="Print no colours, as with NO_COLOR=1.")
@click.version_option(package_name="fmn", prog_name="fmn", message="%(prog)s %(version)s")
@click.pass_context
def main(context: click.Context, config: Path) -> None:
    """Notify people about the messages on a project's bus that concern them."""
    from fmn.settings import load_settings  # noqa: PLC0415 - not for help, as above

    if context.invoked_subcommand not in NEED_NO_SETTINGS:
        context.obj = load_settings(config)
    context.meta[CONFIG_VARIABLE] = config.resolve()

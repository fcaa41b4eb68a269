"""Handler of chat commands. It answers the confirmed owner of an address only, and about their own data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from fmn.channels import channel_title
from fmn.chat_commands import command_parser, list_commands, mute_commands, pause_commands
from fmn.chat_commands.confirm_command import describe_outcome, missing_code_reply, unknown_sender_reply
from fmn.chat_commands.reply_format import Requester
from fmn.chat_commands.why_command import Describe, why_lines
from fmn.delivery.signed_links import Links
from fmn.filters.rule_types import RuleTypes
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.people.addresses import confirmed_owner
from fmn.people.preferences import set_enabled
from fmn.people.reader_language import in_language_of
from fmn.people.reply_codes import confirm_by_received_code
from fmn.translations import SOURCE_LANGUAGE, gettext, in_language, mark

HELP: Final = (
    mark("FMN sends your notifications here. Commands:"),
    mark("list filters [NAME]: your filters – list categories, list rules CATEGORY: the event catalogue"),
    mark("why [NUMBER]: why you got the last notification here, or an earlier one"),
    mark("mute PACKAGE [for 3 days | until 2026-12-01], unmute PACKAGE, mutes: no notifications about a "
         "package"),
    mark("pause for 3 days | until 2026-12-01, resume: nothing from FMN anywhere, then a digest of what "
         "came"),
    mark("stop, start: switch all notifications here off and on"),
    mark("Help: {page}"),
)
#: What is said of notifications that were switched on or off, by that and by whether it changed anything.
_SWITCHED: Final[Mapping[tuple[bool, bool], str]] = {
    (True, True): mark("Notifications by {title} are now on, starting with the next message."),
    (True, False): mark("Notifications by {title} are already on."),
    (False, True): mark("Notifications by {title} are now off. Say “start” to switch them on."),
    (False, False): mark("Notifications by {title} are already off. Say “start” to switch them on."),
}
#: Commands that change something.
_CHANGES: Final = (
    command_parser.SwitchCommand, command_parser.MuteCommand, command_parser.UnmuteCommand,
    command_parser.PauseCommand, command_parser.ResumeCommand)


class CommandHandler:
    """Answers chat commands from the database. Threads may share it.

    ``describe`` says what people are told of a message.
    """

    def __init__(
        self, database: Database, links: Links, rule_types: Callable[[], RuleTypes], describe: Describe,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._links = links
        self._rule_types = rule_types
        self._describe = describe
        self._now = now

    def answer(self, context: str, sender: str, text: str) -> Sequence[str]:
        """See :class:`~fmn.delivery.contract.ChatCommands`."""
        command, now = command_parser.parse_command(text), self._now()
        if command == command_parser.EmptyCommand():
            return []
        if isinstance(command, command_parser.ConfirmCommand):
            return [self._confirm(context, sender, command.code, now)]
        changes = isinstance(command, _CHANGES)
        with self._database.transaction() if changes else self._database.reading() as session:
            owned = confirmed_owner(session, context, sender)
            if owned is None:
                return [unknown_sender_reply(context, sender, self._links)]
            with in_language_of(session, owned.user_id):
                return self._answer(session, Requester(owned, now), command)

    def _confirm(self, context: str, sender: str, code: str, now: datetime) -> str:
        if not code:
            with self._database.reading() as session, _owners_language(session, context, sender):
                return missing_code_reply(context, self._links)
        with self._database.transaction() as session:
            found = confirm_by_received_code(session, context, sender, code, self._links.is_code, now)
            with (_owners_language(session, context, sender) if found.address is None
                  else in_language_of(session, found.address.preference.user_id)):
                return describe_outcome(found, self._links)

    def _answer(
        self, session: Session, requester: Requester, command: command_parser.Command,
    ) -> Sequence[str]:
        links, rule_types = self._links, self._rule_types()
        told: Sequence[str]
        match command:
            case command_parser.ListCategoriesCommand():
                told = list_commands.category_lines(rule_types)
            case command_parser.ListRulesCommand(category):
                told = list_commands.rule_lines(category, rule_types, links)
            case command_parser.ListFiltersCommand(name):
                told = list_commands.filter_lines(session, requester, name, rule_types, links)
            case command_parser.WhyCommand(number):
                told = why_lines(session, requester, number, self._describe, rule_types, links)
            case command_parser.ListMutesCommand():
                told = mute_commands.list_mutes(session, requester, links)
            case command_parser.UnknownCommand():
                told = [command.hint]
            case command_parser.HelpCommand():
                told = [gettext(line).format(page=links.help()) for line in HELP]
            case _:
                told = _change(session, requester, command, links)
        return told


def _owners_language(session: Session, context: str, sender: str) -> AbstractContextManager[None]:
    """The language of a sender, English for one whose address nobody has confirmed."""
    owned = confirmed_owner(session, context, sender)
    return in_language(SOURCE_LANGUAGE) if owned is None else in_language_of(session, owned.user_id)


def _change(
    session: Session, requester: Requester, command: command_parser.Command, links: Links,
) -> Sequence[str]:
    match command:
        case command_parser.MuteCommand(package, span):
            return mute_commands.mute_package(session, requester, package, span)
        case command_parser.UnmuteCommand(package):
            return mute_commands.unmute_package(session, requester, package, links)
        case command_parser.PauseCommand(pause_span):
            return [pause_commands.pause_all(session, requester, pause_span)]
        case command_parser.ResumeCommand():
            return [pause_commands.resume_all(session, requester)]
        case command_parser.SwitchCommand(on):
            return [_switch(session, requester, on=on)]
        case _:
            raise AssertionError(command)


def _switch(session: Session, requester: Requester, *, on: bool) -> str:
    changed = set_enabled(session, requester.preference, on=on)
    return gettext(_SWITCHED[on, changed]).format(title=channel_title(requester.preference.context))

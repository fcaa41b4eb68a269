"""Answers, for the confirmed owner of an address alone and about what is theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from fmn.channels import channel_type
from fmn.chat_commands import command_parser, list_commands, mute_commands
from fmn.chat_commands.confirm_command import outcome_in_words, to_a_stranger, without_code
from fmn.chat_commands.reply_format import Visitor
from fmn.chat_commands.why_command import Describe, why
from fmn.delivery.signed_links import Links
from fmn.filters.rule_types import RuleTypes
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.people.addresses import confirmed_owner
from fmn.people.preferences import switch
from fmn.people.reply_codes import confirm_said

HELP: Final = (
    "I tell you here what concerns you. You can say:",
    "list filters [NAME]: what you hear of – list categories, list rules CATEGORY: what there is",
    "why [NUMBER]: why you got the last message here, or the one so many before",
    "mute PACKAGE [for 3 days | until 2026-12-01], mutes, unmute PACKAGE: hear nothing of a package",
    "stop, start: switch off, and on again, all that I send you here",
    "And what all of this is: {page}",
)


class AnsweringDesk:
    """Answers from the database. Threads may share it.

    ``describe`` says what people are told of a message.
    """

    def __init__(
        self, database: Database, links: Links, rule_types: RuleTypes, describe: Describe,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._links = links
        self._rule_types = rule_types
        self._describe = describe
        self._now = now

    def answer(self, context: str, sender: str, text: str) -> Sequence[str]:
        """See :class:`~fmn.delivery.contract.Desk`."""
        command, now = command_parser.read_command(text), self._now()
        if command == command_parser.Nothing():
            return []
        if isinstance(command, command_parser.Confirm):
            return [self._confirm(context, sender, command.code, now)]
        changes = isinstance(command, command_parser.Switch | command_parser.Mute | command_parser.Unmute)
        with self._database.transaction() if changes else self._database.reading() as session:
            owned = confirmed_owner(session, context, sender)
            if owned is None:
                return [to_a_stranger(context, sender, self._links)]
            return self._answer(session, Visitor(owned, now), command)

    def _confirm(self, context: str, sender: str, code: str, now: datetime) -> str:
        if not code:
            return without_code(context, self._links)
        with self._database.transaction() as session:
            found = confirm_said(session, context, sender, code, self._links.is_code, now)
            return outcome_in_words(found, self._links)

    def _answer(self, session: Session, visitor: Visitor, command: command_parser.Command) -> Sequence[str]:
        links, rule_types = self._links, self._rule_types
        told: Sequence[str]
        match command:
            case command_parser.ListCategories():
                told = list_commands.categories(rule_types)
            case command_parser.ListRules(category):
                told = list_commands.rules(category, rule_types, links)
            case command_parser.ListFilters(name):
                told = list_commands.filters(session, visitor, name, rule_types, links)
            case command_parser.Why(number):
                told = why(session, visitor, number, self._describe, rule_types, links)
            case command_parser.Mute(package, span):
                told = mute_commands.mute_package(session, visitor, package, span)
            case command_parser.ListMutes():
                told = mute_commands.list_mutes(session, visitor, links)
            case command_parser.Unmute(package):
                told = mute_commands.unmute(session, visitor, package, links)
            case command_parser.Switch(on):
                told = [_switch(session, visitor, on=on)]
            case command_parser.Unclear(hint):
                told = [hint]
            case _:
                told = [line.format(page=links.help()) for line in HELP]
        return told


def _switch(session: Session, visitor: Visitor, *, on: bool) -> str:
    by = channel_type(visitor.preference.context).title
    changed = switch(session, visitor.preference, on=on)
    if not on:
        return f"Nothing {'more ' if changed else ''}is sent by {by}. Say “start” to switch it on again."
    return f"You hear by {by} again, from the next message on." if changed else f"You hear by {by} already."

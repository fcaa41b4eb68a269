"""Answers, for the confirmed owner of an address alone and about what is theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from fmn.channels import channel_type
from fmn.clock import utc_now
from fmn.db import Database
from fmn.delivery.links import Links
from fmn.desk import commands, lists, muting
from fmn.desk.confirming import outcome_in_words, to_a_stranger, without_code
from fmn.desk.reasons import Describe, why
from fmn.desk.words import Visitor
from fmn.filters.rule_types import RuleTypes
from fmn.people.addresses import confirmed_owner
from fmn.people.preferences import switch
from fmn.people.said import confirm_said

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
        command, now = commands.read_command(text), self._now()
        if command == commands.Nothing():
            return []
        if isinstance(command, commands.Confirm):
            return [self._confirm(context, sender, command.code, now)]
        changes = isinstance(command, commands.Switch | commands.Mute | commands.Unmute)
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

    def _answer(self, session: Session, visitor: Visitor, command: commands.Command) -> Sequence[str]:
        links, rule_types = self._links, self._rule_types
        told: Sequence[str]
        match command:
            case commands.ListCategories():
                told = lists.categories(rule_types)
            case commands.ListRules(category):
                told = lists.rules(category, rule_types, links)
            case commands.ListFilters(name):
                told = lists.filters(session, visitor, name, rule_types, links)
            case commands.Why(number):
                told = why(session, visitor, number, self._describe, rule_types, links)
            case commands.Mute(package, span):
                told = muting.mute_package(session, visitor, package, span)
            case commands.ListMutes():
                told = muting.list_mutes(session, visitor, links)
            case commands.Unmute(package):
                told = muting.unmute(session, visitor, package, links)
            case commands.Switch(on):
                told = [_switch(session, visitor, on=on)]
            case commands.Unclear(hint):
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

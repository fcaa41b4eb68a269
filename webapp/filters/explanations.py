"""Explanation of a notification: the described message, the filter, and its verdict rule by rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from fmn.catalog import Catalog, Facts, Message
from fmn.catalog.message_reader import no_accounts
from fmn.delivery.notification_text import web_link
from fmn.directory.snapshot import Directory
from fmn.filters.expressions import All, Expression, MalformedExpressionError, Not
from fmn.filters.models import Filter
from fmn.filters.rule_types import RuleTypes
from fmn.ledger.models import Notification
from fmn.matching.deadlines import EXPLANATION_CPU_SECONDS, CpuTimeLimit
from fmn.matching.verdicts import ExpressionEvaluator, Verdict
from fmn.people.models import Preference, User
from fmn.text import lines, one_line
from fmn.translations import gettext, mark

#: What is said in place of a verdict, to the filter's owner.
UNREADABLE = mark("FMN can't read this filter any more. Delete it and create it again.")
NO_DIRECTORY = mark("FMN can't look up package owners right now. Reload this page in a minute.")

#: How a verdict says that it's the opposite of its part.
NOT = "not"


@dataclass(frozen=True)
class DescribedMessage:
    """A message as texts for people. ``link`` is ``""`` if there's none that can be trusted."""

    summary: str
    long: str
    link: str
    application: str
    topic: str
    sent_at: datetime

    @property
    def host(self) -> str:
        """The host of the link."""
        return urlsplit(self.link).hostname or gettext("the web")


@dataclass(frozen=True)
class VerdictSummary:
    """A verdict for the page: the rules that decided, and apart from them the exceptions that don't apply."""

    holds: bool
    deciding: Sequence[Verdict]
    exceptions: Sequence[Verdict] = ()


@dataclass(frozen=True)
class Explanation:
    """Why a notification was sent. ``chosen`` is ``None`` if the filter is deleted.

    ``reasons`` follow from the filter as it is now; without them, ``problem`` says why there are none.
    """

    described: DescribedMessage
    facts: Facts
    nick: str
    preference: Preference
    chosen: Filter | None
    unread: bool
    reasons: VerdictSummary | None = None
    problem: str = ""


class Explainer:
    """Explains notifications. ``directory`` is ``None`` while it's unavailable."""

    def __init__(self, catalog: Catalog, rule_types: RuleTypes, directory: Directory | None) -> None:
        self._catalog = catalog
        self._rule_types = rule_types
        self._directory = directory

    def explain(self, session: Session, notification_id: int) -> Explanation | None:
        """Explain a notification; ``None`` if its message isn't stored any more."""
        row = session.execute(
            select(Notification, Preference, User.nick, Filter)
            .join(Preference, Preference.id == Notification.preference_id)
            .join(User, User.id == Preference.user_id)
            .outerjoin(Filter, Filter.id == Notification.filter_id)
            .options(joinedload(Notification.stored_message), joinedload(Filter.stored))
            .where(Notification.id == notification_id)).one_or_none()
        if row is None:
            return None
        notification, preference, nick, chosen = row
        message = notification.stored_message.message
        facts = self._catalog.facts(message, self._directory.account if self._directory else no_accounts)
        explanation = Explanation(
            describe_message(message, self._catalog, self._directory), facts, nick, preference, chosen,
            unread=notification.read_at is None)
        if chosen is None:
            return explanation
        try:
            reasons = self._reasons(facts, chosen.stored.expression, nick)
        except MalformedExpressionError:
            return replace(explanation, problem=gettext(UNREADABLE))
        return replace(explanation, reasons=reasons, problem="" if reasons else gettext(NO_DIRECTORY))

    def _reasons(self, facts: Facts, expression: Expression, nick: str) -> VerdictSummary | None:
        if self._directory is None:
            return None
        judge = ExpressionEvaluator(
            facts, self._directory, self._rule_types, nick, meter=CpuTimeLimit(EXPLANATION_CPU_SECONDS))
        return summarize_verdict(judge.verdict(expression), expression)


def describe_message(message: Message, catalog: Catalog, directory: Directory | None) -> DescribedMessage:
    """Describe a message."""
    description = catalog.describe(message, directory.account if directory else no_accounts)
    application = catalog.applications.get(message.category)
    return DescribedMessage(
        summary=one_line(description.summary),
        long=lines(description.long),
        link=web_link(description.link),
        application=application.title if application else one_line(message.category),
        topic=one_line(message.topic),
        sent_at=message.sent_at,
    )


def summarize_verdict(verdict: Verdict, expression: Expression) -> VerdictSummary:
    """Summarize the verdict of an expression."""
    if not isinstance(expression, All):
        return VerdictSummary(verdict.holds, [merge_negations(verdict)])
    exceptions = [
        each for part, each in zip(expression.parts, verdict.parts, strict=True)
        if isinstance(part, Not) and each.holds
    ]
    deciding = [merge_negations(each) for each in verdict.parts if each not in exceptions]
    return VerdictSummary(
        verdict.holds, deciding, [merge_negations(part) for each in exceptions for part in each.parts])


def merge_negations(verdict: Verdict) -> Verdict:
    """The verdict with "not" and the one rule that it denies told as one, as people say it."""
    parts = tuple(map(merge_negations, verdict.parts))
    if verdict.words == NOT and not parts[0].parts:
        return Verdict(verdict.holds, f"{NOT}: {parts[0].words}", (), parts[0].problem)
    return replace(verdict, parts=parts)

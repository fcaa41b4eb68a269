"""Messages of the bus, as they're told, and why one is heard of or isn't."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, Self

from pyramid.httpexceptions import HTTPNotFound

from fmn.catalog import Message as BusMessage
from fmn.catalog import catalog
from fmn.directory.snapshot import Directory
from fmn.filters.models import MuteKind
from fmn.ledger.messages import messages_with_id
from fmn.matching.deadlines import EXPLANATION_CPU_SECONDS, CpuTimeLimit
from fmn.matching.verdicts import ExpressionEvaluator
from fmn.matching.verdicts import Verdict as Judgement
from fmn.matching.why import ContextVerdict as ContextJudgement
from fmn.matching.why import why
from webapp.api.models import KeptContext, ResponseModel
from webapp.api.operations import Operation, operation
from webapp.filters.explanations import describe_message
from webapp.identity import Permission
from webapp.request import Request

#: Characters of the longest id of a message.
LONGEST_ID: Final = 200


class Message(ResponseModel):
    """A message. ``event`` is the name of its event type; ``link`` is ``""`` if it has none."""

    msg_id: str
    topic: str
    sent_at: datetime
    application: str
    event: str
    summary: str
    link: str
    agent: str | None
    usernames: list[str]
    packages: list[str]
    groups: list[str]

    @classmethod
    def of(cls, message: BusMessage, directory: Directory | None) -> Self:
        """What is told of a message."""
        return cls(**_told(message, directory))


class Verdict(ResponseModel):
    """Whether a part of a filter matches. ``words`` describe the part, ``parts`` are its components.

    ``problem`` says why FMN couldn’t evaluate it.
    """

    holds: bool
    words: str
    problem: str
    parts: list[Verdict]

    @classmethod
    def of(cls, judged: Judgement) -> Self:
        """A verdict with all of its parts."""
        return cls(
            holds=judged.holds, words=judged.words, problem=judged.problem,
            parts=[Verdict.of(part) for part in judged.parts])


class FilterVerdict(ResponseModel):
    """A filter’s verdict on the message. The first filter that is on and matches ``lets_through``.

    ``group`` is set for a filter of a group.
    """

    filter_id: int
    name: str
    group: str | None
    enabled: bool
    lets_through: bool
    verdict: Verdict


class Muted(ResponseModel):
    """A mute that suppresses the message. Without ``until``, it lasts forever."""

    kind: MuteKind
    value: str
    until: datetime | None


class ContextVerdict(ResponseModel):
    """What happens to the message in a context."""

    context: KeptContext
    enabled: bool
    hears: bool
    muted: Muted | None
    filters: list[FilterVerdict]

    @classmethod
    def of(cls, judged: ContextJudgement) -> Self:
        """The verdict of all filters."""
        silence = judged.silence
        return cls(
            context=judged.context, enabled=judged.enabled, hears=judged.notifies,
            muted=Muted(kind=silence.kind, value=silence.value, until=silence.until) if silence else None,
            filters=[
                FilterVerdict(
                    filter_id=one.filter_id, name=one.label, group=one.group or None, enabled=one.enabled,
                    lets_through=one.lets_through, verdict=Verdict.of(one.verdict))
                for one in judged.filters])


class WholeMessage(Message):
    """A message with its body and all its text, and what every filter of the account makes of it."""

    long: str
    body: Any
    verdicts: list[ContextVerdict]


@operation("api_message", "GET", Permission.READ, fails=(503,))
def show_message(request: Request) -> WholeMessage:
    """Show a message and explain why you get it or not: the verdict of every filter, rule by rule."""
    # First, because it may have to be fetched: a transaction that has begun isn't to wait for that.
    directory = request.services.directory.current()
    message = _message(request)
    facts = catalog().facts(message, directory.account)
    judge = ExpressionEvaluator(
        facts, directory, request.services.rule_types, request.me.nick,
        meter=CpuTimeLimit(EXPLANATION_CPU_SECONDS))
    verdicts = why(request.read_session, judge, request.me.nick, request.now)
    return WholeMessage(
        **_told(message, directory), long=describe_message(message, catalog(), directory).long,
        body=message.body,
        verdicts=list(_own(request, verdicts)))


def _own(request: Request, verdicts: Iterable[ContextJudgement]) -> Iterable[ContextVerdict]:
    """Those of contexts in which something can be sent."""
    return (ContextVerdict.of(each) for each in verdicts if each.context in request.contexts)


def _message(request: Request) -> BusMessage:
    msg_id = request.matchdict["msg_id"]
    if len(msg_id) > LONGEST_ID:
        raise HTTPNotFound
    found = messages_with_id(request.read_session, msg_id)
    if not found:
        raise HTTPNotFound
    # Where services use the same id: who used it first.
    return found[0].message


def _told(message: BusMessage, directory: Directory | None) -> dict[str, Any]:
    described = describe_message(message, catalog(), directory)
    facts = catalog().facts(message, directory.account) if directory else catalog().facts(message)
    return {
        "msg_id": message.msg_id, "topic": message.topic, "sent_at": message.sent_at,
        "application": described.application, "event": facts.event.name, "summary": described.summary,
        "link": described.link, "agent": facts.agent, "usernames": sorted(facts.usernames),
        "packages": sorted(map(str, facts.packages)), "groups": sorted(facts.groups),
    }


OPERATIONS: Final[tuple[Operation, ...]] = (show_message,)

"""Completion of a search's operators and their values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from fmn.catalog import Severity
from fmn.directory.snapshot import Directory
from fmn.ledger.inbox_filter import filter_options
from fmn.matching.completion import CompletionKind
from fmn.people.local_time import local_date
from webapp.directory_or_none import directory_or_none
from webapp.inbox.search_criteria import IS_VALUES, STATUSES, TODAY, YESTERDAY, application_words
from webapp.inbox.search_query import Operator, Term
from webapp.owned import current_user_zone
from webapp.request import Request

#: What is offered at once, and characters of what is completed.
MOST: Final = 20
MAX_LENGTH: Final = 200
#: Operators whose values come from the directory and from recent traffic.
_NAMES: Final = {
    Operator.PACKAGE: CompletionKind.PACKAGES, Operator.FROM: CompletionKind.USERS,
    Operator.PERSON: CompletionKind.USERS, Operator.GROUP: CompletionKind.GROUPS}

#: Days that are offered: today, yesterday, and those before.
DAYS: Final = 14

#: Values of operators that are always the same. The others are days.
_FIXED: Final[Mapping[Operator, Iterable[str]]] = {
    Operator.IS: IS_VALUES, Operator.SEVERITY: list(Severity), Operator.STATUS: list(STATUSES)}


def complete_term(request: Request, typed: str) -> Sequence[str]:
    """Terms that begin with what was typed of one: ``pa`` leads to ``package:``."""
    beginning = typed[:MAX_LENGTH]
    minus = "-" if beginning.startswith("-") else ""
    name, colon, value = beginning.removeprefix(minus).partition(":")
    if not colon:
        return [f"{minus}{each}:" for each in Operator if name and each.startswith(name.lower())]
    if name.lower() not in set(Operator):
        return []
    operator = Operator(name.lower())
    values = _values(request, operator, value.strip('"'))
    return [f"{Term(each, operator, bool(minus))}" for each in values][:MOST]


def _values(request: Request, operator: Operator, beginning: str) -> Sequence[str]:
    kind = _NAMES.get(operator)
    if kind is None:
        start = beginning.casefold()
        return [each for each in _known(request, operator) if each.casefold().startswith(start)]
    directory = directory_or_none(request.services) or Directory()
    return request.services.completer.complete(
        request.read_session, directory, kind, beginning, request.now)


def _known(request: Request, operator: Operator) -> Iterable[str]:
    if operator is Operator.APP:
        return sorted(application_words().values())
    if operator is Operator.FILTER:
        options = filter_options(request.read_session, request.me.user_id)
        return list(dict.fromkeys(each.name for each in options))
    if operator is Operator.CHANNEL:
        return request.contexts
    return _FIXED.get(operator) or _days(request)


def _days(request: Request) -> Iterable[str]:
    today = local_date(request.now, current_user_zone(request))
    return TODAY, YESTERDAY, *((today - timedelta(days=days)).isoformat() for days in range(2, DAYS))

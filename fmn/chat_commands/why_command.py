"""The command ``why``: the notification, the filter that matched, and the page with the details."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from fmn.catalog import Description, Message
from fmn.chat_commands.list_commands import describe_filter
from fmn.chat_commands.reply_format import MAX_NAME_LENGTH, MAX_SENTENCE_LENGTH, Requester
from fmn.delivery.signed_links import Links
from fmn.filters.models import Filter
from fmn.filters.rule_types import RuleTypes
from fmn.ledger.inbox import load_entries, nth_last_sent
from fmn.text import shorten

Describe = Callable[[Message], Description]


def why_lines(
    session: Session, requester: Requester, number: int, describe: Describe, rule_types: RuleTypes,
    links: Links,
) -> Sequence[str]:
    """Explain the last notification that was sent here, or an earlier one by its ``number``."""
    notification_id = nth_last_sent(session, requester.preference.id, number)
    if notification_id is None:
        many = "any" if number == 1 else "that many"
        return [f"FMN hasn’t sent you {many} notifications here lately. Your inbox: {links.inbox()}"]
    [entry] = load_entries(session, [notification_id])
    summary = shorten(describe(entry.message).summary, MAX_SENTENCE_LENGTH)
    together = ", in a digest" if any(each.digest_id is not None for each in entry.deliveries) else ""
    chosen = session.scalars(
        select(Filter).options(joinedload(Filter.stored)).where(Filter.id == entry.filter_id)).one_or_none()
    return [
        f"{requester.moment(entry.created_at)}{together}: {summary}",
        f"{_reason(chosen, rule_types)} {links.why(entry.public_id)}"]


def _reason(chosen: Filter | None, rule_types: RuleTypes) -> str:
    if chosen is None:
        return "It matched a filter that has been deleted since."
    name = shorten(chosen.name, MAX_NAME_LENGTH)
    asks = shorten(describe_filter(chosen, rule_types), MAX_SENTENCE_LENGTH)
    return f"It matched your filter “{name}”: {asks}."

"""Why something was sent: the notification, the filter that let it through, and the page with all of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from fmn.catalog import Description, Message
from fmn.chat_commands.list_commands import words_of
from fmn.chat_commands.reply_format import LONGEST_NAME, LONGEST_SENTENCE, Visitor
from fmn.delivery.signed_links import Links
from fmn.filters.models import Filter
from fmn.filters.rule_types import RuleTypes
from fmn.ledger.inbox import entries_of, sent_before
from fmn.text import shorten

Describe = Callable[[Message], Description]


def why(
    session: Session, visitor: Visitor, number: int, describe: Describe, rule_types: RuleTypes, links: Links,
) -> Sequence[str]:
    """Why somebody got what they were sent last here, or so many before."""
    notification_id = sent_before(session, visitor.preference.id, number)
    if notification_id is None:
        before = "anything" if number == 1 else "so many things"
        return [f"I haven’t sent you {before} here lately. Your inbox has what there is: {links.inbox()}"]
    [entry] = entries_of(session, [notification_id])
    summary = shorten(describe(entry.message).summary, LONGEST_SENTENCE)
    together = ", in a digest" if any(each.digest_id is not None for each in entry.deliveries) else ""
    chosen = session.scalars(
        select(Filter).options(joinedload(Filter.stored)).where(Filter.id == entry.filter_id)).one_or_none()
    return [
        f"{visitor.moment(entry.created_at)}{together}: {summary}",
        f"{_reason(chosen, rule_types)} {links.why(entry.row_name)}"]


def _reason(chosen: Filter | None, rule_types: RuleTypes) -> str:
    if chosen is None:
        return "A filter let it through that is deleted by now."
    name = shorten(chosen.name, LONGEST_NAME)
    asks = shorten(words_of(chosen, rule_types), LONGEST_SENTENCE)
    return f"Your filter “{name}” let it through: {asks}."

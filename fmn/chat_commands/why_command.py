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
from fmn.translations import gettext

Describe = Callable[[Message], Description]


def why_lines(
    session: Session, requester: Requester, number: int, describe: Describe, rule_types: RuleTypes,
    links: Links,
) -> Sequence[str]:
    """Explain the last notification that was sent here, or an earlier one by its ``number``."""
    notification_id = nth_last_sent(session, requester.preference.id, number)
    if notification_id is None:
        told = gettext("FMN hasn’t sent you any notifications here lately. Your inbox: {page}") if (
            number == 1) else gettext(
            "FMN hasn’t sent you that many notifications here lately. Your inbox: {page}")
        return [told.format(page=links.inbox())]
    [entry] = load_entries(session, [notification_id])
    summary = shorten(describe(entry.message).summary, MAX_SENTENCE_LENGTH)
    when = gettext("{moment}, in a digest: {summary}") if any(
        each.digest_id is not None for each in entry.deliveries) else "{moment}: {summary}"
    chosen = session.scalars(
        select(Filter).options(joinedload(Filter.stored)).where(Filter.id == entry.filter_id)).one_or_none()
    return [
        when.format(moment=requester.moment(entry.created_at), summary=summary),
        f"{_reason(chosen, rule_types)} {links.why(entry.public_id)}"]


def _reason(chosen: Filter | None, rule_types: RuleTypes) -> str:
    if chosen is None:
        return gettext("It matched a filter that has been deleted since.")
    name = shorten(chosen.name, MAX_NAME_LENGTH)
    asks = shorten(describe_filter(chosen, rule_types), MAX_SENTENCE_LENGTH)
    return gettext("It matched your filter “{name}”: {asks}.").format(name=name, asks=asks)

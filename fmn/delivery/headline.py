"""Headlines of deliveries: what a mail's subject and a digest's first line say."""

from __future__ import annotations

from collections import Counter
from typing import Final

from fmn.delivery.contract import RenderedDelivery, RenderedNotification
from fmn.localized import number_text
from fmn.translations import gettext, ngettext

#: Kinds of failures that a digest's headline names; further ones are counted among the rest.
MAX_NAMED: Final = 2


def digest_headline(delivery: RenderedDelivery) -> str:
    """How many notifications a digest has, the failures first: ``1 failed test, 4 more``.

    The nouns are the catalogue's. Errors come before warnings, then the most frequent kind comes first.
    Without failures it's ``5 notifications``.
    """
    failures = [item.description for item in delivery.items if item.description.count_noun]
    errors = {each.count_noun for each in failures if each.severity.is_severe}
    counts = Counter(each.count_noun for each in failures)
    named = sorted(counts, key=lambda noun: (noun not in errors, -counts[noun]))[:MAX_NAMED]
    if not named:
        return notifications_text(delivery.count)
    rest = delivery.count - sum(counts[noun] for noun in named)
    told = [_counted(counts[noun], noun) for noun in named]
    return ", ".join([*told, *([gettext("{number} more").format(number=number_text(rest))] if rest else [])])


def addressed(summary: str, item: RenderedNotification, nick: str) -> str:
    """A summary for its reader ``nick``: to Alice, ``alice's build of moss failed`` is ``Your build of …``.

    Only accounts that the message concerns are replaced, and only where the summary begins with them.
    """
    whose = f"{nick}'s "
    if not summary.startswith(whose) or nick not in {item.agent, *item.usernames}:
        return summary
    return f"Your {summary.removeprefix(whose)}"


def notifications_text(number: int) -> str:
    """A number of notifications: ``5 notifications``."""
    return ngettext("{number} notification", "{number} notifications", number).format(
        number=number_text(number))


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"

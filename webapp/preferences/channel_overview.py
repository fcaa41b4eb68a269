"""Channel overview of the home page: status, schedule, traffic, pending digest and problems."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.channels import Proof, proof_in
from fmn.digests.due_times import next_due
from fmn.digests.next_digests import next_digests_for
from fmn.filters.summary import FilterSummary, summarize_filters
from fmn.ledger.day_range import DayRange
from fmn.ledger.figures.personal import DailyCounts, personal_figures
from fmn.ledger.undelivered import undelivered
from fmn.people.addresses import ListedAddress, list_addresses
from fmn.people.local_time import zone_or_utc
from fmn.people.models import Preference, User
from fmn.settings import FloodSettings
from webapp.preferences.channel_problems import ChannelProblem, channel_problems


@dataclass(frozen=True)
class PendingDigest:
    """Notifications pending for a digest; ``due_at`` is ``None`` if the digest is only limited by count."""

    count: int
    due_at: datetime | None


@dataclass(frozen=True)
class ChannelOverview:
    """One channel of the overview."""

    preference: Preference
    addresses: Sequence[ListedAddress]
    filters: FilterSummary
    figures: DailyCounts
    pending_digest: PendingDigest | None
    problems: Sequence[ChannelProblem]

    @property
    def is_unused(self) -> bool:
        """Whether there is nothing to say of it but that it could be set up."""
        entered = self.addresses and proof_in(self.preference.context) is not Proof.ACCOUNT
        return not (
            self.preference.enabled or entered or self.filters.total or self.figures.total
            or self.pending_digest)


def channel_overviews(
    session: Session, user: User, contexts: Collection[str], now: datetime, throttling: FloodSettings,
) -> list[ChannelOverview]:
    """The person's channels, in a constant number of statements."""
    preferences = session.scalars(
        select(Preference).where(Preference.user_id == user.id, Preference.context.in_(contexts))
        .order_by(Preference.id)).all()
    ids = [each.id for each in preferences]
    window = DayRange(now, zone=zone_or_utc(user.time_zone))
    addresses, filters = list_addresses(session, ids, now), summarize_filters(session, ids)
    figures, failed = personal_figures(session, ids, window), undelivered(session, ids, window.begins)
    pending_digests = _pending_digests(session, ids, now, throttling)
    return [
        ChannelOverview(
            each, own := addresses.get(each.id, ()), filters[each.id], figures.channels[each.id],
            pending_digests.get(each.id),
            list(channel_problems(each, own, filters[each.id], failed.get(each.id), window)))
        for each in preferences
    ]


def _pending_digests(
    session: Session, preference_ids: Sequence[int], now: datetime, throttling: FloodSettings,
) -> Mapping[int, PendingDigest]:
    waiting = next_digests_for(session, preference_ids, now, throttling)
    return {each.preference_id: PendingDigest(each.count, next_due(each, now)) for each in waiting}

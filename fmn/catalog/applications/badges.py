"""Badges again: their server, Tahrir, sends what the older service did, under a category of its own."""

from __future__ import annotations

from fmn.catalog.applications import fedbadges
from fmn.catalog.events import Application


class BadgeAward(fedbadges.BadgeAward):
    """Somebody was awarded a badge."""

    topics = ("badges.badge.award",)
    rule = "badges_badge_award"


class RankAdvance(fedbadges.RankAdvance):
    """Somebody has more badges than somebody else now."""

    topics = ("badges.person.rank.advance",)
    rule = "badges_person_rank_advance"


class FirstLogin(fedbadges.FirstLogin):
    """Somebody looked at their badges for the first time."""

    topics = ("badges.person.login.first",)
    rule = "badges_person_login_first"


APPLICATION = Application(
    category="badges",
    title="Badges (Tahrir)",
    help="Badges that people were awarded, as their server says it today.",
    icon=fedbadges.APPLICATION.icon,
    other=fedbadges.Badges,
    events=(BadgeAward, RankAdvance, FirstLogin),
)

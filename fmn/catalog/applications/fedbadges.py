"""Badges, which people are awarded for what they did."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.events import Application, EventType, sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page

BADGES = "https://badges.fedoraproject.org"


class Badges(EventType):
    """Anything from the badges: it's about one person each."""

    def agent(self, m: MessageReader) -> str | None:
        return person(m, "user") or person(m, "person") or None

    def link(self, m: MessageReader) -> str:
        return page(BADGES, "user", self.agent(m) or "")


class BadgeAward(Badges):
    """Somebody was awarded a badge."""

    topics = ("fedbadges.badge.award",)
    rule = "fedbadges_badge_award"
    title = "Badge awarded"
    summary_template = "{who} was awarded the badge {badge}"
    group_summary_template = "Badges were awarded to {who:people}: {badge:badges}"
    example = sample(
        user={"username": "mary", "badges_user_id": 42},
        badge={
            "name": "Moss Gatherer",
            "description": "Pushed a hundred commits without stopping.",
            "image_url": "https://badges.fedoraproject.org/pngs/moss-gatherer.png",
        },
    )

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        name = m.text("badge", "name")
        return {**super().template_values(m), "badge": f'"{name}"' if name else "of some name"}

    def long(self, m: MessageReader) -> str:
        return m.text("badge", "description")

    def icon(self, m: MessageReader) -> str:
        return m.text("badge", "image_url") or super().icon(m)


class RankAdvance(Badges):
    """Somebody has more badges than somebody else now."""

    topics = ("fedbadges.person.rank.advance",)
    rule = "fedbadges_person_rank_advance"
    title = "Badge rank changed"
    summary_template = "{who} moved to rank {rank}{before} by number of badges"
    example = sample(old_rank=1512, person={"nickname": "mary", "rank": 1500, "id": 42, "bio": None})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        before = m.text("old_rank")
        return {
            **super().template_values(m),
            "rank": m.text("person", "rank") or "unknown",
            "before": f" from {before}" if before else "",
        }


class FirstLogin(Badges):
    """Somebody looked at their badges for the first time."""

    topics = ("fedbadges.person.login.first",)
    rule = "fedbadges_person_first_login"
    title = "First sign-in to Badges"
    summary_template = "{who} logged in to the badges for the first time"
    example = sample(user={"username": "sam", "badges_user_id": 43})


APPLICATION = Application(
    category="fedbadges",
    title="Badges",
    help="Badges that people were awarded.",
    icon="https://apps.fedoraproject.org/img/icons/badges.png",
    other=Badges,
    events=(BadgeAward, RankAdvance, FirstLogin),
)

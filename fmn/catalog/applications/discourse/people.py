"""People: new users, badges, groups, flags, and everything else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fmn.catalog.applications.discourse.base import Discourse, instance, sent, user, webhook
from fmn.catalog.events import Severity
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page

#: Made up for examples.
USER: dict[str, Any] = {"id": 48, "username": "sam", "name": "Sam Sample", "trust_level": 1}

#: What happened to a user, by Discourse's name of the event.
HAPPENED: Mapping[str, str] = {
    "user_created": "signed up at",
    "user_approved": "was approved at",
    "user_confirmed_email": "confirmed their email address at",
    "user_logged_in": "logged in at",
    "user_logged_out": "logged out of",
    "user_updated": "changed their profile at",
    "user_promoted": "has another trust level at",
    "user_suspended": "was suspended from",
    "user_unsuspended": "is no longer suspended from",
    "user_destroyed": "was deleted from",
}


class User(Discourse):
    """A user signed up, logged in, or was changed, suspended or deleted."""

    topics = ("discourse.user.*",)
    rule = "discourse_user"
    title = "User signed up or changed"
    threaded = False
    summary_template = "{user} {happened} {place}"
    group_summary_template = "{user:people} {happened:alike} {place:forums}"
    severity = Severity.DEBUG
    example = webhook("user", "user_created", USER)
    example_topic = "discourse.user.user_created"

    def concerned(self, m: MessageReader) -> Iterable[str]:
        return (user(sent(m), "user"),)

    def link(self, m: MessageReader) -> str:
        return page(instance(m), "u", user(sent(m), "user")) if instance(m) else ""

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {
            **super().template_values(m),
            "user": user(sent(m), "user") or "Somebody",
            "happened": HAPPENED.get(m.topic_part(2), "was changed at"),
        }


class Badge(Discourse):
    """A user got a badge, or lost it."""

    topics = ("discourse.user_badge.*",)
    rule = "discourse_badge"
    title = "Badge"
    threaded = False
    summary_template = "{user} {did} the badge {badge} at {place}"
    group_summary_template = "{user:people} {did:alike} badges at {place:forums}: {badge:badges}"
    example = webhook("user_badge", "user_badge_granted", {
        "user": USER, "badge": {"name": "Green thumb"}, "granted_by": {"username": "mary"}})
    example_topic = "discourse.user_badge.user_badge_granted"

    def doer(self, m: MessageReader) -> str:
        return user(sent(m), "user_badge", "granted_by")

    def concerned(self, m: MessageReader) -> Iterable[str]:
        return (user(sent(m), "user_badge", "user"),)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {
            **super().template_values(m),
            "user": user(sent(m), "user_badge", "user") or "Somebody",
            "did": "lost" if m.topic_part(2).endswith("revoked") else "got",
            "badge": sent(m).text("user_badge", "badge", "name") or "of some name",
        }


class Other(Discourse):
    """Something else happened: to a category, a tag, a group, a flag, an assignment."""

    topics = ("discourse.**",)
    rule = "discourse_other"
    title = "Something else"
    threaded = False
    summary_template = "The event {event} happened at {place}"
    group_summary_template = "Events happened at {place:forums}: {event:events}"
    severity = Severity.DEBUG
    example = webhook("category", "category_created", {"id": 7, "name": "Garden", "slug": "garden"})
    example_topic = "discourse.category.category_created"

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        event = (m.topic_part(2) or m.topic_part(1)).replace("_", " ").strip()
        return {**super().template_values(m), "event": event or "of some name"}


EVENTS = (User, Badge, Other)

"""Discourse, the forum: topics, posts, solutions, likes."""

from __future__ import annotations

from fmn.catalog.applications.discourse import people, posts, topics
from fmn.catalog.applications.discourse.base import Discourse
from fmn.catalog.events import Application

APPLICATION = Application(
    category="discourse",
    title="Discourse",
    help="The forum: topics, posts, solutions, likes.",
    catchall="discourse_catchall",
    icon="https://apps.fedoraproject.org/img/icons/discourse.png",
    other=Discourse,
    events=(*posts.EVENTS, *topics.EVENTS, *people.EVENTS),
)

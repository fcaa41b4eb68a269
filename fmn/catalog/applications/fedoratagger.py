"""Fedora Tagger, where people tagged and rated packages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.events import Application, EventType, Package, sample
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.catalog.urls import page

TAGGER = "https://apps.fedoraproject.org/tagger"

#: Where people are in a body, who are objects with a ``username``.
PEOPLE = (("vote", "user"), ("rating", "user"), ("user",))

#: Made up for examples.
MARY = {"anonymous": False, "rank": 7, "username": "mary", "votes": 12}
PACKAGE = {"name": "moss", "rating": 80.0, "summary": "Grows on the north side of trees", "tags": []}
TAG = {"dislike": 0, "like": 3, "package": "moss", "tag": "green", "total": 3, "votes": 3}


class Tagger(EventType):
    """Anything from Fedora Tagger."""

    def user(self, m: MessageReader) -> JsonNode:
        """Whom the message is about."""
        return next((m.at(*path) for path in PEOPLE if m.keys(*path)), JsonNode(None))

    def agent(self, m: MessageReader) -> str | None:
        return person(self.user(m)) or None

    def package(self, m: MessageReader) -> str:
        """What was tagged or rated: the first messages had an object of its tags, by its name."""
        return next(filter(None, (
            m.text("vote", "tag", "package"), *m.keys("vote", "tag", "package")[:1],
            m.text("rating", "package", "name"), m.text("package", "name"),
        )), "")

    def packages(self, m: MessageReader) -> Iterable[Package]:
        return (Package("", self.package(m)),)

    def link(self, m: MessageReader) -> str:
        package = self.package(m)
        return page(TAGGER, package) if package else ""

    def secondary_icon(self, m: MessageReader) -> str:
        return super().secondary_icon(m) or self.application.icon

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        tag = m.text("vote", "tag", "tag")
        return {
            "who": "An anonymous user" if self.user(m).flag("anonymous") else self.agent(m) or "Somebody",
            "package": self.package(m) or "a package",
            "tag": f'the tag "{tag}"' if tag else "a tag",
        }


class TagCreate(Tagger):
    """Somebody gave a package a tag."""

    topics = ("fedoratagger.tag.create",)
    rule = "fedoratagger_tag_create"
    title = "New tag"
    summary_template = "{who} gave {package} {tag}"
    group_summary_template = "{who:people} gave {package:packages} {tag:tags}"
    example = sample(tag=TAG, user=MARY, vote={"like": True, "tag": TAG, "user": MARY})


class TagUpdate(Tagger):
    """Somebody voted for or against a tag of a package."""

    topics = ("fedoratagger.tag.update",)
    rule = "fedoratagger_tag_update"
    title = "Vote on a tag"
    summary_template = "{who} voted {which_way} {tag} of {package}"
    group_summary_template = "{who:people} voted {which_way:alike} {tag:tags} of {package:packages}"
    example = sample(tag=TAG, user=MARY, vote={"like": False, "tag": TAG, "user": MARY})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "which_way": "for" if m.flag("vote", "like") else "against"}


class RatingUpdate(Tagger):
    """Somebody rated a package."""

    topics = ("fedoratagger.rating.update",)
    rule = "fedoratagger_rating_update"
    title = "Package rated"
    summary_template = "{who} rated {package}{rating}"
    group_summary_template = "{who:people} rated {package:packages}"
    example = sample(rating={"package": PACKAGE, "rating": 80, "user": MARY})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        rating = m.text("rating", "rating")
        return {**super().template_values(m), "rating": f" with {rating}" if rating else ""}


class UsageToggle(Tagger):
    """Somebody said that they use a package, or no longer do."""

    topics = ("fedoratagger.usage.toggle",)
    rule = "fedoratagger_usage_toggle"
    title = "Package usage changed"
    summary_template = "{who} said that they {use} {package}"
    example = sample(package=PACKAGE, usage=True, user=MARY)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "use": "use" if m.flag("usage") else "no longer use"}


class RankUpdate(Tagger):
    """Somebody's rank among those who tag changed."""

    topics = ("fedoratagger.user.rank.update",)
    rule = "fedoratagger_user_rank_update"
    title = "Tagger rank changed"
    summary_template = "{who} moved to {rank} of those who tag packages"
    example = sample(user={**MARY, "score": 275})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        rank = m.text("user", "rank")
        return {**super().template_values(m), "rank": f"rank {rank}" if rank else "another rank"}


APPLICATION = Application(
    category="fedoratagger",
    title="Fedora Tagger",
    help="Tags and ratings that people gave packages.",
    catchall="fedoratagger_catchall",
    icon="https://apps.fedoraproject.org/img/icons/tagger.png",
    retired=True,
    other=Tagger,
    events=(TagCreate, TagUpdate, RatingUpdate, UsageToggle, RankUpdate),
)

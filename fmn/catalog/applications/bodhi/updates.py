"""Updates: what people and Bodhi do with them from submission to the stable repository."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from fmn.catalog.accounts_in_messages import avatar, mentions, person
from fmn.catalog.applications.bodhi.base import (
    BODHI,
    UPDATE,
    Update,
    name_of,
    packages_in,
    packages_of,
    update_of,
)
from fmn.catalog.builds import package_name
from fmn.catalog.events import Package, Severity, sample
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import join_series, labelled, paragraphs, quoted

#: An update's name at the beginning of its artifact's: ``FEDORA-2026-3f0c2a51d7-1a2b``.
UPDATE_NAME: Final = re.compile(r"FEDORA-(?:EPEL-)?\d+-\w+")


class UpdateComment(Update):
    """Somebody commented on an update, with or without karma."""

    topics = ("bodhi.update.comment",)
    rule = "bodhi_update_comment"
    title = "Comment on an update"
    summary_template = "{who} commented on {update}{karma}"
    group_summary_template = "{who:people} commented on {name:updates}{karma}"
    example = sample(
        agent="tom",
        comment={"author": "tom", "text": "Works here, also on a wet day. @sam, yours too?", "karma": 1,
                 "user": {"name": "tom"}, "update": UPDATE},
    )

    def author(self, m: MessageReader) -> str:
        """Who wrote the comment."""
        return person(m, "comment", "user") or person(m, "comment", "author")

    def agent(self, m: MessageReader) -> str | None:
        return person(m, "agent") or self.author(m) or None

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        return (*super().usernames(m), self.author(m), *mentions(m.text("comment", "text")))

    def packages(self, m: MessageReader) -> Iterable[Package]:
        return [*packages_of(update_of(m))] or packages_in(m.text("comment", "update_title"))

    def secondary_icon(self, m: MessageReader) -> str:
        author = self.author(m)
        return avatar(author) if author else super().secondary_icon(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        # Bodhi is about to call karma feedback; until then it sends both.
        karma = m.number("comment", "karma") or m.number("comment", "feedback")
        return {**super().template_values(m), "karma": f" and gave it {karma:+} karma" if karma else ""}

    def long(self, m: MessageReader) -> str:
        return m.text("comment", "text")


class RequestTesting(Update):
    """Somebody submitted an update to testing."""

    topics = ("bodhi.update.request.testing",)
    rule = "bodhi_update_request_testing"
    title = "Update submitted to testing"
    summary_template = "{who} submitted {update} to testing"
    group_summary_template = "{who:people} submitted {name:updates} to testing"
    example = sample(agent="mary", update={**UPDATE, "status": "pending", "request": "testing"})


class RequestBatched(Update):
    """Somebody submitted an update to the next weekly batch."""

    topics = ("bodhi.update.request.batched",)
    title = "Update submitted to a batch"
    summary_template = "{who} submitted {update} to the next batch"
    group_summary_template = "{who:people} submitted {name:updates} to the next batch"
    example = sample(agent="mary", update={**UPDATE, "request": "batched"})
    retired = True


class RequestStable(Update):
    """Somebody submitted an update to stable."""

    topics = ("bodhi.update.request.stable",)
    rule = "bodhi_update_request_stable"
    title = "Update submitted to stable"
    summary_template = "{who} submitted {update} to stable"
    group_summary_template = "{who:people} submitted {name:updates} to stable"
    example = sample(agent="mary", update={**UPDATE, "request": "stable"})


class RequestObsolete(Update):
    """Somebody, or a newer update, made an update obsolete."""

    topics = ("bodhi.update.request.obsolete",)
    rule = "bodhi_update_request_obsolete"
    title = "Update made obsolete"
    summary_template = "{who} made {update} obsolete"
    group_summary_template = "{who:people} made {name:updates} obsolete"
    example = sample(agent="bodhi", update={**UPDATE, "status": "obsolete"})


class RequestRevoke(Update):
    """Somebody took back what they had asked Bodhi to do with an update."""

    topics = ("bodhi.update.request.revoke",)
    rule = "bodhi_update_request_revoke"
    title = "Request for an update revoked"
    summary_template = "{who} revoked the request for {update}"
    group_summary_template = "{who:people} revoked the requests for {name:updates}"
    example = sample(agent="mary", update=UPDATE)


class RequestUnpush(Update):
    """Somebody took an update out of testing."""

    topics = ("bodhi.update.request.unpush",)
    rule = "bodhi_update_request_unpush"
    title = "Update unpushed"
    summary_template = "{who} unpushed {update}"
    group_summary_template = "{who:people} unpushed {name:updates}"
    severity = Severity.WARNING
    count_noun = "unpushed update"
    example = sample(agent="mary", update={**UPDATE, "status": "unpushed"})


class UpdateEdit(Update):
    """Somebody edited an update."""

    topics = ("bodhi.update.edit",)
    title = "Update edited"
    summary_template = "{who} edited {update}"
    group_summary_template = "{who:people} edited {name:updates}"
    example = sample(
        agent="mary", update=UPDATE,
        new_bugs=[4712], new_builds=["moss-2.4-1.fc44"], removed_builds=["moss-2.3-1.fc44"],
    )

    def long(self, m: MessageReader) -> str:
        changes = labelled(
            New_bugs=", ".join(bug.text() for bug in m.nodes("new_bugs")),
            New_builds=", ".join(m.texts("new_builds")),
            Removed_builds=", ".join(m.texts("removed_builds")),
        )
        return paragraphs(changes, super().long(m))


class CompleteTesting(Update):
    """An update reached the testing repository."""

    topics = ("bodhi.update.complete.testing",)
    rule = "bodhi_update_complete_testing"
    title = "Update pushed to testing"
    summary_template = "{whose_update} was pushed to testing"
    group_summary_template = "Bodhi pushed {name:updates} to testing"
    example = sample(update=UPDATE)


class CompleteStable(Update):
    """An update reached the stable repository."""

    topics = ("bodhi.update.complete.stable",)
    rule = "bodhi_update_complete_stable"
    title = "Update pushed to stable"
    summary_template = "{whose_update} was pushed to stable"
    group_summary_template = "Bodhi pushed {name:updates} to stable"
    example = sample(update={**UPDATE, "status": "stable"})


class UpdateEject(Update):
    """An update was thrown out of a push."""

    topics = ("bodhi.update.eject",)
    rule = "bodhi_update_eject"
    title = "Update ejected from a push"
    summary_template = "{whose_update} was ejected from the push to {repo}{reason}"
    group_summary_template = "Updates were ejected from the push to {repo:repositories}: {name:updates}"
    severity = Severity.WARNING
    count_noun = "ejected update"
    example = sample(
        repo="f44-updates", request="stable", reason="The build moss-2.4-1.fc44 has no tag", update=UPDATE)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        reason = quoted(m.text("reason"))
        return {
            **super().template_values(m),
            "repo": m.text("repo") or "its repository",
            "reason": f": {reason}" if reason else "",
        }

    def long(self, m: MessageReader) -> str:
        return paragraphs(m.text("reason"), super().long(m))


class KarmaThreshold(Update):
    """Enough people liked or disliked an update for it to move on."""

    topics = ("bodhi.update.karma.threshold.reach", "bodhi.update.karma.threshold")
    title = "Karma threshold reached"
    summary_template = "{whose_update} reached its {status} karma threshold"
    group_summary_template = "Updates reached their {status:alike} karma thresholds: {name:updates}"
    example = sample(status="stable", update={**UPDATE, "karma": 3})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "status": m.text("status") or "own"}


class RequirementsMet(Update):
    """An update met the requirements for being pushed further."""

    topics = ("bodhi.update.requirements_met.stable", "bodhi.update.requirements_met.*")
    title = "Requirements met"
    summary_template = "{whose_update} met the requirements for {status}"
    group_summary_template = "Updates met the requirements for {status:alike}: {name:updates}"
    example = sample(update=UPDATE)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {**super().template_values(m), "status": m.topic_part(3)}


class ReadyForTesting(Update):
    """An update is ready to be tested by machines."""

    topics = ("bodhi.update.status.testing.koji-build-group.build.complete", "bodhi.update.status.testing")
    rule = "bodhi_update_status_testing"
    title = "Update ready for automatic tests"
    summary_template = "{builds} can be tested automatically{again}"
    group_summary_template = "Updates can be tested automatically{again}: {builds:updates}"
    severity = Severity.DEBUG
    example = sample(
        agent="mary",
        artifact={"id": "FEDORA-2026-3f0c2a51d7-1a2b", "type": "koji-build-group", "release": "F44",
                  "builds": [{"component": "moss", "nvr": "moss-2.4-1.fc44", "id": 2101, "task_id": 9201}]},
        update=UPDATE,
        **{"re-trigger": False},
    )

    def link(self, m: MessageReader) -> str:
        """The update's page; where the message has no update, its name is part of the artifact's."""
        named = UPDATE_NAME.match(m.text("artifact", "id"))
        return super().link(m) if m.has("update") or not named else page(BODHI, "updates", named[0])

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        issuers = (person(build, "issuer") for build in m.nodes("artifact", "builds"))
        return (*super().usernames(m), *issuers)

    def packages(self, m: MessageReader) -> Iterable[Package]:
        return [*super().packages(m), *self._built(m)]

    def _built(self, m: MessageReader) -> Iterator[Package]:
        """The first version of these messages had no update in it."""
        if not m.has("update"):
            for build in m.nodes("artifact", "builds"):
                yield Package("rpms", build.text("component") or package_name(build.text("nvr")))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        builds = join_series(build.text("nvr") for build in m.nodes("artifact", "builds"))
        return {
            **super().template_values(m),
            "builds": builds or name_of(m) or "An update",
            "again": " again" if m.flag("re-trigger") else "",
        }


class ErrataPublish(Update):
    """The announcement of an update was sent."""

    topics = ("bodhi.errata.publish",)
    rule = "bodhi_errata_publish"
    title = "Update announced"
    group_summary_template = "Updates were announced: {name:updates}"
    example = sample(
        subject="[SECURITY] Fedora 44 Update: moss-2.4-1.fc44",
        body="Update Notification\nFEDORA-2026-3f0c2a51d7\n\nMoss grows on the north side again.",
        update={**UPDATE, "status": "stable"},
    )

    def summary(self, m: MessageReader) -> str:
        subject = quoted(m.text("subject"))
        whose = self.template_values(m)["whose_update"]
        return f"{whose} was announced: {subject}" if subject else f"{whose} was announced"

    def long(self, m: MessageReader) -> str:
        return m.text("body") or super().long(m)


EVENTS = (
    UpdateComment,
    RequestTesting,
    RequestBatched,
    RequestStable,
    RequestObsolete,
    RequestRevoke,
    RequestUnpush,
    UpdateEdit,
    CompleteTesting,
    CompleteStable,
    UpdateEject,
    KarmaThreshold,
    RequirementsMet,
    ReadyForTesting,
    ErrataPublish,
)

"""Presets: ready-made filters that a newcomer can choose from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fmn.filters.expressions import ME, All, AnyOf, Expression, Not, Rule
from fmn.filters.generic_rules import TOPIC_RULE
from fmn.filters.rule_definition import RuleError
from fmn.filters.rule_types import RuleTypes
from fmn.filters.spec import FilterSpec
from fmn.translations import mark

#: What people do with updates. Bodhi comments on every step of an update as if it were one of them.
_WITH_UPDATES: Final = (
    "bodhi_update_comment", "bodhi_update_edit", "bodhi_update_request_testing",
    "bodhi_update_request_stable", "bodhi_update_request_revoke", "bodhi_update_request_unpush")

#: Applications with pull requests and issues.
FORGES: Final = "forgejo, github, gitlab, pagure"

MY_PACKAGES: Final = Rule.of("maintains", {"fasnick": ME})
ME_NAMED: Final = Rule.of("user_filter", {"fasnick": ME})
BY_ME: Final = Rule.of("actor", {"fasnick": ME})


class Role(StrEnum):
    """What somebody is who may want a preset."""

    MAINTAINER = "maintainer"
    #: Everybody who has an account.
    MEMBER = "member"
    TESTER = "tester"
    TRANSLATOR = "translator"
    OPERATOR = "operator"
    FOLLOWER = "follower"


@dataclass(frozen=True)
class Preset:
    """A ready-made filter, with a ``key`` for forms and links, and its ``meaning`` in a sentence or two.

    Both are shown through :func:`~fmn.translations.gettext`; the filter itself keeps the English name.

    A message has to match all of ``wanted`` and none of ``unwanted``.
    """

    key: str
    name: str
    meaning: str
    wanted: tuple[Rule, ...]
    unwanted: tuple[Expression, ...] = ()
    role: Role = Role.MAINTAINER

    @property
    def personal(self) -> bool:
        """Whether it's about its owner or what they own: others get nothing by the same filter."""
        return any(ME in dict(rule.arguments).values() for rule in self.wanted)

    @property
    def expression(self) -> Expression:
        """The filter's expression."""
        return All((*self.wanted, *map(Not, self.unwanted)))

    @property
    def spec(self) -> FilterSpec:
        """The filter."""
        return FilterSpec(name=self.name, expression=self.expression)


PRESETS: Final = (
    Preset(
        "trouble", mark("Something is wrong with my packages"), mark(
            "Warnings and errors about packages you maintain: failed builds and tests, rejected updates, "
            "missing dependencies."),
        (MY_PACKAGES, Rule.of("severity", {"severity": "warning"})),
    ),
    Preset(
        "changes", mark("Other people's changes to my packages"), mark(
            "Commits that somebody else pushes to packages you maintain."),
        (MY_PACKAGES, Rule("git_receive")), (BY_ME,),
    ),
    Preset(
        "updates", mark("Updates of my packages, and comments on them"), mark(
            "Updates with packages you maintain: somebody else submits, edits or comments on one, or an "
            "update moves to testing or stable or is removed from a push."),
        (MY_PACKAGES, Rule("bodhi_catchall"), Rule.of("severity", {"severity": "info"})),
        (
            All((Rule.of("actor", {"fasnick": f"{ME},bodhi"}), AnyOf(tuple(map(Rule, _WITH_UPDATES))))),
            Rule("bodhi_errata_publish"), Rule("bodhi_buildroot_override_tag"),
            Rule("bodhi_buildroot_override_untag"),
        ),
    ),
    Preset(
        "builds", mark("Builds of my packages"), mark(
            "Builds of packages you maintain that complete, fail or are cancelled, whoever started them."),
        (MY_PACKAGES, Rule("koji_build_state_change")), (Rule("koji_build_started"),),
    ),
    Preset(
        "bugs", mark("Bugs in my packages"), mark(
            "Bugs in packages you maintain that somebody else files, changes or comments on. Bugzilla also "
            "sends mails about some of them."),
        (MY_PACKAGES, Rule("bugzilla_catchall")), (BY_ME,),
    ),
    Preset(
        "upstream", mark("New upstream releases of my packages"), mark(
            "New upstream versions of packages you maintain."),
        (MY_PACKAGES, Rule("anitya_new_update")),
    ),
    Preset(
        "name", mark("My name comes up"), mark(
            "Somebody else mentions you, assigns something to you, gives you a badge or does something else "
            "that involves your account."),
        (ME_NAMED, Rule.of("severity", {"severity": "info"})), (BY_ME,), Role.MEMBER,
    ),
    Preset(
        "forge", mark("What others do with my pull requests and issues"), mark(
            "Somebody else comments on, reviews, merges or closes a pull request or an issue that you "
            "opened, are assigned to or took part in, or mentions you there. Also workflows of yours that "
            "fail."),
        (ME_NAMED, Rule.of("application", {"application": FORGES}),
         Rule.of("severity", {"severity": "info"})),
        (All((BY_ME, Not(Rule.of("severity", {"severity": "error"})))),), Role.MEMBER,
    ),
    Preset(
        "copr", mark("My builds in Copr"), mark(
            "Copr builds you started that succeed, fail or are skipped."),
        (BY_ME, Rule("copr_build_end")), role=Role.MEMBER,
    ),
    Preset(
        "testing", mark("Updates ready to test"), mark(
            "Updates that have just reached testing and wait for feedback."),
        (Rule("bodhi_update_complete_testing"),), role=Role.TESTER,
    ),
    Preset(
        "quality", mark("Tests that fail"), mark(
            "Automated tests of openQA that fail."),
        (Rule("openqa_job_failed"),), role=Role.TESTER,
    ),
    Preset(
        "translations", mark("Translations in Weblate"), mark(
            "What Weblate tells of: new strings, translations, comments."),
        (Rule.of(TOPIC_RULE, {"pattern": "*.weblate.*"}),), role=Role.TRANSLATOR,
    ),
    Preset(
        "outages", mark("Trouble with servers and services"), mark(
            "Hosts and services that monitoring finds in trouble."),
        (Rule.of("application", {"application": "nagios"}), Rule.of("severity", {"severity": "error"})),
        role=Role.OPERATOR,
    ),
    Preset(
        "composes", mark("Composes that fail"), mark(
            "Composes that fail, never start or are cancelled."),
        (Rule.of("application", {"application": "pungi"}), Rule.of("severity", {"severity": "error"})),
        role=Role.OPERATOR,
    ),
    Preset(
        "news", mark("New posts on Planet"), mark(
            "Posts in the blogs of people who contribute."),
        (Rule("planet_post_new"),), role=Role.FOLLOWER,
    ),
    Preset(
        "meetings", mark("Meetings that begin"), mark(
            "Meetings in chat as they start."),
        (Rule("meetbot_meeting_start"),), role=Role.FOLLOWER,
    ),
)


def presets(rule_types: RuleTypes) -> Iterator[Preset]:
    """The presets whose rules exist. A preset of an application that the catalogue lacks is left out."""
    return (preset for preset in PRESETS if _can_be_asked(preset, rule_types))


def _can_be_asked(preset: Preset, rule_types: RuleTypes) -> bool:
    try:
        rule_types.check(preset.expression)
    except RuleError:
        return False
    return True

"""The filters that a new user starts with: my packages and my name, each without the noise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fmn.filters.expressions import ME, All, Expression, Not, Rule
from fmn.filters.rule_types import RuleTypes

#: What builds and bots announce of any package all day, and nobody can act on.
NOISE: Final = (
    "copr_build_start",
    "copr_chroot_start",
    "copr_worker_create",
    "koji_scratch_build_started",
    "koji_build_started",
    "koji_rpm_sign",
    "koji_tag",
    "koji_untag",
    "koji_repo_done",
    "koji_repo_init",
    "koji_package_list_change",
    "summershum_catchall",
    "anitya_catchall",
)

#: What is noise on a package, besides.
PACKAGE_NOISE: Final = (
    "taskotron_result_new",
    "git_pkgdb2branch_start",
    "git_pkgdb2branch_complete",
    "fedoratagger_catchall",
    "faf_report_threshold1",
    "faf_problem_threshold1",
    "bodhi_masher_start",
    "mdapi_repo_update",
    "ci_step_complete",
)

#: Applications in which one's name comes up because one is at work there, or that write by themselves.
NAME_NOISE: Final = (
    "askbot_catchall",
    "bodhi_catchall",
    "bugzilla_catchall",
    "trac_catchall",
    "git_catchall",
    "github_catchall",
    "fmn_catchall",
    "meetbot_catchall",
    "fedocal_catchall",
    "pkgdb_catchall",
    "fedoratagger_catchall",
    "wiki_catchall",
    "fedbadges_person_first_login",
    "fedbadges_person_rank_advance",
    "mailman_receive",
)

#: Secondary architectures rebuild everything once more.
OTHER_ARCHITECTURES: Final = Rule.of("koji_instance", {"instance": "ppc,s390,arm"})


def default_filters(rule_types: RuleTypes) -> Mapping[str, Expression]:
    """The default filters by name, in order. Rules of applications not in the catalogue are left out."""
    def without(*rules: Rule) -> tuple[Not, ...]:
        return tuple(Not(rule) for rule in rules if rule.name in rule_types.by_name)

    noise = [OTHER_ARCHITECTURES, *map(Rule, NOISE)]
    mine = Rule.of("user_package_filter", {"fasnick": ME})
    me = Rule.of("user_filter", {"fasnick": ME})
    return {
        "Events on packages that I own": All((mine, Not(me), *without(*noise, *map(Rule, PACKAGE_NOISE)))),
        "Events referring to my username": All((me, *without(*noise, *map(Rule, NAME_NOISE)))),
    }

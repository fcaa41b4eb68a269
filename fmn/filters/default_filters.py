"""Default filters of a new user: "my packages" and "my name", each without the noise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from fmn.filters.expressions import ME, All, Expression, Not, Rule
from fmn.filters.rule_types import RuleTypes

#: What builds and bots announce of any package all day, and nobody can act on. The first one: secondary
#: architectures rebuild everything once more.
NOISE: Final = (
    Rule.of("koji_instance", {"instance": "ppc,s390,arm"}),
    Rule("copr_build_start"),
    Rule("copr_chroot_start"),
    Rule("copr_worker_create"),
    Rule("koji_scratch_build_started"),
    Rule("koji_build_started"),
    Rule("koji_rpm_sign"),
    Rule("koji_tag"),
    Rule("koji_untag"),
    Rule("koji_repo_done"),
    Rule("koji_repo_init"),
    Rule("koji_package_list_change"),
    Rule("summershum_catchall"),
    Rule("anitya_catchall"),
)

#: What is noise on a package, besides.
PACKAGE_NOISE: Final = (
    Rule("taskotron_result_new"),
    Rule("git_pkgdb2branch_start"),
    Rule("git_pkgdb2branch_complete"),
    Rule("fedoratagger_catchall"),
    Rule("faf_report_threshold1"),
    Rule("faf_problem_threshold1"),
    Rule("bodhi_masher_start"),
    Rule("mdapi_repo_update"),
    Rule("ci_step_complete"),
)

#: Applications in which one's name comes up because one is at work there, or that write by themselves.
NAME_NOISE: Final = (
    Rule("askbot_catchall"),
    Rule("bodhi_catchall"),
    Rule("bugzilla_catchall"),
    Rule("trac_catchall"),
    Rule("git_catchall"),
    Rule("github_catchall"),
    Rule("fmn_catchall"),
    Rule("meetbot_catchall"),
    Rule("fedocal_catchall"),
    Rule("pkgdb_catchall"),
    Rule("fedoratagger_catchall"),
    Rule("wiki_catchall"),
    Rule("fedbadges_person_first_login"),
    Rule("fedbadges_person_rank_advance"),
    Rule("mailman_receive"),
)

#: What must hold and what mustn't, by the filter's name and in order. Names and rules are FMN 2's.
DEFAULTS: Final[Mapping[str, tuple[tuple[Rule, ...], tuple[Rule, ...]]]] = {
    "Events on packages that I own": (
        (Rule.of("user_package_filter", {"fasnick": ME}),),
        (Rule.of("user_filter", {"fasnick": ME}), *NOISE, *PACKAGE_NOISE),
    ),
    "Events referring to my username": (
        (Rule.of("user_filter", {"fasnick": ME}),),
        (*NOISE, *NAME_NOISE),
    ),
    "Critical taskotron tasks on my packages": (
        (
            Rule.of("user_package_filter", {"fasnick": ME}),
            Rule("taskotron_release_critical_task"),
            Rule.of("taskotron_task_particular_or_changed_outcome", {"outcome": "FAILED"}),
        ),
        (),
    ),
}


def default_filters(rule_types: RuleTypes) -> Mapping[str, Expression]:
    """The default filters by name, in order.

    Rules of applications that the catalogue lacks are left out, and so are filters that need such a rule.
    """
    return {
        name: All((*wanted, *map(Not, _known(unwanted, rule_types))))
        for name, (wanted, unwanted) in DEFAULTS.items()
        if len(list(_known(wanted, rule_types))) == len(wanted)
    }


def _known(rules: Iterable[Rule], rule_types: RuleTypes) -> Iterator[Rule]:
    return (rule for rule in rules if rule.name in rule_types.by_name)

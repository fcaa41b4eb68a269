from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from fmn.catalog import Facts, catalog
from fmn.directory.snapshot import Directory
from fmn.filters.presets import PRESETS, Role, presets
from fmn.filters.rule_types import GENERIC_RULES, RuleTypes, rule_types
from fmn.matching.compiler import compile_expression, index_keys_of
from fmn.matching.linter import lint
from fmn.matching.verdicts import ExpressionEvaluator
from tests.messages import facts, message

#: Alice maintains what the catalogue's examples are about, Mary does everything in them.
DIRECTORY = Directory(committers={"rpms": {"moss": ("alice", "mary")}})


def chosen(about: Facts, nick: str) -> set[str]:
    """The presets that let a message through to somebody."""
    judge = ExpressionEvaluator(about, DIRECTORY, rule_types(), nick)
    return {preset.key for preset in presets(rule_types()) if judge.holds(preset.expression)}


def example(event: str, **changes: Any) -> Facts:
    """The facts of an event type's example, with some of its fields changed."""
    sent = catalog().events_by_name[event].example_message()
    body: Mapping[str, Any] = {**sent.body, **changes}
    return facts(sent.title, body)


def test_nothing_is_wrong_with_any_of_them() -> None:
    for preset in presets(rule_types()):
        assert lint(preset.expression, rule_types(), catalog()) == [], preset.name


def test_personal_ones_cost_nobody_else_anything() -> None:
    personal = [preset for preset in presets(rule_types()) if preset.personal]
    assert {preset.role for preset in personal} == {Role.MAINTAINER, Role.MEMBER}
    for preset in personal:
        place = index_keys_of(compile_expression(preset.expression, rule_types()))
        assert place.ties
        assert not place.keys


def test_others_are_found_by_what_they_ask_for() -> None:
    for preset in presets(rule_types()):
        if not preset.personal:
            assert index_keys_of(compile_expression(preset.expression, rule_types())).keys, preset.name


def test_there_is_something_for_everybody() -> None:
    assert {preset.role for preset in presets(rule_types())} == set(Role)


def test_each_says_what_it_means_and_has_a_name_of_its_own() -> None:
    assert len({preset.key for preset in PRESETS}) == len({preset.name for preset in PRESETS}) == len(PRESETS)
    assert all(preset.meaning.endswith(".") for preset in PRESETS)


def test_what_the_catalogue_lacks_is_left_out() -> None:
    assert [preset.key for preset in presets(RuleTypes(GENERIC_RULES))] == [
        "trouble", "name", "translations"]


@pytest.mark.parametrize(("event", "who", "expected"), [
    ("koji_build_started", "alice", set()),
    ("koji_build_completed", "alice", {"builds"}),
    ("koji_build_completed", "mary", {"builds"}),
    ("koji_build_failed", "mary", {"builds", "trouble"}),
    ("koji_tag", "alice", set()),
    ("git_receive", "alice", {"changes"}),
    ("git_receive", "mary", set()),
    ("bodhi_update_comment", "alice", {"updates"}),
    ("bodhi_update_comment", "sam", {"name"}),
    ("bodhi_update_request_testing", "alice", {"updates"}),
    ("bodhi_update_request_testing", "mary", set()),
    ("bodhi_update_complete_stable", "mary", {"updates"}),
    ("bodhi_update_eject", "mary", {"updates", "trouble"}),
    ("bodhi_errata_publish", "alice", set()),
    ("bugzilla_bug_new", "alice", {"bugs"}),
    ("anitya_new_update", "alice", {"upstream"}),
    ("copr_build_failed", "mary", {"copr"}),
    ("copr_build_start", "mary", set()),
    ("fas_group_member_sponsor", "sam", {"name"}),
    ("fas_group_member_sponsor", "mary", set()),
    ("koji_build_completed", "mallory", set()),
    ("bodhi_update_complete_testing", "mallory", {"testing"}),
    ("openqa_job_failed", "mallory", {"quality"}),
    ("nagios_host_problem", "mallory", {"outages"}),
    ("pungi_compose_failed", "mallory", {"composes"}),
    ("planet_post_new", "mallory", {"news"}),
    ("meetbot_meeting_start", "mallory", {"meetings"}),
])
def test_who_hears_of_what(event: str, who: str, expected: set[str]) -> None:
    assert chosen(example(event), who) == expected


def test_translators_hear_of_weblate() -> None:
    assert chosen(facts("weblate.translation_updated", {}), "mallory") == {"translations"}


class TestWhatOthersDoOnMyPullRequestOrIssue:
    """Alice opened it, Mary comments on it, and Bob has commented on it before."""

    PAGURE = facts("pagure.pull-request.comment.added", {"agent": "mary", "pullrequest": {
        "id": 7, "title": "Water", "user": {"name": "alice"}, "project": {"name": "moss"}, "comments": [
            {"id": 1, "comment": "Hm.", "user": {"name": "bob"}},
            {"id": 2, "comment": "Nice, @carol?", "user": {"name": "mary"}}]}})
    GITHUB = catalog().facts(replace(message("github.issue_comment", {"agent": "mary", "body": {
        "action": "created", "sender": {"login": "mary"},
        "comment": {"body": "Nice", "user": {"login": "mary"}},
        "repository": {"full_name": "mossers/moss"}, "issue": {
            "number": 7, "title": "Water", "user": {"login": "alice"}, "assignees": [{"login": "bob"}]}}}),
        source="hook:moss"))

    FORGEJO = facts("forgejo.issue_comment", {"body": {
        "action": "created", "sender": {"login": "mary"},
        "comment": {"body": "Nice", "user": {"login": "mary"}},
        "repository": {"full_name": "mossers/moss", "html_url": "https://forge.fedoraproject.org/mossers/moss"},
        "issue": {"number": 7, "user": {"login": "alice"}, "assignees": [{"login": "bob"}]}}})
    GITLAB = catalog().facts(replace(message("gitlab.note", {"agent": "mary", "body": {
        "user": {"id": 1, "username": "mary"},
        "object_attributes": {"note": "Nice, @alice.", "action": "create"},
        "project": {"path_with_namespace": "mossers/moss"}, "issue": {
            "iid": 7, "title": "Water", "assignee": {"username": "bob"}}}}),
        source="hook:moss"))

    @pytest.mark.parametrize(
        "about", [PAGURE, GITHUB, FORGEJO, GITLAB], ids=["pagure", "github", "forgejo", "gitlab"])
    def test_is_told_to_who_opened_it_and_who_took_part_but_not_to_who_did_it(self, about: Facts) -> None:
        assert {nick for nick in ("alice", "mary", "bob", "mallory") if "forge" in chosen(about, nick)} == {
            "alice", "bob"}

    def test_is_told_to_who_is_mentioned(self) -> None:
        assert "forge" in chosen(self.PAGURE, "carol")

    def test_includes_my_own_workflows_if_they_fail(self) -> None:
        assert "forge" in chosen(example("github_workflow_failed"), "mary")
        assert "forge" in chosen(example("forgejo_action_run_failure"), "mary")
        assert "forge" in chosen(example("gitlab_pipeline_failed"), "mary")
        assert "forge" not in chosen(example("github_workflow_run"), "mary")
        assert "forge" not in chosen(example("github_push"), "mary")

    def test_leaves_out_what_happens_elsewhere(self) -> None:
        assert "forge" not in chosen(example("bodhi_update_comment"), "sam")


def test_what_bodhi_comments_by_itself_is_no_comment() -> None:
    comment = catalog().events_by_name["bodhi_update_comment"].example["comment"]
    by_itself = example("bodhi_update_comment", agent="bodhi", comment={
        **comment, "author": "bodhi", "user": {"name": "bodhi"}, "text": "This update was pushed."})

    assert chosen(by_itself, "alice") == set()

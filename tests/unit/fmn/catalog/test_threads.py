from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.catalog import EventType, Message, catalog
from fmn.catalog.threads import MAX_THREAD_LENGTH, thread_of
from tests.corpus import needs_corpus, recorded
from tests.every_event import every_event
from tests.factories.messages import NOON

EVENTS = catalog().events_by_name
#: Names of event types by the pages that their examples share; a star stands for the rest of a name.
THREADS = {
    "https://bodhi.fedoraproject.org/updates/FEDORA-2026-3f0c2a51d7": "bodhi_update_* bodhi_errata_publish",
    "https://bodhi.fedoraproject.org/overrides/moss-2.4-1.fc44": "bodhi_buildroot_override_*",
    "https://bugzilla.redhat.com/show_bug.cgi?id=2345678": "bugzilla_bug_* hotness_bug_*",
    "https://koji.fedoraproject.org/koji/buildinfo?buildID=2101":
        "koji_build_* buildsys_build_state_change koji_tag koji_untag koji_rpm_sign",
    "https://koji.fedoraproject.org/koji/taskinfo?taskID=9301":
        "koji_scratch_build_* buildsys_task_state_change",
    "https://pagure.io/moss/issue/4": "pagure_issue_*",
    "https://pagure.io/moss/pull-request/12": "pagure_pull_request_*",
    "https://github.com/mossers/moss/issues/4": "github_issue_*",
    "https://github.com/mossers/moss/pull/12": "github_pull_request_*",
    "https://fedorahosted.org/moss/ticket/4": "trac_ticket_*",
    "https://ask.fedoraproject.org/question/3": "askbot_*",
    "https://copr.fedoraproject.org/coprs/g/forest/garden/build/4711": "copr_build_* copr_chroot_start",
    "http://jenkins.cloud.fedoraproject.org/job/moss/165": "jenkins_build_*",
    "https://apps.fedoraproject.org/calendar/meeting/42": "fedocal_meeting_*",
    "https://openqa.fedoraproject.org/tests/10826": "openqa_job_*",
    "https://mbs.fedoraproject.org/module-build-service/1/module-builds/2117": "mbs_build_*",
}
#: Events of which each is on its own, or about more than one thing.
ALONE = (
    "git_receive", "git_receive_legacy", "git_branch", "git_lookaside_new", "infragit_receive", "github_push",
    "github_create", "github_fork", "trac_git_receive", "pagure_git_receive_commit", "planet_post_new",
    "wiki_upload_complete", "taskotron_result_new", "waiverdb_waiver_new", "meetbot_meeting_complete",
    "anitya_distro_add", "bodhi_compose_complete", "copr_worker_create", "fmn_filter_update",
    "fas_user_update", "kerneltest_release_new", "github_deployment_status",
)
#: These are of other updates: what stable releases and mirrors get of many.
OTHER_UPDATES = {"bodhi_update_fedora_sync", "bodhi_update_epel_sync"}


def thread_of_example(event: EventType) -> str:
    return thread_of(catalog().facts(event.example_message()))


def named(pattern: str) -> set[str]:
    beginning, star, _ = pattern.partition("*")
    return {name for name in EVENTS if name == pattern or (star and name.startswith(beginning))}


@pytest.mark.parametrize(("page", "patterns"), THREADS.items())
def test_all_that_happens_to_a_thing_is_one_thread(page: str, patterns: str) -> None:
    meant = set().union(*map(named, patterns.split())) - OTHER_UPDATES
    assert {thread_of_example(EVENTS[name]) for name in meant} == {page}
    assert {event.name for event in catalog().event_types() if thread_of_example(event) == page} == meant


@every_event
def test_what_people_are_told_knows_its_thread(event: EventType) -> None:
    assert catalog().describe(event.example_message()).thread == thread_of_example(event)


@pytest.mark.parametrize("name", ALONE)
def test_what_is_on_its_own_is_of_no_thread(name: str) -> None:
    assert thread_of_example(EVENTS[name]) == ""


def mail(**headers: str) -> str:
    message = EVENTS["mailman_receive"].example_message()
    body: Mapping[str, Any] = {**message.body, "msg": {**message.body["msg"], **headers}}
    return thread_of(catalog().facts(Message(message.msg_id, message.topic, message.sent_at, body)))


def test_mails_of_a_conversation_are_one_thread() -> None:
    first = mail(**{"message-id": "<1@example.org>"})
    answer = mail(**{"message-id": "<2@example.org>", "in-reply-to": "<1@example.org>"})
    third = mail(**{"message-id": "<3@example.org>", "in-reply-to": "<2@example.org>",
                    "references": "<1@example.org>\n\t<2@example.org>"})
    assert first == answer == third != mail(**{"message-id": "<4@example.org>"})
    assert first.startswith("https://lists.fedoraproject.org/archives/list/moss@lists.fedoraproject.org/thread/")


def test_edits_of_a_page_of_the_wiki_are_one_thread() -> None:
    message = EVENTS["wiki_article_edit"].example_message()
    other = {**message.body, "url": "https://fedoraproject.org/w/index.php?title=Moss_SIG&diff=prev&oldid=4712"}
    assert thread_of(catalog().facts(Message("2", message.topic, NOON, other))) == (
        "https://fedoraproject.org/wiki/Moss_SIG")


def test_a_message_that_says_too_little_is_of_no_thread() -> None:
    examples = {name: event.example_message() for name, event in EVENTS.items()}
    bare = {name: Message("1", example.topic, NOON, {}) for name, example in examples.items()}
    assert {name: thread for name, one in bare.items() if (thread := thread_of(catalog().facts(one)))} == {}


@needs_corpus
def test_recorded_threads_have_one_thing_in_common() -> None:
    # Given what real services sent
    threads = defaultdict(set)
    for one in recorded():
        facts = catalog().facts(one.message)
        threads[thread_of(facts)].add(facts.event.application.category)
    # Then no thread spans applications, but for the bug or project that the new hotness writes about
    assert [found for thread, found in threads.items() if thread and len(found - {"hotness"}) > 1
            and found != {"ci", "allpackages"}] == []
    assert "https://pagure.io/foo/issue/4" in threads


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(["msg", "title", "url", "update", "id", "references", "commit", "info"]), inner)))
def test_never_fails_and_fits_in_a_mute(body: Any) -> None:
    for topic in ("mailman.receive", "wiki.article.edit", "buildsys.tag", "bodhi.update.comment", "no.such"):
        facts = catalog().facts(Message("1", f"org.fedoraproject.prod.{topic}", NOON, body))
        assert len(thread_of(facts)) <= MAX_THREAD_LENGTH

"""Bodies that lack parts, or have others than they should: event types read less of them, and never raise."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fmn.catalog import Application, EventType, Message, MessageReader, Package, catalog
from fmn.catalog.events import Outcome
from fmn.catalog.group_summaries import group_summary
from fmn.text import one_line
from tests.cases import case
from tests.corpus import needs_corpus, recorded
from tests.every_event import every_application, every_event
from tests.hypothesis_profiles import scaled

KNOWN = [entry.message for entry in recorded() if entry.message.category in catalog().applications]

#: What takes the place of parts. Texts end in no full stop, so that no summary should.
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.floats() | st.sampled_from([
        "", " ", "a", "Ärger", "a\nb", "\x00\x07", "\ud800", "1-2-3", "-", "refs/heads/", "http://[", "../x",
        "mary@", "fedoraproject.org", "@fedoraproject.org", "9" * 5000, "m", "%s", "a b", "\u202ea", "@",
    ]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(
        st.sampled_from(["name", "id", "nvr", "user", "title", "parent", "comments"]), inner, max_size=3),
    max_leaves=4,
)


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every container in a JSON value with each of its keys or positions."""
    keys = node.keys() if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for key in list(keys):
        yield node, key
        yield from places(node[key])


def damaged(draw: Callable[[st.SearchStrategy[Any]], Any], body: Any) -> Any:
    """The body with a few parts missing or replaced."""
    found = copy.deepcopy(body)
    for _ in range(draw(st.integers(1, 4))):
        if not (at := list(places(found))):
            return draw(JUNK)
        container, key = at[draw(st.integers(0, len(at) - 1))]
        if isinstance(container, dict) and draw(st.booleans()):
            del container[key]
        else:
            container[key] = draw(JUNK)
    return found


def read_everything(event: EventType, message: Message) -> str:
    """Call all of an event type's methods, check what they answer, and return the summary."""
    m = MessageReader(message, lambda name: f"account-of-{name}")
    assert event.outcome(m) in {None, *Outcome}
    assert all(isinstance(part, str) for part in event.subject(m))
    agent = event.agent(m)
    assert agent is None or (isinstance(agent, str) and agent)
    assert all(isinstance(user, str | None) for user in event.usernames(m))
    assert all(isinstance(package, Package) and package == (str(package.namespace), str(package.name))
               for package in event.packages(m))
    assert all(isinstance(group, str) for group in event.groups(m))
    assert isinstance(event.matches(m), bool)
    for text in (event.link(m), event.icon(m), event.secondary_icon(m), event.long(m)):
        assert isinstance(text, str)
    assert_plain_sentence(group_summary([event.group_summary_part(m)] * 2, event.summary(m)))
    return event.summary(m)


def assert_plain_sentence(summary: str) -> None:
    sentence = one_line(summary)
    assert len(sentence.split()) > 1
    assert not sentence.endswith(".")
    for raw in ("None", "{", "}", "[]", "True", "False"):
        assert raw not in sentence


# An example damages one body of each event type: hypothesis takes longer to begin an example than for this.
@every_application
@settings(max_examples=scaled(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_damaged_example_is_still_told_of_in_a_sentence(
    application: Application, data: st.DataObject,
) -> None:
    for event in application.event_types:
        with case(event.name):
            whole = event.example_message()
            message = Message(whole.msg_id, whole.topic, whole.sent_at, damaged(data.draw, whole.body))
            assert_plain_sentence(read_everything(event, message))


@needs_corpus
@settings(max_examples=scaled(400), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_damaged_recorded_message_is_still_told_of_in_a_sentence(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from(KNOWN))
    message = Message(whole.msg_id, whole.topic, whole.sent_at, damaged(data.draw, whole.body))
    event = catalog().event_of(MessageReader(message))

    assert_plain_sentence(read_everything(event, message))


@every_event
def test_a_body_of_another_kind_is_still_told_of_in_a_sentence(event: EventType) -> None:
    whole = event.example_message()
    bodies: list[Any] = [None, [], {}, "text", 7, {"update": None, "commit": [], "issue": 3}]

    for body in bodies:
        with case(body):
            assert_plain_sentence(
                read_everything(event, Message(whole.msg_id, whole.topic, whole.sent_at, body)))

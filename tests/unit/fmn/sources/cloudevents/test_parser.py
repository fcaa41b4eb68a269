"""CloudEvents in requests: what is taken, what isn't, and what is said of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent as PeerEvent
from hypothesis import given
from hypothesis import strategies as st

from fmn.sources.cloudevents.errors import InvalidEventError, UnsupportedEventError
from fmn.sources.cloudevents.event import CloudEvent
from fmn.sources.cloudevents.parser import BATCH, JSON, MAX_BATCH, STRUCTURED, parse_events

EVENT: Mapping[str, Any] = {
    "specversion": "1.0", "id": "1", "source": "https://garden.example.org", "type": "garden.plant.watered",
    "data": {"plant": "moss"}}
NOT_PRINTABLE = "The attribute source must have at most 500 characters, all of them printable."
NO_TYPE = ("The attribute type must be parts of letters, digits, - and _ joined by dots, such as "
           "garden.plant.watered, with at most 200 characters.")
NO_TIME = "The attribute time must be a time with its zone, such as 2026-03-14T09:26:53Z."
NO_VALUE = "The attribute bed must be a text, true or false, or an integer of 32 bits."
HEADERS = {f"ce-{name}": value for name, value in EVENT.items() if name != "data"}


def structured(**changes: Any) -> CloudEvent:
    (event,) = parse_events(STRUCTURED, [], json.dumps({**EVENT, **changes}).encode())
    return event


def binary(
    body: bytes = b'{"plant": "moss"}', kind: str = JSON, headers: Mapping[str, str] = HEADERS,
) -> CloudEvent:
    (event,) = parse_events(kind, {**HEADERS, **headers}.items(), body)
    return event


def problem(content_type: str, body: bytes, headers: Mapping[str, str] | None = None) -> tuple[str, str]:
    with pytest.raises(InvalidEventError) as caught:
        parse_events(content_type, (headers or {}).items(), body)
    return caught.value.problems[0].place, caught.value.problems[0].reason


class TestStructured:
    def test_an_event(self) -> None:
        event = structured(time="2026-03-14T11:26:53.5+02:00", subject="bed 1", severity=3, urgent=True)

        assert (event.id, event.source, event.type) == (
            "1", "https://garden.example.org", "garden.plant.watered")
        assert event.time == datetime(2026, 3, 14, 9, 26, 53, 500_000, UTC)
        assert event.data == {"plant": "moss"}
        assert {name: event.attributes[name] for name in ("subject", "severity", "urgent")} == {
            "subject": "bed 1", "severity": 3, "urgent": True}

    def test_an_event_may_have_no_data_and_null_attributes(self) -> None:
        event = structured(data=None, subject=None)
        assert (event.data, "subject" in event.attributes) == ({}, False)

    def test_what_a_database_cannot_store_is_replaced(self) -> None:
        assert structured(data={"a\0": ["\ud800", float("nan")]}).data == {"a\ufffd": ["\ufffd", None]}

    @pytest.mark.parametrize(("changes", "place", "told"), [
        ({"id": None}, "/id", "The attribute id is missing."),
        ({"id": ""}, "/id", "The attribute id must be a text that isn't empty."),
        ({"id": 7}, "/id", "The attribute id must be a text that isn't empty."),
        ({"source": "x" * 501}, "/source", NOT_PRINTABLE),
        ({"source": "a\nb"}, "/source", NOT_PRINTABLE),
        ({"specversion": "0.3"}, "/specversion", "The attribute specversion must be 1.0."),
        ({"type": "garden..x"}, "/type", NO_TYPE),
        ({"type": "x" * 201}, "/type", NO_TYPE),
        ({"time": "yesterday"}, "/time", NO_TIME),
        ({"time": "2026-03-14T09:26:53"}, "/time", NO_TIME),
        ({"time": "2026-02-30T09:26:53Z"}, "/time", NO_TIME),
        ({"time": "0001-01-01T00:00:00+23:59"}, "/time", NO_TIME),
        ({"time": "1970-01-01T00:00:00Z"}, "/time",
         "The attribute time is before the year 2000: set the clock."),
        ({"data": [1]}, "/data", "The data must be a JSON object."),
        ({"data": "text"}, "/data", "The data must be a JSON object."),
        ({"datacontenttype": "text/xml"}, "/datacontenttype",
         "The data must be JSON: leave datacontenttype out, or set it to application/json."),
        ({"data_base64": "e30="}, "/data_base64", "An event has either data or data_base64."),
        ({"Bed": 1}, "/Bed", "The attribute 'Bed' must have a name of up to 50 small letters and digits."),
        ({"bed": {}}, "/bed", NO_VALUE),
        ({"bed": 2**31}, "/bed", NO_VALUE),
        ({f"x{n}": n for n in range(60)}, "", "An event can have at most 40 attributes."),
    ])
    def test_what_is_wrong(self, changes: Mapping[str, Any], place: str, told: str) -> None:
        assert problem(STRUCTURED, json.dumps({**EVENT, **changes}).encode()) == (place, told)

    @pytest.mark.parametrize(("body", "told"), [
        (b"", "The body isn't JSON: Expecting value: line 1 column 1 (char 0)."),
        (b"\xff", "The body isn't UTF-8: invalid start byte."),
        (b"[]", "The body is []."),
        (b'{"a":' * 200 + b"1" + b"}" * 200, "The body has more than 100 levels."),
        (b'{"a":' * 100_000, "The body has more than 100 levels."),
        (b'{"a": ' + b"9" * 5_000 + b"}", "The body isn't JSON: "),
    ])
    def test_hostile_bodies_end_in_a_sentence(self, body: bytes, told: str) -> None:
        assert problem(STRUCTURED, body)[1].startswith(told)

    def test_data_in_base64_may_be_json(self) -> None:
        assert structured(data=None, data_base64="eyJhIjogMX0=").data == {"a": 1}
        for text in ("", "!", "eyJh", 7):
            body = json.dumps({**EVENT, "data": None, "data_base64": text}).encode()
            assert problem(STRUCTURED, body)[0] == "/data_base64"


class TestBinary:
    def test_an_event(self) -> None:
        event = binary(headers={"ce-subject": "bed%201 %E2%9C%93", "ce-time": "2026-03-14T09:26:53Z"})

        assert (event.attributes["subject"], event.data) == ("bed 1 ✓", {"plant": "moss"})
        assert event == binary(kind="application/vnd.garden+json", headers={
            "ce-subject": "bed 1 ✓".encode().decode("latin-1"), "ce-time": "2026-03-14T09:26:53Z"})

    def test_without_data_it_needs_no_type(self) -> None:
        assert binary(b"", "").data == {}

    def test_what_is_wrong_is_told_by_header(self) -> None:
        assert problem(JSON, b"{}", {**HEADERS, "ce-id": ""}) == (
            "ce-id", "The attribute id must be a text that isn't empty.")
        assert problem(JSON, b"{}", {**HEADERS, "ce-subject": "%ff"}) == (
            "ce-subject", "The header ce-subject isn't UTF-8 with percent-encoding.")
        assert problem(JSON, b"[]", HEADERS) == ("/data", "The body is [].")


class TestBatch:
    def test_events_in_their_order(self) -> None:
        body = json.dumps([{**EVENT, "id": str(number)} for number in range(MAX_BATCH)]).encode()
        assert [event.id for event in parse_events(BATCH, [], body)] == list(map(str, range(MAX_BATCH)))

    def test_every_wrong_event_is_told_of(self) -> None:
        with pytest.raises(InvalidEventError) as caught:
            parse_events(BATCH, [], json.dumps([EVENT, {**EVENT, "id": 1}, 3]).encode())
        assert [each.place for each in caught.value.problems] == ["/1/id", "/2"]

    @pytest.mark.parametrize("values", [[], {}, 3, [EVENT] * (MAX_BATCH + 1)])
    def test_a_batch_is_a_list_of_some_events(self, values: Any) -> None:
        assert problem(BATCH, json.dumps(values).encode()) == (
            "", "A batch is a JSON array of 1 to 100 events.")


@pytest.mark.parametrize(("content_type", "headers"), [
    ("application/json", {}), ("", {}), ("text/plain", HEADERS), ("application/cloudevents+xml", HEADERS),
    ("application/cloudevents", HEADERS), ("application/x-www-form-urlencoded", HEADERS),
])
def test_other_types_are_not_taken(content_type: str, headers: Mapping[str, str]) -> None:
    with pytest.raises(UnsupportedEventError, match=r"^Send "):
        parse_events(content_type, headers.items(), b"{}")


texts = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=20)
peer_events = st.builds(
    lambda attributes, data: PeerEvent(attributes={**attributes, "datacontenttype": JSON}, data=data),
    st.fixed_dictionaries(
        {"id": texts, "source": texts, "type": st.just("garden.plant.watered"), "specversion": st.just("1.0"),
         "time": st.datetimes(datetime(2000, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))},  # noqa: DTZ001
        optional={"subject": texts, "bed": texts}),
    st.dictionaries(texts, st.integers() | texts, max_size=3))


@given(peer_events)
def test_events_of_the_cloudevents_library_mean_the_same_in_all_modes(peer: PeerEvent) -> None:
    one, other = to_structured_event(peer), to_binary_event(peer)
    (of_structured,) = parse_events(one.headers["content-type"], one.headers.items(), one.body)
    (of_binary,) = parse_events(other.headers["content-type"], other.headers.items(), other.body)
    (of_batch,) = parse_events(BATCH, [], b"[" + JSONFormat().write(peer) + b"]")

    assert of_structured == of_batch
    assert (of_structured.id, of_structured.time, of_structured.data) == (
        of_binary.id, of_binary.time, of_binary.data)
    assert (of_binary.id, of_binary.source) == (peer.get_id(), peer.get_source())
    assert of_binary.time == peer.get_time()
    assert of_binary.attributes.get("bed") == peer.get_attributes().get("bed")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from([*EVENT, "time", "data_base64", "x"]), inner, max_size=9), max_leaves=20)


@given(st.sampled_from([STRUCTURED, BATCH, JSON]), anything.map(json.dumps).map(str.encode) | st.binary(),
       st.dictionaries(st.sampled_from([*HEADERS, "ce-", "ce-time"]), st.text(max_size=9)))
def test_whatever_is_sent_is_taken_or_told_of(kind: str, body: bytes, headers: dict[str, str]) -> None:
    try:
        events = parse_events(kind, headers.items(), body)
    except (InvalidEventError, UnsupportedEventError):
        return
    assert all(event.id and event.source and event.type and isinstance(event.data, dict) for event in events)

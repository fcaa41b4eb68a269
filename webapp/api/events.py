"""Publishing events: CloudEvents 1.0 over HTTP, stored as messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, Self

from sqlalchemy import select

from fmn.catalog import Message
from fmn.infra import metrics
from fmn.ledger.messages import store
from fmn.ledger.models import StoredMessage
from fmn.sources.cloudevents.errors import EventProblem, InvalidEventError, UnsupportedEventError
from fmn.sources.cloudevents.event import MAX_TYPE_LENGTH, MAX_VALUE_LENGTH, REQUIRED, CloudEvent
from fmn.sources.cloudevents.event_messages import EventMapper
from fmn.sources.cloudevents.parser import BATCH, HEADER_PREFIX, JSON, MAX_BATCH, STRUCTURED, parse_events
from webapp.api.models import ResponseModel
from webapp.api.operations import Operation, operation
from webapp.api.problems import ApiError, Error
from webapp.api.request_parsing import RequestBody, read_bytes
from webapp.identity import Permission
from webapp.request import Request

_TEXT: Final[Mapping[str, Any]] = {"type": "string", "minLength": 1, "maxLength": MAX_VALUE_LENGTH}
_EVENT: Final[Mapping[str, Any]] = {
    "type": "object", "required": list(REQUIRED), "properties": {
        "specversion": {"const": "1.0"},
        "id": {**_TEXT, "description": "Unique for its source."},
        "source": {**_TEXT, "description": "What it comes from, such as https://garden.example.org/beds."},
        "type": {
            "type": "string", "maxLength": MAX_TYPE_LENGTH, "pattern": r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$",
            "description": "Its type, such as garden.plant.watered, which becomes the end of the topic."},
        "time": {"type": "string", "format": "date-time", "description": "When it happened; now without it."},
        "subject": _TEXT,
        "data": {"type": "object", "description": "What it says, the body of the message."},
    }, "example": {
        "specversion": "1.0", "id": "4711", "source": "https://garden.example.org",
        "type": "garden.plant.watered", "data": {"plant": {"name": "moss"}}},
}


class PostedEvents(RequestBody):
    """The events of a request in one of CloudEvents' three modes."""

    def __init__(self, events: Sequence[CloudEvent]) -> None:
        self.events = events

    @classmethod
    def read(cls, request: Request) -> Self:
        body = read_bytes(request)
        try:
            return cls(parse_events(request.content_type, request.headers.items(), body))
        except UnsupportedEventError as error:
            raise ApiError(415, str(error)) from None
        except InvalidEventError as error:
            raise refused(error) from None

    @classmethod
    def content(cls) -> dict[str, Any]:
        return {
            STRUCTURED: {"schema": _EVENT},
            BATCH: {"schema": {"type": "array", "minItems": 1, "maxItems": MAX_BATCH, "items": _EVENT}},
            JSON: {"schema": {
                "type": "object", "description": "The data alone; the attributes are in headers."}},
        }

    @classmethod
    def headers(cls) -> Sequence[str]:
        return [f"{HEADER_PREFIX}{name}" for name in (*REQUIRED, "time", "subject")]


class EventResult(ResponseModel):
    """What became of an event. ``new`` is false if it was published before; then nothing more happens."""

    source: str
    id: str
    msg_id: str
    new: bool


class PublishedEvents(ResponseModel):
    """What became of each event, in the order in which they were sent."""

    events: list[EventResult]


@operation("events", "POST", Permission.PUBLISH, status=202)
def publish_events(request: Request, body: PostedEvents) -> PublishedEvents:
    """Publish events.

    Takes one event or a batch as CloudEvents 1.0, in structured, binary or batch mode. Of a batch either all
    events are published or none. An event that was published before with this token is known by its
    ``source`` and ``id``, so a request can be repeated. Only administrators can create tokens with the scope
    ``publish``.
    """
    messages = _messages(request, body.events)
    new = _stored(request, messages)
    metrics.events_published.labels("new").inc(len(new))
    metrics.events_published.labels("known").inc(len(messages) - len(new))
    return PublishedEvents(events=[
        EventResult(source=event.source, id=event.id, msg_id=message.msg_id, new=message.msg_id in new)
        for event, message in zip(body.events, messages, strict=True)])


def _messages(request: Request, events: Sequence[CloudEvent]) -> list[Message]:
    token, settings = request.me.token, request.services.settings
    assert token is not None  # without one nobody has the permission
    mapper = EventMapper(settings.events, settings.bus.environment)
    found: list[Message] = []
    for number, event in enumerate(events):
        try:
            found.append(mapper.message(event, token.name, request.now))
        except InvalidEventError as error:
            place = f"/{number}" if len(events) > 1 else ""
            raise refused(InvalidEventError([each.within(place) for each in error.problems])) from None
    return found


def _stored(request: Request, messages: Sequence[Message]) -> frozenset[str]:
    """Store the messages with the request's transaction; returns the ids of those that are new.

    Matching begins once they are committed; the sweep brings back what nobody could be told of.
    """
    freshness = timedelta(minutes=request.services.settings.bus.freshness_minutes)
    ids = store(request.db, messages, request.now, freshness=freshness)
    if not ids:
        return frozenset()
    request.tm.get().addAfterCommitHook(_match, args=(request, ids))
    return frozenset(request.db.scalars(select(StoredMessage.msg_id).where(StoredMessage.id.in_(ids))))


def _match(committed: bool, request: Request, ids: list[int]) -> None:  # noqa: FBT001
    if committed:
        request.services.enqueue_match(ids)


def refused(error: InvalidEventError) -> ApiError:
    """The answer to events that can't be taken: the first problem in a sentence, all with their places."""
    metrics.events_published.labels("refused").inc()
    errors = [Error(place=each.place, detail=each.reason) for each in error.problems]
    return ApiError(400, _sentence(error.problems[0]), errors)


def _sentence(problem: EventProblem) -> str:
    """The problem with the number of its event in a batch, from 1."""
    number = problem.place[1:].partition("/")[0]
    return f"Event {int(number) + 1}: {problem.reason}" if number.isdecimal() else problem.reason


OPERATIONS: Final[tuple[Operation, ...]] = (publish_events,)

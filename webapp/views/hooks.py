"""The address that forges call. It reads a request's bytes and leaves the rest to the receiver."""

from __future__ import annotations

from pyramid.config import Configurator
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

from fmn.infra import metrics
from fmn.sources.webhooks.outcomes import Outcome
from fmn.sources.webhooks.payloads import HookRequest
from fmn.sources.webhooks.receiver import HookAnswer
from webapp.request import Request


def includeme(config: Configurator) -> None:
    """Add the view. It needs no CSRF token: a forge proves with its secret who it is, and has no session."""
    config.add_view(
        receive, route_name="hook", request_method="POST", require_csrf=False,
        permission=NO_PERMISSION_REQUIRED)


def receive(request: Request) -> Response:
    """Take a delivery. The answer is for the forge's own list of deliveries, so it's plain text."""
    most = request.services.settings.hooks.max_body_bytes
    if (request.content_length or 0) > most:
        metrics.hook_deliveries.labels(Outcome.TOO_LARGE.value).inc()
        return _response(HookAnswer(Outcome.TOO_LARGE))
    # The bytes themselves, whatever type they say they are: signatures are over these.
    body = request.environ["wsgi.input"].read(request.content_length or 0)
    headers = {name.lower(): value for name, value in request.headers.items()}
    received = HookRequest(headers, request.content_type, body)
    return _response(request.services.hook_receiver.receive(request.matchdict["name"], received))


def _response(answer: HookAnswer) -> Response:
    text = f"{answer.outcome.value}: {answer.outcome.sentence}\n"
    response = Response(text, status=answer.outcome.status, content_type="text/plain")
    if answer.retry_after:
        response.headers["Retry-After"] = str(answer.retry_after)
    return response

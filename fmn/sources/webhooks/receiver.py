"""Receiver of webhooks: verifies a request before it reads it, and stores its message once.

Replay: whoever captured a request can send it again. GitLab signs an id and a time if it has a signing token:
the id is remembered, and the time may be off by five minutes. All other signatures cover the body alone, so
the bytes of the body are remembered as well as the id beside it, for ``fmn.history.id_days``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError  # noqa: A004 - of the pool
from sqlalchemy.orm import Session

from fmn.catalog import Message
from fmn.infra import metrics
from fmn.infra.db import Database
from fmn.infra.public_ids import PublicId
from fmn.infra.token_buckets import TokenBuckets
from fmn.ledger.messages import remember_content, store
from fmn.settings.sources import HookSettings
from fmn.sources.webhooks.deliveries import record_delivery
from fmn.sources.webhooks.forges import FORGES
from fmn.sources.webhooks.models import Hook
from fmn.sources.webhooks.outcomes import NotStoredError, Outcome
from fmn.sources.webhooks.payloads import NO_HOOK, HookConfig, HookRequest, content_name, message_of
from fmn.sources.webhooks.secrets import hook_secret
from fmn.sources.webhooks.signatures import TIMESTAMP_TOLERANCE, Proof, signed_time

log = structlog.get_logger()

#: Seconds after which a delivery may be repeated that couldn't be stored.
RETRY_AFTER_SECONDS: Final = 60
#: The webhook of names that none has: its secret is nobody's.
_NOBODYS: Final = PublicId(0, 0)


@dataclass(frozen=True)
class HookAnswer:
    """What came of a request; ``retry_after`` is in seconds, 0 if repeating it is of no use."""

    outcome: Outcome
    retry_after: int = 0


@dataclass(frozen=True)
class _KnownHook:
    """A webhook as it was read, or the one of names that none has, which has no id."""

    id: int | None
    public_id: PublicId
    config: HookConfig
    enabled: bool = True
    generation: int = 1
    previous_until: datetime | None = None

    @classmethod
    def of(cls, hook: Hook | None) -> _KnownHook:
        if hook is None:
            return cls(None, _NOBODYS, NO_HOOK)
        config = HookConfig(
            hook.name, FORGES[hook.forge], hook.topic_prefix, hook.logins_are_accounts, hook.private_too)
        return cls(hook.id, hook.public_id, config, hook.enabled, hook.generation, hook.previous_until)


class HookReceiver:
    """Receiver of the requests that come for webhooks. ``match`` gets the ids of new messages."""

    def __init__(
        self, database: Database, buckets: TokenBuckets, web_secrets: Sequence[str], settings: HookSettings,
        match: Callable[[list[int]], object],
    ) -> None:
        self._database, self._buckets, self._settings = database, buckets, settings
        self._web_secrets, self._match = web_secrets, match

    def receive(self, name: str, request: HookRequest) -> HookAnswer:
        """Store the message of a request for the webhook of this name."""
        try:
            answer = self._receive(name, request)
        except (OperationalError, InterfaceError, TimeoutError) as error:
            log.warning("webhook not stored, the database doesn't answer", reason=type(error).__name__)
            answer = HookAnswer(Outcome.UNAVAILABLE, RETRY_AFTER_SECONDS)
        metrics.hook_deliveries.labels(answer.outcome.value).inc()
        return answer

    def _receive(self, name: str, request: HookRequest) -> HookAnswer:
        now = self._database.now()
        with self._database.reading() as session:
            hook = _KnownHook.of(session.scalar(select(Hook).where(Hook.name == name)))
        try:
            self._verify(hook, request, now)
            self._check_rate(hook)
            message = message_of(hook.config, request, now)
        except NotStoredError as error:
            self._record(hook, error.outcome, request, now)
            return HookAnswer(error.outcome, error.retry_after)
        return HookAnswer(self._store(hook, message, request, now))

    def _verify(self, hook: _KnownHook, request: HookRequest, now: datetime) -> None:
        forge = hook.config.forge
        valid = [
            forge.verify(request.headers, Proof.of(request.headers, request.body, secret))
            for secret in self._secrets(hook)]
        if hook.previous_until is None or hook.previous_until <= now:
            valid = valid[::2]  # a previous secret has been tried all the same, which takes the same time
        if hook.id is None or not any(valid):
            raise NotStoredError(Outcome.NOT_FOUND)
        if not hook.enabled:
            raise NotStoredError(Outcome.DISABLED)
        if forge.signs_id(request.headers):
            signed = signed_time(request.headers)
            if signed is None or abs(signed - now) > TIMESTAMP_TOLERANCE:
                raise NotStoredError(Outcome.EXPIRED)

    def _secrets(self, hook: _KnownHook) -> Sequence[str]:
        """Alternately the current secret and the one before, for each of the web app's secrets."""
        return [
            hook_secret(web_secret, hook.public_id, generation)
            for web_secret in self._web_secrets for generation in (hook.generation, hook.generation - 1)]

    def _check_rate(self, hook: _KnownHook) -> None:
        # Only what the forge has sent counts here: a stranger could use up the webhook's tokens otherwise.
        wait = self._buckets.take(f"hook:{hook.id}", self._settings.per_hook).wait
        if wait:
            raise NotStoredError(Outcome.RATE_LIMITED, ceil(wait))

    def _record(self, hook: _KnownHook, outcome: Outcome, request: HookRequest, now: datetime) -> None:
        with self._database.transaction() as session:
            self._add(session, hook, outcome, request, now)

    def _store(self, hook: _KnownHook, message: Message, request: HookRequest, now: datetime) -> Outcome:
        with self._database.transaction() as session:
            ids = self._store_once(session, hook.config, message, request, now)
            outcome = Outcome.ACCEPTED if ids else Outcome.KNOWN
            self._add(session, hook, outcome, request, now)
        if ids:
            self._match(ids)
        return outcome

    def _store_once(
        self, session: Session, hook: HookConfig, message: Message, request: HookRequest, now: datetime,
    ) -> list[int]:
        if not hook.forge.signs_id(request.headers) and not remember_content(
                session, hook.signer, content_name(request.body), now):
            return []
        return store(session, [message], now)

    def _add(
        self, session: Session, hook: _KnownHook, outcome: Outcome, request: HookRequest, now: datetime,
    ) -> None:
        # Of a request that nobody vouches for nothing is kept but that it came.
        proven = outcome is not Outcome.NOT_FOUND
        forge, headers = hook.config.forge, request.headers
        record_delivery(
            session, hook.id, outcome, len(request.body), now,
            event=forge.event(headers) if proven else "",
            delivery_id=forge.delivery_id(headers) if proven else "")

"""Parser of received messages: from frames to a storable message, or a reason to reject it.

Checks run in the order of their cost. Content counts only after the signature is verified.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Self

from fmn.catalog.message import Message, content_id, moment
from fmn.infra.clock import utc_now
from fmn.settings import BusSettings
from fmn.sources.errors import BusError
from fmn.sources.fedmsg.canonical import canonical_text, signed_part
from fmn.sources.fedmsg.routing_policy import RoutingPolicy
from fmn.sources.fedmsg.signatures import SignatureVerifier, check_is_signed
from fmn.sources.fedmsg.wire_frames import decode_frames
from fmn.sources.inbound_filter import InboundFilter
from fmn.sources.rejection import MessageRejectedError, RejectionReason, short_repr
from fmn.sources.repair import may_need_repair, repaired_and_counted
from fmn.sources.webhook_headers import without_secrets

#: Characters of an id, as wide as the ledger's column. Real ids have 41.
LONGEST_MSG_ID = 200
#: There was no bus before this time: a clock that says so was never set.
EARLIEST_TIMESTAMP = datetime(2000, 1, 1, tzinfo=UTC)
#: User who runs the bridge from fedora-messaging, as it says in messages.
BRIDGE_USERNAME = "amqp-bridge"
#: Tolerance for a publisher's clock that is ahead.
MAX_CLOCK_AHEAD = timedelta(days=1)


class MessageParser:
    """Parser of received messages. Thread-safe."""

    def __init__(
            self, settings: BusSettings, verifier: SignatureVerifier | None, policy: RoutingPolicy,
            now: Callable[[], datetime] = utc_now, *, ignores_bridged: bool = False) -> None:
        """Without ``verifier``, neither signatures nor the policy about signers are checked.

        With ``ignores_bridged``, messages that a bridge brought from fedora-messaging are rejected.
        """
        self._ignores_bridged = ignores_bridged
        self._max_bytes = settings.max_message_bytes
        #: Age at receipt above which a message counts as late.
        self.freshness = timedelta(minutes=settings.freshness_minutes)
        self._inbound_filter = InboundFilter(settings)
        self._verifier, self._policy, self._now = verifier, policy, now

    @classmethod
    def from_settings(cls, settings: BusSettings, *, ignores_bridged: bool = False) -> Self:
        """The parser with the settings' certificate authority and policy.

        :raises BusError: their files can't be used
        """
        verifier, policy = None, RoutingPolicy(nitpicky=settings.routing_nitpicky)
        if settings.validate_signatures:
            if settings.ca_file is None:
                raise BusError("fmn.bus.ca_file is missing: signatures can't be checked without an authority")
            verifier = SignatureVerifier(settings.ca_file, settings.crl_file)
        if settings.routing_policy_file is not None:
            policy = RoutingPolicy.load(settings.routing_policy_file, nitpicky=settings.routing_nitpicky)
        return cls(settings, verifier, policy, ignores_bridged=ignores_bridged)

    def parse(self, frames: Sequence[bytes]) -> Message:
        """The message in ``frames``.

        Content that databases can't store (NUL characters, lone surrogates, NaN) is replaced and counted.

        :raises MessageRejectedError: the message is invalid or unwanted
        """
        topic, wire = decode_frames(frames, self._max_bytes, self._precheck)
        self._inbound_filter.check(topic, wire.get("msg"))
        if self._ignores_bridged and wire.get("username") == BRIDGE_USERNAME:
            raise MessageRejectedError(RejectionReason.BRIDGED, f"its username is {BRIDGE_USERNAME}")
        wire.pop("seq_id", None)  # a publisher's store adds it after signing
        signed = signed_part(wire)
        text = cache(lambda: canonical_text(signed))
        signer = self._signer(topic, wire, text)
        msg_id, sent_at = _msg_id(signed), self._sent_at(signed)
        if "msg" not in signed:
            raise MessageRejectedError(RejectionReason.MISSING_MSG, f"{msg_id} has no msg field")
        body = repaired_and_counted(signed["msg"]) if may_need_repair(text()) else signed["msg"]
        # Only now: the signature is of the body as it came.
        return Message(msg_id, topic, sent_at, without_secrets(body), signer)

    def _precheck(self, topic: str, text: bytes) -> None:
        """Run the checks that don't need the decoded body."""
        self._inbound_filter.check_topic(topic)
        if self._verifier is not None:
            check_is_signed(text)

    def _signer(self, topic: str, wire: Mapping[str, Any], text: Callable[[], bytes]) -> str:
        if self._verifier is None:
            return ""
        signer = self._verifier.verify(wire, text)
        self._policy.check(topic, signer)
        return signer

    def _sent_at(self, signed: Mapping[str, Any]) -> datetime:
        """The message's timestamp, or the time of receipt without one."""
        if "timestamp" not in signed:
            return self._now()
        sent_at = moment(signed["timestamp"])
        if sent_at is None or not EARLIEST_TIMESTAMP <= sent_at <= self._now() + MAX_CLOCK_AHEAD:
            raise MessageRejectedError(
                RejectionReason.BAD_TIMESTAMP, f"the timestamp is {short_repr(signed['timestamp'])}")
        return sent_at


def _msg_id(signed: Mapping[str, Any]) -> str:
    """The message's id, or one derived from its signed content without one."""
    if "msg_id" not in signed:
        return content_id(signed)
    msg_id = signed["msg_id"]
    if isinstance(msg_id, str) and 0 < len(msg_id) <= LONGEST_MSG_ID and msg_id.isprintable():
        return msg_id
    raise MessageRejectedError(RejectionReason.BAD_MSG_ID, f"the msg_id is {short_repr(msg_id)}")

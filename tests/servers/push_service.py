"""A push service, and the browsers that subscribe at it: it checks each request and decrypts each message.

It's written from RFC 8030, 8188, 8291 and 8292, with nothing of the code that it judges.
"""

from __future__ import annotations

import base64
import json
import os
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.servers.receiver import Answer, Received, Receiver

_AUTHORIZATION: Final = re.compile(r"vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), ?k=([\w-]+)")
_TOPIC: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")
_DAY: Final = 24 * 3600
_MAX_BODY: Final = 4096


class PushError(Exception):
    """A request that the standards don't allow, and the status that a push service answers."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


@dataclass(frozen=True)
class PushedMessage:
    """A message as a browser gets it, and what the push service was told of it."""

    data: bytes
    ttl: int
    urgency: str
    topic: str
    contact: str
    #: When it came, in seconds since 1970.
    at: float

    @property
    def json(self) -> Any:
        """What the message says."""
        return json.loads(self.data)


@dataclass
class Browser:
    """A browser with a subscription to the messages of one key."""

    endpoint: str
    #: The ``applicationServerKey`` that it subscribed with.
    server_key: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: os.urandom(16))
    messages: list[PushedMessage] = field(default_factory=list)

    @property
    def subscription(self) -> dict[str, Any]:
        """What ``PushSubscription.toJSON()`` returns in its pages."""
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": {
            "p256dh": encode(_point(self.key.public_key())), "auth": encode(self.auth)}}

    def decrypt(self, body: bytes) -> bytes:
        """Decrypt a message for this browser. Raises :class:`PushError`."""
        salt, record_size, length = body[:16], int.from_bytes(body[16:20]), body[20]
        sender, record = body[21:21 + length], body[21 + length:]
        if length != 65 or not 17 <= len(record) <= record_size:
            raise PushError(400, "the content coding isn't aes128gcm")
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        info = b"WebPush: info\0" + _point(self.key.public_key()) + sender
        secret = _hkdf(self.key.exchange(ec.ECDH(), public), self.auth, info, 32)
        key = _hkdf(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _hkdf(secret, salt, b"Content-Encoding: nonce\0", 12)
        text, delimiter, padding = AESGCM(key).decrypt(nonce, record, None).rpartition(b"\2")
        if not delimiter or padding.strip(b"\0"):
            raise PushError(400, "that isn't the last record")
        return text


class PushService(Receiver):
    """Takes messages for its browsers, and answers as told, or else as the standards say."""

    def __init__(self, directory: Path | None = None) -> None:
        super().__init__(directory)
        self.usual = Answer(201)
        self.browsers: dict[str, Browser] = {}
        #: Why requests were refused.
        self.refusals: list[str] = []

    def subscribe(self, server_key: str) -> Browser:
        """A browser subscribes to messages that are signed with this key."""
        path = f"/push/{encode(os.urandom(24))}"
        browser = Browser(f"{self.url}{path}", server_key)
        self.browsers[path] = browser
        return browser

    def unsubscribe(self, browser: Browser) -> None:
        """A browser's user forbids messages."""
        self.browsers = {path: each for path, each in self.browsers.items() if each is not browser}

    def answer(self, received: Received) -> Answer:
        """Check and deliver a message, unless the test wants another answer."""
        if self.answers:
            return self.answers.popleft()
        browser = self.browsers.get(received.path)
        if browser is None:
            return Answer(410)
        try:
            browser.messages.append(self._accepted(received, browser))
        except PushError as refused:
            self.refusals.append(refused.why)
            return Answer(refused.status)
        return self.usual

    def _accepted(self, received: Received, browser: Browser) -> PushedMessage:
        headers = received.headers
        contact = self._verified(headers.get("authorization", ""), browser)
        topic = headers.get("topic", "")
        if received.method != "POST" or headers.get("content-encoding") != "aes128gcm":
            raise PushError(415, "the content coding isn't aes128gcm")
        if topic and not _TOPIC.fullmatch(topic):
            raise PushError(400, "the topic isn't one")
        if len(received.body) > _MAX_BODY:
            raise PushError(413, "too large")
        if not headers.get("ttl", "").isdecimal():
            raise PushError(400, "TTL is missing")
        return PushedMessage(
            browser.decrypt(received.body), int(headers["ttl"]), headers.get("urgency", "normal"), topic,
            contact, time.time())

    def _verified(self, authorization: str, browser: Browser) -> str:
        """The contact in a valid VAPID token."""
        found = _AUTHORIZATION.fullmatch(authorization)
        if found is None:
            raise PushError(401, "no VAPID token")
        head, claims, signature, key = found.groups()
        if key != browser.server_key:
            raise PushError(403, "the browser subscribed to another key")
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode(key))
        raw = decode(signature)
        der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        try:
            public.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            raise PushError(403, "the token's signature is wrong") from None
        told, now = json.loads(decode(claims)), time.time()
        if json.loads(decode(head)) != {"typ": "JWT", "alg": "ES256"}:
            raise PushError(403, "the token isn't signed with ES256")
        if told["aud"] != self.url or not now < told["exp"] <= now + _DAY:
            raise PushError(403, "the token is for another service, or another time")
        return str(told.get("sub", ""))


def encode(data: bytes) -> str:
    """Bytes as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Base64url without padding as bytes."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _hkdf(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)

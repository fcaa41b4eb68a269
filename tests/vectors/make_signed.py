"""Make the vectors in ``signed/``: messages as they arrive, and what has to become of each.

Run ``python -m tests.vectors.make_signed``. Keys are made afresh and thrown away, so every file
changes each time. A line of ``vectors.jsonl`` has

- ``name``, ``why``: what it's called, and one sentence;
- ``frames``: the two frames as text;
- ``reason``: the word it must be refused with, ``null`` if it must be accepted;
- ``crl``: the revocation list to use, ``null`` for none;
- ``routing_policy``, ``routing_nitpicky``: the policy to use.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding

from tests.vectors.certificates import CertificateAuthority, Credentials

DIRECTORY = Path(__file__).parent / "signed"
TOPIC = "org.fedoraproject.prod.bodhi.update.comment"
PAST, FUTURE = datetime(2021, 1, 1, tzinfo=UTC), datetime(2059, 1, 1, tzinfo=UTC)
Body = dict[str, Any]


def sample(**changes: Any) -> Body:
    body: Body = {
        "topic": TOPIC,
        "msg": {"comment": {"text": "works for me", "karma": 1}, "agent": "alice"},
        "timestamp": 1700000000,
        "msg_id": "2023-0b1fb5b1-6a5c-4d4c-8ad5-f8a7ad2f8b3b",
        "i": 1,
        "username": "apache",
    }
    return body | changes


def text_of(body: Mapping[Any, Any]) -> bytes:
    """The canonical text in the words of Python's own encoder, so as not to test us by ourselves."""
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode("ascii")


def wrapped(content: bytes) -> str:
    return base64.encodebytes(content).decode("ascii")


def signed(by: Credentials, body: Mapping[str, Any]) -> Body:
    content = dict(body) | {"crypto": "x509"}
    return content | certified(by, text_of(content))


def certified(by: Credentials, text: bytes) -> Body:
    """The two fields that signing ``text`` adds."""
    signature = by.key.sign(text, PKCS1v15(), SHA1())  # noqa: S303  the format's choice
    return {"signature": wrapped(signature), "certificate": wrapped(by.pem)}


def without(body: Mapping[str, Any], *fields: str) -> Body:
    return {key: value for key, value in body.items() if key not in fields}


class Vectors:
    """The authority, its certificates and the lines made so far."""

    def __init__(self) -> None:
        self.authority = CertificateAuthority()
        self.alice = self.authority.issue("bodhi-app01.example.org")
        self.bob = self.authority.issue("shell-app01.example.org")
        self.revoked = self.authority.issue("revoked-app01.example.org")
        self.lines: list[dict[str, Any]] = []

    def add(
            self, name: str, body: Mapping[str, Any] | str, reason: str | None, why: str, *,
            topic: str = TOPIC, crl: str | None = "crl.pem", policy: Mapping[str, list[str]] | None = None,
            nitpicky: bool = False) -> None:
        text = body if isinstance(body, str) else text_of(body).decode()
        self.lines.append({
            "name": name, "frames": [topic, text], "reason": reason, "why": why, "crl": crl,
            "routing_policy": policy or {}, "routing_nitpicky": nitpicky})

    def save(self) -> None:
        DIRECTORY.mkdir(exist_ok=True)
        revoked = self.revoked.certificate
        (DIRECTORY / "ca.pem").write_bytes(self.authority.pem)
        (DIRECTORY / "crl.pem").write_bytes(
            self.authority.revocations(revoked).public_bytes(Encoding.PEM))
        (DIRECTORY / "crl-expired.pem").write_bytes(
            self.authority.revocations(revoked, until=PAST).public_bytes(Encoding.PEM))
        (DIRECTORY / "crl-sha1.pem").write_bytes(
            self.authority.legacy_revocations(revoked).public_bytes(Encoding.PEM))
        (DIRECTORY / "vectors.jsonl").write_text("".join(json.dumps(line) + "\n" for line in self.lines))


def add_spellings(vectors: Vectors) -> None:
    """The same object however it's spelled is the same message."""
    good = signed(vectors.alice, sample())
    add = vectors.add
    add("good", good, None, "as fedmsg sends it")
    add("relayed", json.dumps(good), None, "a relay writes other separators and doesn't sort")
    add("key-order", json.dumps(dict(reversed(good.items()))), None, "the order of keys doesn't matter")
    add("seq-id", good | {"seq_id": 42}, None, "the publisher's store added it after signing")
    bare = {field: good[field].replace("\n", "") for field in ("signature", "certificate")}
    add("base64-without-newlines", good | bare, None, "line breaks in base64 don't matter")
    crlf = {field: good[field].replace("\n", "\r\n") for field in ("signature", "certificate")}
    add("base64-with-crlf", good | crlf, None, "line breaks of another kind don't matter either")
    add("duplicate-key", '{"msg":"lost",' + text_of(good).decode()[1:], None, "the last of two counts")
    unicode = {"ä": "grün", "é": 1, "z": 2, "Z": 3, "10": 4, "9": 5, "\U0001f600": "\U0001f4e6", "\uffff": 6}
    body = signed(vectors.alice, sample(msg=unicode))
    add("unicode-escaped", body, None, "keys are sorted by code point, also beyond the basic plane")
    add("unicode-raw", json.dumps(body, ensure_ascii=False), None, "raw UTF-8 is as legal as escapes")
    escapes = {"a/b": '"\\\b\f\n\r\t\x01\x1f\x7f\u2028/', "": ""}
    add("escapes", signed(vectors.alice, sample(msg=escapes)), None, "every kind of escape")
    numbers = [0, -1, 10 ** 40, 1.0, -0.0, 0.25, 1e-05, 1e16, 1e22, 123456789.123, 5e-324, 1.797693e308]
    add("numbers", signed(vectors.alice, sample(msg=numbers)), None, "numbers keep their spelling")
    add("timestamp-float", signed(vectors.alice, sample(timestamp=1700000000.25)), None, "some send those")


def add_contents(vectors: Vectors) -> None:
    """What a good signature doesn't make right, and what is odd but right."""
    add, alice = vectors.add, vectors.alice
    add("extra-field", signed(alice, sample(agent="alice")), None, "unknown fields are legal and signed")
    add("only-topic-and-msg", signed(alice, {"topic": TOPIC, "msg": None}), None, "all else is optional")
    oddities = {"nul": "a\0b", "surrogate": "\ud800", "nan": float("nan"), "infinite": float("-inf")}
    add("unstorable", signed(alice, sample(msg=oddities)), None, "repaired after the signature was checked")
    add("no-msg", signed(alice, without(sample(), "msg")), "missing-msg", "nothing happened")
    add("msg-id-number", signed(alice, sample(msg_id=5)), "bad-msg-id", "an id is a text")
    add("msg-id-nul", signed(alice, sample(msg_id="a\0b")), "bad-msg-id", "an id can't be repaired")
    add("timestamp-text", signed(alice, sample(timestamp="1700000000")), "bad-timestamp", "it isn't a number")
    add("timestamp-far", signed(alice, sample(timestamp=3093527980800)), "bad-timestamp", "the year 99999")
    add("timestamp-nan", signed(alice, sample(timestamp=float("nan"))), "bad-timestamp", "it isn't a time")


def add_changes(vectors: Vectors) -> None:
    """Anything that was changed after signing."""
    add = vectors.add
    good = signed(vectors.alice, sample())
    other = "org.fedoraproject.prod.bodhi.update.request.testing"
    add("body-changed", good | {"msg": {"agent": "mallory"}}, "bad-signature", "msg was changed")
    add("topic-changed", good | {"topic": other}, "bad-signature", "both topics were changed", topic=other)
    add("replayed", good, "envelope-mismatch", "sent again on another topic", topic=other)
    add("field-added", good | {"headers": {}}, "bad-signature", "an empty field is a change too")
    add("field-removed", without(good, "username"), "bad-signature", "a field was taken out")
    add("crypto-removed", without(good, "crypto"), "bad-signature", "the backend's name is signed too")
    add("int-became-float", good | {"timestamp": 1700000000.0}, "bad-signature", "5 isn't 5.0")
    add("float-became-int", signed(vectors.alice, sample(timestamp=1700000000.0)) | {"timestamp": 1700000000},
        "bad-signature", "5.0 isn't 5")
    content: dict[Any, Any] = sample(msg={9: "nine", 10: "ten"}, crypto="x509")
    add("integer-keys", content | certified(vectors.alice, text_of(content)), "bad-signature",
        "the publisher signed integer keys in the order of numbers")


def add_signatures(vectors: Vectors) -> None:
    """Signatures that are missing, malformed or somebody else's."""
    add, alice = vectors.add, vectors.alice
    good, other = signed(alice, sample()), signed(vectors.bob, sample())
    old = sample()
    add("no-crypto-field", old | certified(alice, text_of(old)), None, "old publishers named no backend")
    add("forged", good | {"signature": other["signature"]}, "bad-signature", "made with another's key")
    add("certificate-swapped", good | {"certificate": other["certificate"]}, "bad-signature",
        "another's certificate, a good one")
    second = signed(alice, sample(i=2))
    add("signature-of-another", good | {"signature": second["signature"]}, "bad-signature",
        "taken from another message of the same signer")
    add("signature-empty", good | {"signature": ""}, "bad-signature", "no bytes at all")
    add("signature-not-base64", good | {"signature": "no: base64!"}, "bad-signature-encoding",
        "it can't be decoded")
    add("signature-number", good | {"signature": 5}, "bad-signature-encoding", "it isn't a text")
    add("signature-missing", without(good, "signature"), "bad-signature-encoding", "there is none")
    add("unsigned", sample(), "unsigned", "neither signature nor certificate nor backend")
    add("gpg", good | {"crypto": "gpg"}, "backend-not-allowed", "fedmsg's other backend protects msg alone")
    add("gpg-unnamed", without(good, "crypto", "certificate"), "backend-not-allowed",
        "a signature alone means gpg")
    add("backend-unknown", good | {"crypto": "rot13"}, "backend-not-allowed", "no such backend")
    add("backend-null", good | {"crypto": None}, "backend-not-allowed", "present, but no backend")


def add_certificates(vectors: Vectors) -> None:
    """Certificates that are odd, refused, or from elsewhere."""
    add, authority = vectors.add, vectors.authority
    good = signed(vectors.alice, sample())
    name = "bodhi-app01.example.org"
    add("legacy", signed(authority.issue_legacy(name), sample()), None,
        "as on real buses: 1024 bits, SHA-1, no alternative name")
    add("legacy-crl", good, None, "a revocation list signed with SHA-1", crl="crl-sha1.pem")
    add("expired", signed(authority.issue(name, until=PAST), sample()), "certificate-expired", "since 2021")
    add("not-yet-valid", signed(authority.issue(name, since=FUTURE), sample()), "certificate-not-yet-valid",
        "from 2059")
    revoked = signed(vectors.revoked, sample())
    add("revoked", revoked, "revoked", "the list has it")
    add("revoked-legacy-crl", revoked, "revoked", "the list signed with SHA-1 has it", crl="crl-sha1.pem")
    add("revoked-but-no-crl", revoked, None, "without a list nothing is revoked", crl=None)
    add("crl-expired", good, "crl-unusable", "everything is invalid then", crl="crl-expired.pem")
    add("other-authority", signed(CertificateAuthority("Mallory").issue(name), sample()), "unknown-authority",
        "another authority gave it the same name")
    add("spoofed-issuer", signed(CertificateAuthority().issue(name), sample()), "unknown-authority",
        "an authority of the same name with another key")
    twin = CertificateAuthority("Mallory")
    twin.key = authority.key
    add("renamed-issuer", signed(twin.issue(name), sample()), "unknown-authority",
        "the authority's key under another name")
    add("no-common-name", signed(authority.issue(None), sample()), "bad-certificate", "it's nobody's")
    elliptic = authority.issue_elliptic(name).public_bytes(Encoding.PEM)
    add("elliptic-key", good | {"certificate": wrapped(elliptic)}, "bad-certificate", "its key can't sign so")
    add("certificate-missing", without(good, "certificate"), "bad-certificate", "the backend says x509")
    add("certificate-number", good | {"certificate": 5}, "bad-certificate", "it isn't a text")
    add("certificate-not-base64", good | {"certificate": vectors.alice.pem.decode()}, "bad-certificate",
        "bare PEM has characters that base64 hasn't")
    add("certificate-not-pem", good | {"certificate": wrapped(b"hello")}, "bad-certificate", "it isn't one")


def add_policies(vectors: Vectors) -> None:
    """Who may send what."""
    add = vectors.add
    good = signed(vectors.alice, sample())
    ours, others = {TOPIC: ["bodhi-app01.example.org"]}, {TOPIC: ["shell-app01.example.org"]}
    silent = {f"{TOPIC}.x": ["bodhi-app01.example.org"]}
    add("policy-allows", good, None, "topic and name are in the policy", policy=ours, nitpicky=True)
    add("policy-denies", good, "not-allowed", "the topic is, the name isn't", policy=others)
    add("policy-silent", good, None, "topics are matched exactly", policy=silent)
    add("policy-nitpicky", good, "not-allowed", "topics not in it are refused", policy=silent, nitpicky=True)


def main() -> None:
    vectors = Vectors()
    for add in (add_spellings, add_contents, add_changes, add_signatures, add_certificates, add_policies):
        add(vectors)
    vectors.save()


if __name__ == "__main__":
    main()

"""Signatures of fedmsg's x509 kind: RSA, PKCS#1 v1.5, SHA-1 over the canonical text.

SHA-1 is fixed by the format. What protects the bus is that certificates come from one authority.
"""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from fmn.infra.clock import utc_now
from fmn.sources.fedmsg.canonical import as_received, canonical_text, signed_part
from fmn.sources.fedmsg.errors import BusError
from fmn.sources.fedmsg.file_reading import read_file
from fmn.sources.fedmsg.rejection import MessageRejectedError, RejectionReason, short_repr
from fmn.sources.fedmsg.trust_store import SignerCertificate, TrustStore, decode_base64

#: The one backend. The other, gpg, leaves topic, time and id unprotected.
BACKEND = "x509"
#: Seconds after which the files are looked at even if every certificate is good, so that a new
#: revocation counts soon.
RECHECK_SECONDS = 60.0
#: Seconds. A file changed so recently may change again without its time telling; it's read once more.
SETTLING_SECONDS = 0.1

#: What the text of a signed message has in it: one of the names, or one that is spelled with escapes.
_SIGNATURE_MARKERS = (b'"signature"', b'"certificate"', b'"crypto"', b"\\u")

_PADDING, _HASH = PKCS1v15(), SHA1()  # noqa: S303  the format's choice

logger = structlog.get_logger()


class SignatureVerifier:
    """The authority whose certificates are trusted; safe to use from several threads.

    When a certificate fails, the files are read again and it gets a second chance, so a rotated
    revocation list is picked up at once. That costs a look at the files' times, and reading only if
    these changed: a flood of bad messages doesn't make us read. New files that can't be used are
    warned of, and the old ones stay.
    """

    def __init__(
            self, ca_file: Path, crl_file: Path | None = None, *, now: Callable[[], datetime] = utc_now,
            recheck_seconds: float = RECHECK_SECONDS) -> None:
        """Read the files; without ``crl_file`` nothing is ever revoked. Raises :class:`BusError`."""
        self._ca_file, self._crl_file = ca_file, crl_file
        self._now, self._recheck_seconds = now, recheck_seconds
        self._lock = threading.Lock()
        self._stamps = self._current_stamps()
        self._trust = TrustStore.read(ca_file, crl_file)
        self._recheck_at = time.monotonic() + recheck_seconds

    def verify(self, body: Mapping[str, Any], text: Callable[[], bytes] | None = None) -> str:
        """The common name of who signed ``body``; raises :class:`MessageRejectedError`.

        ``text`` makes the canonical text of the body's signed part, if the caller wants it as well; it isn't
        made before there's a signature and a certificate that is trusted.
        ``seq_id``, which a publisher adds after signing, must be gone from the body.
        """
        signature, certificate = _signing_fields(body)
        signer = self._trusted(certificate)
        signed = canonical_text(signed_part(body)) if text is None else text()
        try:
            signer.public_key.verify(signature, signed, _PADDING, _HASH)
        except InvalidSignature as error:
            raise MessageRejectedError(
                RejectionReason.BAD_SIGNATURE,
                f"the signature isn't {signer.common_name}'s for this") from error
        return signer.common_name

    def _trusted(self, certificate: str) -> SignerCertificate:
        if time.monotonic() >= self._recheck_at:
            self._reloaded(self._trust)
        trust = self._trust
        try:
            return trust.check(certificate, self._now())
        except MessageRejectedError:
            renewed = self._reloaded(trust)
            if renewed is trust:
                raise
        return renewed.check(certificate, self._now())

    def _reloaded(self, known: TrustStore) -> TrustStore:
        """What to trust instead of ``known``: itself unless the files have changed."""
        with self._lock:
            if self._trust is known:
                self._recheck_at = time.monotonic() + self._recheck_seconds
                self._read_if_changed()
            return self._trust

    def _read_if_changed(self) -> None:
        stamps = self._current_stamps()
        if stamps == self._stamps:
            return
        self._stamps = stamps
        try:
            self._trust = TrustStore.read(self._ca_file, self._crl_file)
        except BusError as error:
            logger.warning("authority files unusable, keeping the old", error=str(error))
        else:
            logger.info("authority files read again", ca=str(self._ca_file), crl=str(self._crl_file))

    def _current_stamps(self) -> list[object]:
        return [_stamp(path) for path in (self._ca_file, self._crl_file) if path is not None]


def check_is_signed(text: bytes) -> None:
    """Check that the JSON object in ``text`` can be signed: it names a field that signing adds.

    This searches the bytes, which is a thousand times cheaper than decoding. It may pass an unsigned message.

    :raises MessageRejectedError: it contains none
    """
    if not any(field in text for field in _SIGNATURE_MARKERS):
        raise MessageRejectedError(RejectionReason.UNSIGNED, "the message isn't signed")


def _stamp(path: Path) -> object:
    """Equal to an earlier stamp only if the file is the same as then."""
    try:
        status = path.stat()
    except OSError:
        return None
    if abs(time.time() - status.st_mtime) < SETTLING_SECONDS:
        return object()
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _signing_fields(body: Mapping[str, Any]) -> tuple[bytes, str]:
    """The signature and the still encoded certificate of ``body``."""
    _check_backend(body)
    signature, certificate = body.get("signature"), body.get("certificate")
    if not isinstance(certificate, str):
        raise MessageRejectedError(
            RejectionReason.BAD_CERTIFICATE, f"the certificate is {short_repr(certificate)}")
    if not isinstance(signature, str):
        raise MessageRejectedError(
            RejectionReason.BAD_SIGNATURE_ENCODING, f"the signature is {short_repr(signature)}")
    try:
        return decode_base64(signature), certificate
    except ValueError as error:
        raise MessageRejectedError(
            RejectionReason.BAD_SIGNATURE_ENCODING, f"the signature isn't base64: {error}") from error


def _check_backend(body: Mapping[str, Any]) -> None:
    """Old publishers didn't name the backend; a certificate means x509 then."""
    if "crypto" in body:
        backend = body["crypto"]
    elif "certificate" in body:
        backend = BACKEND
    elif "signature" in body:
        backend = "gpg"
    else:
        raise MessageRejectedError(RejectionReason.UNSIGNED, "the message isn't signed")
    if backend != BACKEND:
        raise MessageRejectedError(
            RejectionReason.BACKEND_NOT_ALLOWED, f"signed by {short_repr(backend)}, not {BACKEND}")


class MessageSigner:
    """Signs what we publish, with a certificate and its key from PEM files."""

    def __init__(self, certificate_file: Path, key_file: Path) -> None:
        """Raises :class:`BusError` if the files can't be used or don't belong together."""
        pem = read_file(certificate_file)
        self._key = _private_key(key_file)
        try:
            certificate = x509.load_pem_x509_certificate(pem)
        except ValueError as error:
            raise BusError(f"{certificate_file}: there's no PEM certificate in it: {error}") from error
        if certificate.public_key() != self._key.public_key():
            raise BusError(f"{key_file}: the key doesn't belong to the certificate in {certificate_file}")
        self._certificate = _wrapped(pem)

    def sign(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """A signed copy of ``body``, in the form that receivers decode.

        Raises :class:`TypeError` if a value has no JSON form.
        """
        signed = as_received(signed_part(body)) | {"crypto": BACKEND}
        signature = self._key.sign(canonical_text(signed), _PADDING, _HASH)
        return signed | {"signature": _wrapped(signature), "certificate": self._certificate}


def _wrapped(content: bytes) -> str:
    """Base64 with a newline after every 76 characters and one at the end."""
    return base64.encodebytes(content).decode("ascii")


def _private_key(path: Path) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(read_file(path), password=None)
    except (ValueError, TypeError) as error:  # TypeError: it wants a passphrase
        raise BusError(f"{path}: there's no PEM key without a passphrase in it: {error}") from error
    if not isinstance(key, RSAPrivateKey):
        raise BusError(f"{path}: fedmsg needs an RSA key, and this is another")
    return key


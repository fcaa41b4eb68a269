"""fedmsg's x509 signatures: RSA with PKCS#1 v1.5 and SHA-1 over the canonical JSON.

The format requires SHA-1. Certificates come from one authority, which protects the bus.
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
from fmn.sources.errors import BusError
from fmn.sources.fedmsg.canonical import as_received, canonical_text, signed_part
from fmn.sources.fedmsg.file_reading import read_file
from fmn.sources.fedmsg.trust_store import SignerCertificate, TrustStore, decode_base64
from fmn.sources.rejection import MessageRejectedError, RejectionReason, short_repr

#: The supported backend. The other one, gpg, leaves topic, time and id unsigned.
BACKEND = "x509"
#: Seconds after which the files are checked for changes even if every certificate is valid, so that a new
#: revocation takes effect soon.
RECHECK_SECONDS = 60.0
#: Seconds. A file changed so recently may change again within its timestamp's resolution; it's read again.
SETTLING_SECONDS = 0.1

#: In the text of every signed message: a signing field's name, plain or with escapes.
_SIGNATURE_MARKERS = (b'"signature"', b'"certificate"', b'"crypto"', b"\\u")

_PADDING, _HASH = PKCS1v15(), SHA1()  # noqa: S303  the format's choice

logger = structlog.get_logger()


class SignatureVerifier:
    """Verifier of signatures by certificates of one authority. Thread-safe.

    When a certificate fails, the files are read again if they changed, and the certificate is checked again:
    a rotated revocation list takes effect at once, and a flood of bad messages causes no reads. Unusable new
    files log a warning, and the old ones stay in use.
    """

    def __init__(
            self, ca_file: Path, crl_file: Path | None = None, *, now: Callable[[], datetime] = utc_now,
            recheck_seconds: float = RECHECK_SECONDS) -> None:
        """Read the files. Without ``crl_file`` no certificate is revoked.

        :raises BusError: a file can't be used
        """
        self._ca_file, self._crl_file = ca_file, crl_file
        self._now, self._recheck_seconds = now, recheck_seconds
        self._lock = threading.Lock()
        self._stamps = self._current_stamps()
        self._trust = TrustStore.read(ca_file, crl_file)
        self._recheck_at = time.monotonic() + recheck_seconds

    def verify(self, body: Mapping[str, Any], text: Callable[[], bytes] | None = None) -> str:
        """Verify the signature of ``body``; returns the signer's common name.

        ``text`` returns the canonical text of the body's signed part. It's called only after the certificate
        is trusted. Remove ``seq_id``, which a publisher adds after signing, from the body first.

        :raises MessageRejectedError: the signature or the certificate is invalid
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
        """The trust store to use instead of ``known``: a new one if the files changed."""
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
    """Stamp of a file: equal to an earlier one only if the file is unchanged."""
    try:
        status = path.stat()
    except OSError:
        return None
    if abs(time.time() - status.st_mtime) < SETTLING_SECONDS:
        return object()
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _signing_fields(body: Mapping[str, Any]) -> tuple[bytes, str]:
    """The signature and the encoded certificate of ``body``."""
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
    """Check the backend. Old publishers name none; then a certificate means x509."""
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
    """Signer of published messages, with a certificate and its key from PEM files."""

    def __init__(self, certificate_file: Path, key_file: Path) -> None:
        """Read the files.

        :raises BusError: the files can't be used or don't belong together
        """
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

        :raises TypeError: a value has no JSON form
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
    except (ValueError, TypeError) as error:  # TypeError: the key needs a passphrase
        raise BusError(f"{path}: there's no PEM key without a passphrase in it: {error}") from error
    if not isinstance(key, RSAPrivateKey):
        raise BusError(f"{path}: fedmsg needs an RSA key, and this is another")
    return key


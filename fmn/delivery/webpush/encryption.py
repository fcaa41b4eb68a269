"""Encryption of push messages for one browser (RFC 8291, content coding aes128gcm of RFC 8188). Pure.

A push service passes messages on and can't read them. A message is one record, encrypted with a key that only
the browser can derive: from its own private key, the sender's public key, and a secret that both know.
"""

from __future__ import annotations

import os
import struct
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

#: The curve of all keys of Web Push.
CURVE: Final = ec.SECP256R1()
#: Bytes of a message that every push service has to take (RFC 8030 section 7.2).
RECORD_BYTES: Final = 4096
#: Bytes that encryption adds: the header with salt, record size and public key, the delimiter, and the tag.
_HEADER: Final = struct.Struct("!16sLB65s")
_OVERHEAD: Final = _HEADER.size + 1 + 16
#: Bytes of a text that fit into a message.
MAX_PLAINTEXT_BYTES: Final = RECORD_BYTES - _OVERHEAD
#: Stands behind the text of the last record, which here is the only one.
_LAST: Final = b"\x02"


def encrypt(
    text: bytes, browser_key: ec.EllipticCurvePublicKey, auth: bytes, *,
    salt: bytes | None = None, sender: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """Encrypt a message of at most :data:`MAX_PLAINTEXT_BYTES` for a browser, by its public key and secret.

    ``salt`` and ``sender``, a key pair for this message alone, are random unless a test says otherwise.
    """
    if len(text) > MAX_PLAINTEXT_BYTES:
        raise ValueError(f"{len(text)} bytes are too many for a push message")
    salt, sender = salt or os.urandom(16), sender or ec.generate_private_key(CURVE)
    public = public_bytes(sender.public_key())
    secret = sender.exchange(ec.ECDH(), browser_key)
    key, nonce = derive_keys(secret, auth, salt, public_bytes(browser_key), public)
    header = _HEADER.pack(salt, RECORD_BYTES, len(public), public)
    return header + AESGCM(key).encrypt(nonce, text + _LAST, None)


def derive_keys(
    secret: bytes, auth: bytes, salt: bytes, browser_key: bytes, sender_key: bytes,
) -> tuple[bytes, bytes]:
    """Content encryption key and nonce, from the secret that both sides agreed on (RFC 8291 section 3.4)."""
    combined = _hkdf(secret, auth, b"WebPush: info\0" + browser_key + sender_key, 32)
    key = _hkdf(combined, salt, b"Content-Encoding: aes128gcm\0", 16)
    return key, _hkdf(combined, salt, b"Content-Encoding: nonce\0", 12)


def public_bytes(key: ec.EllipticCurvePublicKey) -> bytes:
    """A public key as an uncompressed point: 65 bytes."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _hkdf(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)

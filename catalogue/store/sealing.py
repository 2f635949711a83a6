"""Sealing: SM4-GCM (GB/T 32907-2016) with associated data that binds a ciphertext to its place.

A sealed value is one version byte, 12 bytes of nonce, the ciphertext, 16 bytes of tag. Every case has a data key of
its own, so a nonce drawn at random never comes near its bound.
"""

from __future__ import annotations

import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM

_VERSION = b"\x01"
_NONCE = 12
_TAG = 16


class SealBroken(Exception):
    """The ciphertext, its place or its key is not the one that was sealed."""


def seal(key: bytes, about: bytes, clear: bytes) -> bytes:
    """Encrypt under a key of 16 bytes; ``about`` must be given again to unseal."""
    nonce = os.urandom(_NONCE)
    encryptor = Cipher(SM4(key), GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(about)
    return b"".join((_VERSION, nonce, encryptor.update(clear), encryptor.finalize(), encryptor.tag))


def unseal(key: bytes, about: bytes, sealed: bytes) -> bytes:
    """The clear bytes. Raises SealBroken."""
    if len(sealed) < 1 + _NONCE + _TAG or sealed[:1] != _VERSION:
        raise SealBroken("not a sealed value")
    nonce, tag = sealed[1 : 1 + _NONCE], sealed[-_TAG:]
    decryptor = Cipher(SM4(key), GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(about)
    try:
        return decryptor.update(sealed[1 + _NONCE : -_TAG]) + decryptor.finalize()
    except InvalidTag as error:
        raise SealBroken("the sealed value does not open") from error


def sm3(data: bytes) -> bytes:
    """The SM3 digest (GB/T 32905-2016), from the same library on every build of Python."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


@lru_cache(maxsize=16)
def _keyed(key: bytes) -> hmac.HMAC:
    return hmac.HMAC(key, hashes.SM3())


def keyed_digest(key: bytes, data: bytes) -> bytes:
    """HMAC-SM3."""
    # A copy of a keyed one costs a quarter of keying it anew.
    digest = _keyed(key).copy()
    digest.update(data)
    return digest.finalize()


def new_data_key() -> bytes:
    """A data key for a new case."""
    return os.urandom(16)

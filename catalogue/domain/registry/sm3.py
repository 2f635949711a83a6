"""SM3, the digest of texts and documents of the registry."""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SM3, Hash


def sm3(data: bytes) -> str:
    """SM3 (GB/T 32905) of the bytes, hexadecimal."""
    digest = Hash(SM3())
    digest.update(data)
    return digest.finalize().hex()

"""The keys that stand outside the database: master keys, the digest key, the key that signs anchors.

A keyring is a JSON document in a file of mode 0600 or in an environment variable. Lose it, and the personal data of
every case is lost with it: it belongs in a backup of its own.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from catalogue.store.sealing import SealBroken, keyed_digest, seal, unseal


class KeyringInvalid(ValueError):
    """The document is no keyring; the message says what is wrong and shows no key."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """``current`` names the master key that wraps new data keys; older ones still unwrap what they wrapped."""

    current: str
    masters: Mapping[str, bytes] = field(repr=False)
    digest_key: bytes = field(repr=False)
    signing_seed: bytes = field(repr=False)

    @classmethod
    def create(cls) -> Keyring:
        """New keys, from the operating system's chance."""
        name = f"k{secrets.token_hex(4)}"
        return cls(name, {name: secrets.token_bytes(16)}, secrets.token_bytes(32), secrets.token_bytes(32))

    @classmethod
    def from_text(cls, text: str) -> Keyring:
        """A keyring from its JSON text. Raises KeyringInvalid."""
        try:
            document: dict[str, Any] = msgspec.json.decode(text)
            masters = {str(name): base64.b64decode(key, validate=True) for name, key in document["masters"].items()}
            ring = cls(
                str(document["current"]),
                masters,
                base64.b64decode(document["digest"], validate=True),
                base64.b64decode(document["signing"], validate=True),
            )
        except (msgspec.DecodeError, KeyError, TypeError, AttributeError, binascii.Error) as error:
            raise KeyringInvalid("a keyring is JSON with current, masters, digest and signing") from error
        if ring.current not in masters:
            raise KeyringInvalid("the current master key is not among the masters")
        if any(len(key) != 16 for key in masters.values()) or len(ring.digest_key) < 32 or len(ring.signing_seed) != 32:
            raise KeyringInvalid("a master key has 16 bytes, the digest key and the signing key have 32")
        return ring

    @classmethod
    def open_or_create(cls, path: str | Path) -> Keyring:
        """The keyring of that file, made with mode 0600 where there is none. Raises KeyringInvalid."""
        file = Path(path)
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            ring = cls.create()
            try:
                with os.fdopen(
                    os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
                ) as new:
                    new.write(ring.text())
                    new.flush()
                    os.fsync(new.fileno())
                return ring
            except FileExistsError:
                # Another process was faster: its keys are the keys.
                pass
        return cls.from_text(file.read_text("utf-8"))

    def text(self) -> str:
        """The JSON text: secret."""
        document = {
            "current": self.current,
            "masters": {name: base64.b64encode(key).decode() for name, key in self.masters.items()},
            "digest": base64.b64encode(self.digest_key).decode(),
            "signing": base64.b64encode(self.signing_seed).decode(),
        }
        return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"

    def save(self, path: str | Path) -> None:
        """Put this keyring in the file's place, whole or not at all."""
        file = Path(path)
        new = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
        _write_new(new, self.text())
        new.replace(file)

    def rotated(self) -> Keyring:
        """With a new current master key; ``rewrap`` then moves the data keys to it."""
        name = f"k{secrets.token_hex(4)}"
        return replace(self, current=name, masters={**self.masters, name: secrets.token_bytes(16)})

    # --- data keys of cases -------------------------------------------------------------------------------------------

    def wrap(self, reference: str, data_key: bytes) -> tuple[str, bytes]:
        """(id of the master key, wrapped data key)."""
        return self.current, seal(self.masters[self.current], _key_name(reference), data_key)

    def unwrap(self, reference: str, key_id: str, wrapped: bytes) -> bytes:
        """The data key of a case. Raises SealBroken where its master key is not in the ring or the wrap is not ours."""
        master = self.masters.get(key_id)
        if master is None:
            raise SealBroken("the master key is not in the keyring")
        return unseal(master, _key_name(reference), wrapped)

    def seal_loose(self, about: bytes, clear: bytes) -> bytes:
        """Sealed under the current master key itself: for short-lived rows that belong to no case."""
        name = self.current.encode()
        return bytes([len(name)]) + name + seal(self._loose(self.current), about, clear)

    def unseal_loose(self, about: bytes, sealed: bytes) -> bytes:
        """What ``seal_loose`` sealed. Raises SealBroken."""
        end = 1 + sealed[0]
        name = sealed[1:end].decode()
        if name not in self.masters:
            raise SealBroken("the master key is not in the keyring")
        return unseal(self._loose(name), about, sealed[end:])

    def _loose(self, name: str) -> bytes:
        return keyed_digest(self.masters[name], b"loose")[:16]

    # --- digests and signatures ---------------------------------------------------------------------------------------

    def digest(self, purpose: str, *parts: str | bytes) -> bytes:
        """HMAC-SM3 over the parts, each with its length, so that two lists never run together."""
        message = bytearray(purpose.encode())
        for part in parts:
            data = part if isinstance(part, bytes) else part.encode()
            message += len(data).to_bytes(8, "big")
            message += data
        return keyed_digest(self.digest_key, bytes(message))

    def sign(self, message: bytes) -> bytes:
        """Ed25519 over the message."""
        return Ed25519PrivateKey.from_private_bytes(self.signing_seed).sign(message)

    def public_key(self) -> bytes:
        """The 32 bytes with which anybody checks what ``sign`` signed."""
        return Ed25519PrivateKey.from_private_bytes(self.signing_seed).public_key().public_bytes_raw()


def _write_new(file: Path, text: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())


def _key_name(reference: str) -> bytes:
    return b"data key of " + reference.encode()

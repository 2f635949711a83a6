"""The keys that sign certificates: a private JWK set in a file of mode 0600 or in the environment, apart from the rest.

Signatures are JWS with EdDSA over Ed25519 (RFC 7515, RFC 8037), so that any JOSE library checks them offline with the
public set. Rotation adds a key and names it current; the older ones stay in the public set for what they signed.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from catalogue.store.keyring import KeyringInvalid

if TYPE_CHECKING:
    from joserfc.jwk import OKPKey
    from joserfc.jws import JWSRegistry

ALGORITHM = "EdDSA"
LONGEST_TOKEN = 4096

VALID, ALTERED, UNKNOWN_KEY = "valid", "altered", "unknown_key"


def _registry() -> JWSRegistry:
    """EdDSA by the name that libraries of today know; RFC 9864 renames it to Ed25519, which few of them read yet."""
    from joserfc._rfc8037.jws_eddsa import EdDSAAlgorithm
    from joserfc.jws import JWSRegistry

    class Quiet(EdDSAAlgorithm):
        security_warning = ""

    class Ours(JWSRegistry):
        algorithms = {ALGORITHM: Quiet()}  # noqa: RUF012 - the shape of the library's own class

    return Ours(algorithms=[ALGORITHM])


@dataclass(frozen=True)
class SigningKeys:
    """The port ``Signer``. ``current`` names the key that signs; every key verifies."""

    current: str
    keys: Mapping[str, Mapping[str, str]] = field(repr=False)
    """kid -> private JWK."""

    @classmethod
    def create(cls) -> SigningKeys:
        """One new key."""
        name, key = _new_key()
        return cls(name, {name: key})

    @classmethod
    def from_text(cls, text: str) -> SigningKeys:
        """Signing keys from their JSON text. Raises KeyringInvalid."""
        try:
            document: dict[str, Any] = msgspec.json.decode(text)
            keys = {str(key["kid"]): dict(key) for key in document["keys"]}
            ring = cls(str(document["current"]), keys)
            ring._imported  # noqa: B018 - reads every key
        except (msgspec.DecodeError, KeyError, TypeError, AttributeError, ValueError) as error:
            raise KeyringInvalid("signing keys are JSON with current and keys, each a private Ed25519 JWK") from error
        if ring.current not in ring.keys or any("d" not in key for key in ring.keys.values()):
            raise KeyringInvalid("the current signing key is not among the keys, or a key has no private part")
        return ring

    @classmethod
    def open_or_create(cls, path: str | Path) -> SigningKeys:
        """The keys of that file, made with mode 0600 where there is none. Raises KeyringInvalid."""
        file = Path(path)
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            made = cls.create()
            try:
                made._write_new(file)
                return made
            except FileExistsError:
                # Another process was faster: its keys are the keys.
                pass
        return cls.from_text(file.read_text("utf-8"))

    def rotated(self) -> SigningKeys:
        """With a new current key."""
        name, key = _new_key()
        return SigningKeys(name, {**self.keys, name: key})

    def text(self) -> str:
        """The JSON text: secret."""
        document = {"current": self.current, "keys": list(self.keys.values())}
        return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"

    def save(self, path: str | Path) -> None:
        """Put these keys in the file's place, whole or not at all."""
        file = Path(path)
        new = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
        self._write_new(new)
        new.replace(file)

    def _write_new(self, file: Path) -> None:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(self.text())
            out.flush()
            os.fsync(out.fileno())

    @cached_property
    def _imported(self) -> Mapping[str, OKPKey]:
        from joserfc.jwk import OKPKey

        return {name: OKPKey.import_key(dict(key)) for name, key in self.keys.items()}

    @cached_property
    def _rules(self) -> JWSRegistry:
        return _registry()

    def sign(self, payload: Mapping[str, Any]) -> str:
        """The payload as compact JWS by the current key."""
        from joserfc import jws

        header = {"alg": ALGORITHM, "kid": self.current}
        key = self._imported[self.current]
        return jws.serialize_compact(header, msgspec.json.encode(payload), key, registry=self._rules)

    def judge(self, token: str) -> tuple[str, Mapping[str, Any] | None]:
        """(valid, altered or unknown_key; the payload of a valid one)."""
        from joserfc import jws
        from joserfc.errors import JoseError

        if len(token) > LONGEST_TOKEN:
            return ALTERED, None
        try:
            kid = str(jws.extract_compact(token.encode("ascii")).protected.get("kid"))
            key = self._imported.get(kid)
            if key is None:
                return UNKNOWN_KEY, None
            opened = jws.deserialize_compact(token, key, registry=self._rules)
            payload = msgspec.json.decode(opened.payload)
        except (JoseError, ValueError, UnicodeError, msgspec.DecodeError):
            return ALTERED, None
        return (VALID, payload) if isinstance(payload, dict) else (ALTERED, None)

    def public(self) -> Mapping[str, Any]:
        """The JWK set that anybody verifies with, the current key first."""
        names = sorted(self.keys, key=lambda name: name != self.current)
        return {
            "keys": [
                {**{part: self.keys[name][part] for part in ("kty", "crv", "x", "kid")}, "alg": ALGORITHM, "use": "sig"}
                for name in names
            ]
        }


def _new_key() -> tuple[str, dict[str, str]]:
    from joserfc.jwk import OKPKey

    name = f"c{secrets.token_hex(4)}"
    made = OKPKey.generate_key("Ed25519").as_dict(private=True)
    return name, {**{part: str(made[part]) for part in ("kty", "crv", "x", "d")}, "kid": name}

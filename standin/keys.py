"""``python -m standin.keys TOKEN``: the settings that both sides of a demonstration need, as lines for a shell."""

from __future__ import annotations

import base64
import secrets
import sys


def main() -> int:
    """A new secret, and the token that the other side has issued."""
    secret = f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
    lines = (
        f"STANDIN_TOKEN={sys.argv[1]}",
        f"STANDIN_SECRET={secret}",
        f"CATALOGUE_WEBHOOK_PUER_SECRET={secret}",
        "CATALOGUE_WEBHOOK_ALLOW_PRIVATE=1",
    )
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

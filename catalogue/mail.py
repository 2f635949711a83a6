"""The e-mail channel: one notice by SMTP, with TLS where the server offers or the address demands it."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from catalogue.service.delivery import Refused, Unreachable
from catalogue.service.ports import Message

SECONDS = 15.0


class MailChannel:
    """Hands notices to one SMTP server: ``smtp://user:secret@host:port`` or ``smtps://…``."""

    def __init__(self, url: str, sender: str, now: Callable[[], datetime]) -> None:
        self._at = urlsplit(url)
        self._sender = sender
        self._now = now

    def __call__(self, message: Message) -> None:
        """Send once; a message to nobody is done. Raises Refused, Unreachable."""
        to = message.body.get("to")
        if to is None:
            return
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = self._sender, to, message.body["subject"]
        letter["Date"] = format_datetime(self._now())
        letter["Message-ID"] = f"<{message.id}@{self._sender.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(message.body["text"])
        try:
            with self._server() as server:
                server.send_message(letter)
        except smtplib.SMTPRecipientsRefused:
            # The error quotes the address, so it goes no further than its kind.
            raise Refused("the recipient is refused") from None
        except smtplib.SMTPResponseException as error:
            raise (Refused if error.smtp_code >= 550 else Unreachable)(f"SMTP {error.smtp_code}") from None
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable(type(error).__name__) from None

    def _server(self) -> smtplib.SMTP:
        host, port = self._at.hostname or "localhost", self._at.port
        context = ssl.create_default_context()
        if self._at.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port or 465, timeout=SECONDS, context=context)
        else:
            server = smtplib.SMTP(host, port or 25, timeout=SECONDS)
            server.ehlo_or_helo_if_needed()
            if server.has_extn("starttls"):
                server.starttls(context=context)
        if self._at.username:
            server.login(unquote(self._at.username), unquote(self._at.password or ""))
        return server

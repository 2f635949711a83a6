"""The channels that tell applicants, made from the settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from catalogue.service.delivery import Deliver
from catalogue.service.notices import EMAIL, SMS
from catalogue.service.ports import Message
from catalogue.settings import Receiver, Settings

MakeChannel = Callable[[Callable[[], datetime]], Deliver]


def notice_channels(settings: Settings) -> dict[str, MakeChannel]:
    """The channels that tell applicants, as far as they are set up, each made over the clock."""
    made: dict[str, MakeChannel] = {}
    if settings.sms_url and settings.sms_secret is not None:
        receiver = Receiver(settings.sms_url, (settings.sms_secret.get_secret_value(),))

        def sms(now: Callable[[], datetime]) -> Deliver:
            from catalogue.webhook import WebhookChannel

            channel = WebhookChannel({SMS: receiver}, allow_private=settings.webhook_allow_private, now=now)

            def deliver(message: Message) -> None:
                if message.body.get("to") is not None:
                    channel(message)

            return deliver

        made[SMS] = sms
    if settings.smtp_url is not None and settings.smtp_from:
        url, sender = settings.smtp_url.get_secret_value(), settings.smtp_from

        def mail(now: Callable[[], datetime]) -> Deliver:
            from catalogue.mail import MailChannel

            return MailChannel(url, sender, now)

        made[EMAIL] = mail
    return made

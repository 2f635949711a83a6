"""Notices 通知: a short text to the applicant when a case moves, by SMS or e-mail, where the house is set up for it.

They travel by the outbox like everything that leaves: each channel is a line of its own with its order, its back-off
and its parked messages. The outbox keeps only which event is to be told; number, address and words are put together
when the message leaves, so nothing personal stands in a row or a log, and whoever has opted out is told nothing more.
A text names the case by the end of its number, and nobody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from catalogue.domain.case import Case, Event
from catalogue.domain.dossier import dossier_of
from catalogue.domain.folding import fold
from catalogue.domain.personal_data import normal_phone
from catalogue.domain.problems import NotFound
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import label
from catalogue.service.house import House
from catalogue.service.ports import Message, Work
from catalogue.service.tracking import NEXT_STEPS

SMS, EMAIL = "sms", "email"
CHANNELS = (SMS, EMAIL)

TOLD = frozenset(
    {
        "returned_at_window", "returned_for_resubmission", "correction_requested", "accepted", "deemed_accepted",
        "acceptance_declined", "special_procedure_started", "extension_approved", "granted", "refused", "terminated",
        "certificate_made", "certificate_rectified", "posted", "annulment_proposed", "inquiry_opened", "annulled",
        "permit_withdrawn",
        "certificate_cancelled", "renewal_due", "collection_reminded",
    }
)  # fmt: skip
"""Events that the applicant is told of."""

NO_CONTACT, NOT_AGREED, OPTED_OUT = "no_contact", "not_agreed", "opted_out"
"""Why a notice was skipped (words in the vocabulary): nothing to write to by that channel, nobody has agreed to be
written to, or its owner wants none."""

_MOBILE = re.compile(r"(?:1[3-9][0-9]{9}|\+[0-9]{6,15})")
_ADDRESS = re.compile(r"[^@\s<>\"]{1,64}@[^@\s<>\"]{1,190}\.[A-Za-z]{2,24}")


def notices(house: House, case: Case, events: Sequence[Event]) -> tuple[Message, ...]:
    """What is to be told of these events, by every channel that is set up."""
    return tuple(
        Message(
            id=f"{case.reference}-{event.seq}-{channel}",
            channel=channel,
            region=channel,
            reference=case.reference,
            sequence=event.seq,
            type=f"notice.{event.type}",
            body={},
        )
        for event in events
        if event.type in TOLD
        for channel in CHANNELS
        if channel in house.notices
    )


def contact(dossier: dict[str, Any], channel: str) -> str | None:
    """The mobile number or the e-mail address, the agent's before the applicant's; None where there is none.

    An e-mail address counts where its owner has agreed to notices by it, or has asked for electronic delivery to it.
    """
    people = [who for key in ("agent", "applicant") if (who := dossier.get(key))]
    if channel == SMS:
        who = dossier.get("agent") or dossier.get("applicant") or {}
        phone = normal_phone(str(who.get("phone") or dossier.get("applicant", {}).get("phone") or ""))
        return phone if _MOBILE.fullmatch(phone) else None
    for person in people:
        own = _ADDRESS.fullmatch(str(person.get("email") or "").strip())
        if own is not None and person.get("email_notices"):
            return own.group()
    found = _ADDRESS.search(str(dossier.get("delivery", {}).get("address") or ""))
    return None if found is None else found.group()


def compose_notice(work: Work, house: House, message: Message) -> dict[str, Any]:
    """``to``, ``subject`` and ``text``; ``to`` None and why (``skipped``) where nobody is told. Raises NotFound."""
    events = [event for event in work.cases.events(message.reference, unseal=True) if event.seq <= message.sequence]
    if not events or events[-1].seq != message.sequence:
        raise NotFound
    to = contact(dossier_of(events), message.channel)
    if to is None:
        return {"to": None, "skipped": _why_nobody(events, message.channel)}
    if work.notices.opted_out(to):
        return {"to": None, "skipped": OPTED_OUT}
    case = fold(message.reference, events)
    return {"to": to, "subject": SUBJECT.zh, "text": text_of(house, case, events[-1])}


def _why_nobody(events: Sequence[Event], channel: str) -> str:
    dossier = dossier_of(events)
    given = any(dossier.get(key, {}).get("email") for key in ("agent", "applicant"))
    return NOT_AGREED if channel == EMAIL and given else NO_CONTACT


SUBJECT = Text("跨区通办办件通知", "Notice of your case")


def text_of(house: House, case: Case, event: Event) -> str:
    """The words, Chinese first: what happened, what to do, where to look; no name and no whole number."""
    what, step = label("events", event.type), NEXT_STEPS[case.state]
    where = f"{house.public_url}/status"
    tail = case.reference[-4:]
    mark = "【演示】" if house.demo else "【跨区通办】"
    return (
        f"{mark}您尾号{tail}的办件：{what.zh}。{step.zh}。凭流水号和查询码查询：{where}\n"
        f"Your case ending {tail}: {what.en}. {step.en}. {where}"
    )


def opt_out(work: Work, house: House, case: Case) -> int:
    """Write no more to the contacts of a case; answers to how many."""
    dossier = dossier_of(work.cases.events(case.reference, unseal=True))
    found = {one for channel in CHANNELS if (one := contact(dossier, channel)) is not None}
    for one in found:
        work.notices.opt_out(one, house.clock.now())
    return len(found)

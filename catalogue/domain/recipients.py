"""Recipients 领取人: who is to take the result, named in advance where it is not the applicant alone.

House rule: where recipients were named, whoever takes the result is looked up among them by name and, where one was
given, by document; somebody else, or one who takes it for the others, needs a written reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from catalogue.domain.acts.base import Draft
from catalogue.domain.case import Event
from catalogue.domain.dossier import dossier_of
from catalogue.domain.personal_data import mask_document, mask_name, normal_document, normal_name
from catalogue.domain.problems import RuleForbids
from catalogue.domain.text import Text
from catalogue.domain.value import Value


class Recipient(Value, frozen=True):
    """One who was named, with whether a result of this case was handed over to them since it was last made."""

    name: str
    document_number: str | None
    served: bool

    @property
    def masked(self) -> str:
        """What a page or a refusal shows."""
        number = "" if self.document_number is None else f"（{mask_document(self.document_number)}）"
        return f"{mask_name(self.name)}{number}"


def recipients_of(events: Iterable[Event]) -> tuple[Recipient, ...]:
    """Those who were named; none where the case was erased."""
    listed = list(events)
    named = dossier_of(listed).get("delivery", {}).get("recipients", ())
    served: set[int] = set()
    for event in listed:
        if event.type in ("certificate_made", "certificate_rectified"):
            # What is made anew is handed over anew.
            served = set()
        elif event.type == "handed_over" and event.clear.get("recipient") is not None:
            served.add(event.clear["recipient"])
    return tuple(
        Recipient(str(one["name"]), one.get("document_number"), number in served) for number, one in enumerate(named)
    )


def checked(named: tuple[Recipient, ...], body: Mapping[str, Any], draft: Draft) -> dict[str, Any]:
    """What the record of a hand-over says of the recipients that were named. Raises RuleForbids without a reason.

    ``not-a-recipient``: somebody else takes it; ``recipient-document``: the name fits and the document does not;
    ``recipients-waiting``: the case would end while others who were named have taken nothing.
    """
    if not named:
        return {}
    who, number = normal_name(body["collector"]), normal_document(body["document_number"])
    alike = [place for place, one in enumerate(named) if normal_name(one.name) == who]
    fitting = [place for place in alike if _same(named[place].document_number, number)]
    reason = bool(body.get("reason"))
    if not fitting and not reason:
        raise _not_named(named, alike=bool(alike))
    taken = fitting[:1]
    waiting = [one for place, one in enumerate(named) if not one.served and place not in taken]
    if draft.clear["state"] == "collected" and waiting and not reason:
        left = [one.masked for one in waiting]
        raise RuleForbids(
            Text(
                f"还有 {len(left)} 位领取人没有领取：{'、'.join(left)}。请勾选“还有其他人要领取”，"
                "或者写明由此人代领的原因",
                f"{len(left)} named recipients have taken nothing: {', '.join(left)}. Say that others are still to "
                "collect, or why this one takes it for them",
            ),
            extra={"rule": "recipients-waiting", "waiting": left},
        )
    return {"recipient": taken[0]} if taken else {"unnamed": True}


def _same(given: str | None, number: str) -> bool:
    return given is None or normal_document(given) == number


def _not_named(named: tuple[Recipient, ...], *, alike: bool) -> RuleForbids:
    listed = [one.masked for one in named]
    if alike:
        return RuleForbids(
            Text(
                "姓名与登记的领取人相同，证件号码不同，请再核对证件；确应由此人领取的，写明原因",
                "The name is that of a named recipient, the document is not: look at it again, or state the reason",
            ),
            extra={"rule": "recipient-document", "recipients": listed},
        )
    return RuleForbids(
        Text(
            f"此人不是申请时登记的领取人（{'、'.join(listed)}）；确应由此人领取的，写明原因",
            f"Not one of the recipients named in the application ({', '.join(listed)}): state the reason",
        ),
        extra={"rule": "not-a-recipient", "recipients": listed},
    )

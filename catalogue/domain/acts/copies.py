"""Acts on copies: print here what was decided there, report the printer, void a copy, note the voidance of an old one.

Powers do not move: a window prints a copy of what the home region has decided, for as long as that stands; a reprint
has a reason, and a blank sheet that was spoiled is entered and not used again.
"""

from __future__ import annotations

from typing import Any

from catalogue.domain import copies
from catalogue.domain.acts.base import Acts, Body, Circumstances, Draft, rule
from catalogue.domain.case import Case
from catalogue.domain.copies import Copy
from catalogue.domain.people import Actor
from catalogue.domain.problems import Fault, InvalidInput
from catalogue.domain.text import Text


def _copy(case: Case, body: Body) -> Copy:
    number = body.get("copy_no")
    wanted = f"{body['kind']}-{number if number is not None else 1}"
    found = copies.find(case, wanted)
    if found is None:
        message = Text("没有这一本，请对照证照副本登记", "No such copy: look at the register of copies")
        raise InvalidInput(errors=(Fault("copy_no", "unknown-copy", message),))
    return found


def _print_copy(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    copy = _copy(case, body)
    if copy.status == "void":
        raise rule("这一本已作废，不能打印", "This copy is void", "copy-void")
    if copy.status == "printing":
        raise rule(
            "这一本正在打印，请先登记打印结果（打好、卡纸、作废）",
            "This copy is being printed: report how that went first",
            "print-pending",
        )
    reprint = copy.status in ("printed", "delivered", "posted")
    if reprint and not body.get("reason"):
        raise rule("重新打印须写明原因", "A reprint needs its reason", "reprint-reason")
    blank = body.get("blank_no") or (None if copy.prints else copy.blank_no)
    if blank is not None and blank in case.spoiled_blanks:
        raise rule("这张空白证照已登记作废", "That blank was spoiled", "blank-spoiled")
    clear: dict[str, Any] = {"copy": copy.id, "kind": copy.kind, "copy_no": copy.copy_no, "reprint": reprint}
    if blank is not None:
        clear["blank_no"] = blank
    return (Draft("copy_printed", clear, {"reason": body["reason"]} if body.get("reason") else {}),)


def _report_print(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    copy = _copy(case, body)
    if copy.status != "printing":
        raise rule("这一本没有在打印", "This copy is not being printed", "not-printing")
    clear: dict[str, Any] = {"copy": copy.id, "outcome": body["outcome"], "seal": bool(body.get("seal"))}
    if body["outcome"] != "printed" and copy.blank_no:
        clear["spoiled_blank"] = copy.blank_no
    return (Draft("print_reported", clear, {"note": body["note"]} if body.get("note") else {}),)


def _void_copy(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    copy = _copy(case, body)
    if copy.status == "void":
        raise rule("这一本已经作废", "This copy is void already", "copy-void")
    clear: dict[str, Any] = {"copy": copy.id}
    if copy.blank_no:
        clear["blank_no"] = copy.blank_no
    return (Draft("copy_voided", clear, {"reason": body["reason"]}),)


def _record_voidance(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    old = copies.old_id(body["kind"], body.get("copy_no"))
    known = [one.id for one in copies.awaiting(case)]
    if old not in known and len(known) == 1 and body.get("copy_no") is None:
        old = known[0]
    if old not in known:
        message = Text("登记中没有这份待交回的原证照", "No old licence of that kind is awaited")
        raise InvalidInput(errors=(Fault("kind", "unknown-licence", message),))
    clear = {"old_licence": old, "published_on": body["published_on"]}
    told = {key: body[key] for key in ("medium", "notice_no", "note") if body.get(key)}
    return (Draft("voidance_recorded", clear, told),)


def _rectify(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    kept = [
        {"kind": copy.kind, "copy_no": copy.copy_no}
        for copy in case.copies
        if copy.certificate == case.certificate_id and copy.status != "void"
    ]
    made = [
        {key: copy[key] for key in ("kind", "copy_no", "blank_no") if copy.get(key)} for copy in body.get("copies", ())
    ]
    return (
        Draft(
            "certificate_rectified",
            {
                "state": "cert_ready",
                "certificate": given.certificate_id(),
                "number": body.get("number") or case.certificate_number,
                "copies": made or kept,
                "replaces": case.certificate_id,
            },
            {"reason": body["reason"]},
        ),
    )


ACTS: Acts = {
    "print-copy": _print_copy,
    "report-print": _report_print,
    "void-copy": _void_copy,
    "record-voidance": _record_voidance,
    "rectify-certificate": _rectify,
}

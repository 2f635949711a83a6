"""Track 进度查询: the public status of a case, for anybody with its number and query code.

A wrong number and a wrong code look alike. Only failures are counted, per reference and per client, on the primary
database; a subject past its limit is refused by this process until its window has passed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from catalogue.domain.case import Case
from catalogue.domain.clocks import is_stopped
from catalogue.domain.days import local_time
from catalogue.domain.internal import INTERNAL
from catalogue.domain.numbers import parse_query_code, parse_reference
from catalogue.domain.problems import NotFound, TooManyRequests
from catalogue.domain.text import Text
from catalogue.service.house import House
from catalogue.service.measuring import usual_json
from catalogue.service.ports import PublicCase, Work
from catalogue.service.views import EVENT_LABELS, STATE_LABELS

FAILURES_PER_REFERENCE = 10
FAILURES_PER_CLIENT = 40
WINDOW = timedelta(minutes=15)
NOBODY = "0000000000000000"
"""Looked up where the input cannot be a reference, so that it costs what a wrong one costs."""

NEXT_STEPS: dict[str, Text] = {
    "received": Text("窗口将转给业务属地，您无须操作", "The window forwards the papers; nothing for you to do"),
    "unroutable": Text(
        "窗口正在确定办理机关，会与您联系", "The window is finding the office that decides and will contact you"
    ),
    "returned_at_window": Text("请按退件清单补齐后重新提交", "Complete the papers as listed and submit again"),
    "forwarded": Text("等待业务属地接件，您无须操作", "The home region will receive the papers; nothing for you to do"),
    "bounced": Text("收件窗口正在重新确定办理机关", "The window is routing the papers anew"),
    "home_received": Text("业务属地正在核对材料", "The home region is checking the papers"),
    "returned": Text(
        "材料已退回，请按清单补齐后到窗口重新提交", "The papers were returned; complete them as listed and submit again"
    ),
    "correction_notice": Text(
        "请按补正告知书补齐材料，交到收件窗口", "Bring the missing papers to the window as the notice lists them"
    ),
    "not_supplied": Text("因未补正已办结，可重新申请", "Closed for want of corrections; you may apply again"),
    "not_accepted": Text(
        "不予受理，理由见通知书，可依法申请复议或诉讼", "Not accepted; see the notice for reasons and remedies"
    ),
    "accepted": Text("已受理，等待审查", "Accepted and waiting for review"),
    "under_review": Text("正在审查，您无须操作", "Under review; nothing for you to do"),
    "special": Text("正在进行特别程序，期间不计入期限", "A special procedure is under way; its time does not count"),
    "decided_grant": Text("已准予，正在制证", "Granted; the certificate is being made"),
    "decided_refuse": Text("不予决定已作出，请到窗口领取决定书", "Refused; collect the decision at the window"),
    "cert_ready": Text(
        "请带受理凭证和身份证件到窗口领取", "Collect the result at the window with your receipt and identity document"
    ),
    "posted": Text("结果已寄出，请留意查收", "The result is in the post"),
    "mail_returned": Text("邮件被退回，请与窗口联系", "The post came back; please contact the window"),
    "mail_lost": Text("邮件丢失，窗口正在处理", "The post was lost; the window is dealing with it"),
    "collected": Text("已领取，欢迎评价", "Collected; you are welcome to rate the service"),
    "closed": Text("已办结", "Closed"),
    "archived": Text("已办结并归档", "Closed and archived"),
    "withdrawn": Text("您已撤回申请", "You have withdrawn the application"),
    "terminated": Text("已终止办理，理由见通知", "Terminated; see the notice for reasons"),
}
_NEXT = {state: text.as_json() for state, text in NEXT_STEPS.items()}
_WRONG = Text("流水号或查询码不正确", "The number or the query code is not right")


def find_public(work: Work, reference: str, code: str) -> PublicCase | None:
    """The case, None where number and code do not fit together. One statement, whatever was typed."""
    number = parse_reference(reference) or NOBODY
    query_code = parse_query_code(code) or ""
    found = work.cases.public(number, query_code)
    return found if found is not None and found.code_matches else None


def check_throttle(house: House, reference: str, client: str) -> None:
    """Refuse a subject that failed too often. Raises TooManyRequests with the seconds to wait."""
    if not house.blocked:
        return
    now = house.clock.now()
    for subject in (f"reference:{parse_reference(reference) or reference[:32]}", f"client:{client}"):
        until = house.blocked.get(subject)
        if until is None:
            continue
        if until > now:
            raise TooManyRequests(extra={"retry_after": int((until - now).total_seconds()) + 1})
        house.blocked.pop(subject, None)


def record_failure(work: Work, house: House, reference: str, client: str) -> None:
    """Count a failure and block what is past its limit. The caller answers with ``wrong``."""
    now = house.clock.now()
    subjects = (
        ("reference", parse_reference(reference) or reference[:32], FAILURES_PER_REFERENCE),
        ("client", client, FAILURES_PER_CLIENT),
    )
    for kind, subject, limit in subjects:
        if not subject:
            # A link names no number.
            continue
        work.throttle.record(kind, subject, now)
        if work.throttle.failures(kind, subject, now - WINDOW) >= limit:
            _block(house, f"{kind}:{subject}", now + WINDOW)


def _block(house: House, subject: str, until: datetime) -> None:
    if len(house.blocked) > 10_000:
        house.blocked.clear()
    house.blocked[subject] = until


def wrong() -> NotFound:
    """The one answer to a wrong number and to a wrong code."""
    return NotFound(_WRONG)


def public_json(house: House, found: PublicCase) -> dict[str, Any]:
    """What the applicant sees: plain words, offices and telephones, no personal data."""
    case = found.case
    registry = house.revision(case.revision).registry
    offices = registry.offices
    matter = registry.matters[case.matter]
    timeline = [
        {
            "seq": seq,
            "type": kind,
            "label": EVENT_LABELS.get(kind),
            "at": local_time(datetime.fromisoformat(at)),
            "office": {"id": office, "name": offices[office].name.as_json()} if office in offices else None,
        }
        for seq, kind, at, office in found.events
        if kind not in INTERNAL
    ]
    return {
        "reference": case.reference,
        "state": case.state,
        "label": STATE_LABELS[case.state],
        "matter": {"id": matter.id, "name": matter.name.as_json()},
        "received_on": case.received_on.isoformat(),
        "accepting": _office(house, case, case.accepting_office),
        "home": _office(house, case, case.home_office),
        "holder": _holder(house, case),
        "expected": {
            "promised_by": case.promised_by.isoformat() if case.promised_by else None,
            "statutory_by": case.statutory_by.isoformat() if case.statutory_by else None,
            "provisional": case.provisional,
            "stopped": is_stopped(case),
        },
        "usual": usual_json(house, case),
        "hotlines": hotlines_json(house, case),
        "timeline": timeline,
        "next_step": _next_step(case),
        "certificate": case.certificate_id,
        "resubmitted_as": case.resubmitted_as,
    }


def _next_step(case: Case) -> dict[str, str]:
    step, days = _NEXT[case.state], case.correction_days
    if case.state != "correction_notice" or days is None:
        return step
    return {
        "zh": f"{step['zh']}（自收到告知书起 {days} 个工作日内）",
        "en": f"{step['en']}, within {days} working days of receiving it",
    }


def hotlines_json(house: House, case: Case) -> dict[str, str | None]:
    """Whom to ask and where to complain: the numbers of the city that decides, else of the one that received."""
    regions = house.revision(case.revision).registry.regions
    found = regions[case.home_region or case.accepting_region].hotlines
    return {
        "consultation": found.consultation,
        "complaints": found.complaints,
        "supervision": found.supervision,
    }


def _office(house: House, case: Case, office_id: str | None) -> dict[str, Any] | None:
    if office_id is None:
        return None
    office = house.revision(case.revision).registry.offices.get(office_id)
    if office is None:
        return None
    return {"id": office.id, "region": office.region, "name": office.name.as_json(), "phone": office.phone}


def _holder(house: House, case: Case) -> dict[str, Any] | None:
    """Who has the case now; on the way back the window where it is collected, nobody when it has ended."""
    if case.account == "none":
        return None
    at_window = case.account in ("accepting", "applicant", "way_back")
    office_id = case.home_office
    if at_window:
        office_id = (
            case.delivery_office if case.account == "way_back" and case.delivery_office else case.accepting_office
        )
    office = _office(house, case, office_id)
    if office is None:
        return None
    return {
        "account": case.account,
        "region": office["region"],
        "office": {"id": office["id"], "name": office["name"]},
        "phone": office["phone"],
    }

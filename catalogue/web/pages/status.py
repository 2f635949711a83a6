"""The public status page. The query code comes by form, a QR link's token by cookie; neither stands in an address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catalogue.domain.case import Case
from catalogue.domain.clocks import is_overdue, is_stopped
from catalogue.domain.days import local_day
from catalogue.domain.documents import Document
from catalogue.domain.measures import MINIMUM
from catalogue.domain.numbers import parse_status_token
from catalogue.domain.problems import NotFound, Problem
from catalogue.domain.registry.model import Registry
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import WORDS
from catalogue.service.documents import served_documents
from catalogue.service.links import PARAMETER
from catalogue.service.measuring import usual_json
from catalogue.service.ports import PublicCase, Rating, Work
from catalogue.service.rating import rating_state
from catalogue.service.tracking import hotlines_json
from catalogue.web.access import PUBLIC, form_of
from catalogue.web.answer import Answer, Header, cookie, see_other
from catalogue.web.api.public import linked_case, public_case
from catalogue.web.body import AnyRequest
from catalogue.web.edge import edge_of
from catalogue.web.endpoint import page
from catalogue.web.headers import cookies, query
from catalogue.web.language import known as known_tongue
from catalogue.web.pages.line import Journey, journey, line_svg, told
from catalogue.web.pages.progress import DECIDED, ENDED, holder_of, progress_of
from catalogue.web.pages.reckoning import Reckoning, reckon
from catalogue.web.pages.render import Words, caller, language_of, page_answer

LINK_COOKIE = "status-link"
LINK_SECONDS = 1800
ANOTHER = "another"
_DEAD = Text("这个二维码打不开办件，请改用流水号和查询码", "This QR code opens no case: use number and query code")

NATIONAL = "national"
"""The calendar that names the nation's holidays."""


@page("GET", "/status", PUBLIC)
async def status_page(request: AnyRequest) -> Answer:
    """The form, or the case of a QR link just followed.

    A number in the address fills the form in; a code or a token in the address is dropped from it.
    """
    await caller(request)
    parameters = query(request.scope)
    if PARAMETER in parameters:
        return _followed(request, parameters[PARAMETER])
    reference = "".join(c for c in parameters.get("reference", "")[:40] if c.isalnum() or c in " -")
    if "code" in parameters:
        plain = "".join(c for c in reference if c.isascii() and c.isdigit())
        return see_other(f"/status?reference={plain}")
    token = cookies(request.scope).get(LINK_COOKIE)
    if token is None:
        return page_answer(request, "status.html", reference=reference, problem=None, again=None)
    if reference or ANOTHER in parameters:
        return page_answer(
            request, "status.html", 200, (_link_cookie(request, None),), reference=reference, problem=None, again=None
        )
    try:
        found = await linked_case(edge_of(request), token, edge_of(request).addresses.client(request.scope))
    except Problem as problem:
        return _refused(request, "", problem)
    return _refused(request, "", NotFound(_DEAD)) if found is None else await status_answer(request, found, None)


def _followed(request: AnyRequest, token: str) -> Answer:
    """A QR link: on to the address without its token, which the cookie holds for half an hour."""
    known = parse_status_token(token)
    tongue = known_tongue(query(request.scope).get("lang"))
    return see_other("/status" if tongue is None else f"/status?lang={tongue}", (_link_cookie(request, known or "-"),))


def _link_cookie(request: AnyRequest, token: str | None) -> Header:
    return cookie(
        LINK_COOKIE, token or "", secure=edge_of(request).parts.secure_cookies, http_only=True,
        max_age=0 if token is None else LINK_SECONDS, path="/status",
    )  # fmt: skip


def _refused(request: AnyRequest, reference: str, problem: Problem) -> Answer:
    """The form again with what was wrong."""
    wait = problem.extra.get("retry_after")
    headers = [_link_cookie(request, None)] if LINK_COOKIE in cookies(request.scope) else []
    if wait is not None:
        headers.append((b"retry-after", str(wait).encode()))
    again = None if wait is None else -(-int(wait) // 60)
    return page_answer(
        request, "status.html", problem.status, headers, reference=reference, problem=problem, again=again
    )


@page("POST", "/status", PUBLIC)
async def status_form(request: AnyRequest) -> Answer:
    """The status of a case, or the form again with what was wrong."""
    await caller(request)
    edge = edge_of(request)
    form = await form_of(request)
    reference = (form.get("reference") or [""])[0][:64]
    code = (form.get("code") or [""])[0][:64]
    try:
        found = await public_case(edge, reference, code, edge.addresses.client(request.scope))
    except Problem as problem:
        if problem.status >= 500:
            raise
        return _refused(request, reference, problem)
    return await status_answer(request, found, code)


async def status_answer(
    request: AnyRequest,
    found: PublicCase,
    code: str | None,
    rated_problem: Problem | None = None,
    *,
    silenced: bool = False,
) -> Answer:
    """The page of a case; ``code`` None where a QR link has opened it."""
    edge = edge_of(request)
    house = edge.house

    def look(work: Work) -> tuple[tuple[Document, ...], Sequence[Rating]]:
        return served_documents(work, house, found)[0], work.ratings.of_case(found.case.reference)

    documents, rated = await edge.read(look)
    case = found.case
    revision = house.revision(case.revision)
    registry = revision.registry
    tongue = language_of(request)
    words = Words(tongue)
    trip = trip_of(registry, case)
    sentence = told(registry, trip, tongue)
    if case.state == "correction_notice":
        sentence += words("现在等您补正。", " It waits for papers from you.")
    today = local_day(house.clock.now())
    calendar = revision.calendars.get(case.calendar or "")
    over = case.state in ENDED and case.decided_on is None
    reckoned = None if over else reckon(case, calendar, revision.calendars.get(NATIONAL), found.events, today)
    return page_answer(
        request,
        "case_status.html",
        case=case,
        code=code,
        documents=documents,
        rating=rating_state(rated, case),
        rated=rated,
        rated_problem=rated_problem,
        notices=bool(house.notices),
        silenced=silenced,
        levels=WORDS["satisfaction"],
        reasons=WORDS["rating_reasons"],
        matter=registry.matters[case.matter],
        headers=() if code is None else [_link_cookie(request, None)] if LINK_COOKIE in cookies(request.scope) else (),
        progress=progress_of(registry, found),
        expected=expected_of(case, words, overdue=is_overdue(case, today)),
        holder=holder_of(registry, case),
        picture=line_svg(registry, trip, tongue, "status", sentence),
        told=sentence,
        reckoned=reckoned,
        counted=counted(case, reckoned, words),
        usual=usual_told(registry, usual_json(house, case), words),
        hotlines=hotlines_json(house, case),
    )


def trip_of(registry: Registry, case: Case) -> Journey:
    """The journey of a case as anybody may see it."""
    return journey(
        case.state,
        case.accepting_region,
        case.home_region,
        stopped=is_stopped(case),
        accepting_place=_county(registry, case.accepting_office),
        home_place=_county(registry, case.home_office),
    )


def _county(registry: Registry, office_id: str | None) -> Text | None:
    return division_name(registry, {"id": office_id} if office_id else None)


def division_name(registry: Registry, office: dict[str, Any] | None) -> Text | None:
    """The county an office stands for; None where it stands for its whole city."""
    known = registry.offices.get(office["id"]) if office else None
    if known is None or known.division not in registry.divisions:
        return None
    return registry.divisions[known.division][0].name


def expected_of(case: Case, t: Words, *, overdue: bool) -> dict[str, Any]:
    """The box of the expected day: a label, the day or a word, a sentence, and the colour of the clock."""
    label, day, note, clock = t("预计办结", "Expected"), case.promised_by or case.statutory_by, "", ""
    stopped = is_stopped(case)
    if case.state in ENDED:
        return {"label": t("办结", "Finished"), "day": None, "note": "", "clock": "", "ended": True}
    if case.state in DECIDED:
        label, day = t("作出决定", "Decided"), case.decided_on
        if case.deliver_by:
            note = t(f"结果最迟 {t.day(case.deliver_by)} 送达。", f"The result by {t.day(case.deliver_by)}.")
    elif case.state == "correction_notice":
        day, note = None, t("补齐后重新计算。", "Counted anew once the papers are complete.")
    elif day is None and case.notice_by is not None:
        label, day = t("最迟告知是否受理", "Told at the latest whether it is accepted"), case.notice_by
        note = t(
            "决定的期限从受理之日起算。逾期不告知的，视为受理。",
            "The time to decide runs from acceptance. If nothing is said by then, it counts as accepted.",
        )
    elif day is None:
        note = t("期限还没有开始计算，或清单未载明。", "No limit runs yet, or the registry knows none.")
    elif overdue:
        clock = "red"
        note = t(
            "已超过法律规定的日期，可向办理机关询问原因。",
            "The day set by law has passed; ask the office for the reason.",
        )
    elif stopped:
        note = t("现在计时已停，日期会顺延。", "The clock is stopped now; this day will move.")
    elif case.promised_by and case.statutory_by and case.promised_by != case.statutory_by:
        note = t(f"法律规定最迟 {t.day(case.statutory_by)}。", f"By law at the latest {t.day(case.statutory_by)}.")
    elif case.promised_by is None:
        note = t(
            "法律规定的最后日期；没有查到公布的承诺期限。",
            "The last day the law allows; no promised limit was found published.",
        )
    return {"label": label, "day": day, "note": note, "clock": clock, "ended": False}


def counted(case: Case, reckoned: Reckoning | None, t: Words) -> list[str]:
    """How the day was reckoned, in sentences."""
    if reckoned is None:
        if case.state in ENDED:
            return [t("本件已结束，期限不再计算。", "The case has ended; no limit runs.")]
        return [t("现在没有在计算的期限。", "No limit is running now.")]
    filed = reckoned.kind == "notice" or case.procedure == "registration"
    start = t("收件", "receipt") if filed else t("受理", "acceptance")
    said = [
        t(
            f"{start}当天不算，从下一个工作日起数，周末和节假日不算，共 {reckoned.total} 个工作日。",
            f"The day of {start} does not count, nor do weekends and holidays: {reckoned.total} working days.",
        ),
        t(f"按{reckoned.calendar.zh}的工作日历。", f"Calendar: {reckoned.calendar.en}."),
    ]
    if reckoned.stopped:
        said.append(
            t(
                f"其中停止计时 {reckoned.stopped} 个工作日，已顺延。",
                f"The clock stood still for {reckoned.stopped} days.",
            )
        )
    if case.extension == "granted":
        said.append(t("经批准延长过一次。", "Extended once, with approval."))
    elif reckoned.kind == "decision" and case.limits.extension_days and case.decided_on is None:
        said.append(
            t(
                f"必要时经负责人批准可再延 {case.limits.extension_days} 个工作日，并书面告知您。",
                f"The head of the office may add {case.limits.extension_days} working days, telling you in writing.",
            )
        )
    if case.provisional:
        said.append(
            t(
                "其中有的日子放假安排尚未公布，日期为暂定。",
                "For some of these days the holidays are not published yet: the date is provisional.",
            )
        )
    return said


def usual_told(registry: Registry, usual: dict[str, Any] | None, t: Words) -> str:
    """How long such cases have really taken, in a sentence that says what was counted."""
    if usual is None:
        return t(
            f"最近一年同类件办结不足 {MINIMUM} 件，不作统计。",
            f"Fewer than {MINIMUM} such cases were decided within a year: no figure is given.",
        )
    zh, en = "四地合计", "all four cities"
    if usual["region"]:
        name = registry.regions[usual["region"]].name
        zh, en = name.zh, name.en
    most, half, cases = usual["p90_days"], usual["half_within_days"], usual["cases"]
    return t(
        f"最近一年同类件：九成在收件后 {most} 个工作日内作出决定，一半在 {half} 个工作日内（{zh}，{cases} 件）。",
        f"Of such cases within a year nine in ten were decided within {most} working days of receipt, half within "
        f"{half} ({en}, {cases} cases).",
    )


ROUTES = (status_page, status_form)

"""What the public status says in words: where a case is, what comes next, what the applicant has to do.

No personal data: what a notice says in detail stands in the notice.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from catalogue.domain.case import Case
from catalogue.domain.clocks import is_stopped
from catalogue.domain.days import CHINA, local_day
from catalogue.domain.internal import INTERNAL
from catalogue.domain.registry.model import Matter, Office, Registry
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.domain.vocabulary import label
from catalogue.service.ports import PublicCase
from catalogue.web.pages.line import place_name

ENDED = frozenset(
    {
        "returned_at_window", "returned", "not_supplied", "not_accepted", "withdrawn", "terminated", "collected",
        "closed", "archived",
    }
)  # fmt: skip
DECIDED = frozenset({"decided_grant", "decided_refuse", "cert_ready", "posted", "mail_returned", "mail_lost"})


class Stop(Value, frozen=True):
    """One stop of the upright rail. ``kind``: next, now, past."""

    kind: str
    title: Text
    at: datetime | None = None
    since: bool = False
    by: date | None = None
    office: Text | None = None
    more: Text | None = None


class Progress(Value, frozen=True):
    """A case in words."""

    heading: Text
    told: Text | None
    """A sentence beneath the heading where the heading alone leaves a question."""
    todo: Text
    yours: bool
    """The applicant has to act; otherwise there is nothing to do but wait."""
    rail: tuple[Stop, ...]
    ended_on: date | None


def progress_of(registry: Registry, found: PublicCase) -> Progress:
    """The case in words, by the registry it pins."""
    case = found.case
    here, there = _place(registry, case.accepting_office), _place(registry, case.home_office)
    matter = registry.matters[case.matter]
    said = _Said(registry, case, matter, here, there)
    events = [event for event in found.events if event[1] not in INTERNAL]
    return Progress(
        said.heading(),
        said.told(),
        *said.todo(),
        _rail(said, events),
        local_day(datetime.fromisoformat(events[-1][2])) if case.state in ENDED and events else None,
    )


def _place(registry: Registry, office_id: str | None) -> Text:
    office = registry.offices.get(office_id or "")
    return Text("业务属地", "the home region") if office is None else place_name(registry, office)


class _Said:
    """The words for one case."""

    def __init__(self, registry: Registry, case: Case, matter: Matter, here: Text, there: Text) -> None:
        self.registry, self.case, self.matter, self.here, self.there = registry, case, matter, here, there
        self.by_post = case.delivery_method == "post"
        at = registry.offices.get(case.delivery_office or case.accepting_office)
        self.pickup = here if at is None else place_name(registry, at)
        self.pickup_office = at

    def heading(self) -> Text:
        """Where it is, in one line."""
        here, there, pickup = self.here, self.there, self.pickup
        special = label("special_procedures", self.case.special.kind) if self.case.special else Text("", "")
        headings = {
            "received": Text(
                f"{here.zh}窗口已收件，待送往{there.zh}", f"Received in {here.en}, to be sent to {there.en}"
            ),
            "unroutable": Text("已收件，正在确定办理机关", "Received; the office that decides is being found"),
            "returned_at_window": Text("窗口已退件，没有送出", "Returned at the window; nothing was sent on"),
            "forwarded": Text(f"正送往{there.zh}，等待接件", f"On its way to {there.en}"),
            "bounced": Text(f"{here.zh}窗口正在重新确定办理机关", f"Being routed anew in {here.en}"),
            "home_received": Text(f"已到{there.zh}，正在核对材料", f"In {there.en}; the papers are being checked"),
            "returned": Text("材料已退回，请补齐后重新提交", "Papers returned; complete them and submit again"),
            "correction_notice": Text("等您补正材料", "Waiting for papers from you"),
            "not_supplied": Text("没有收到补正材料，本件已办结", "Closed: the missing papers did not come"),
            "not_accepted": Text("不予受理", "Not accepted"),
            "accepted": Text(f"{there.zh}已受理，等待审查", f"Accepted in {there.en}; examination to come"),
            "under_review": Text(f"正在{there.zh}审查，等待决定", f"Being examined in {there.en}; decision to come"),
            "special": Text(f"正在进行{special.zh}", f"{special.en} under way in {there.en}"),
            "decided_grant": Text(self._granted().zh, self._granted().en),
            "decided_refuse": Text("已作出不予决定", "Decided: refused"),
            "cert_ready": (
                Text("已办好，即将寄出", "Done; about to be posted")
                if self.by_post
                else Text(f"已办好，请到{pickup.zh}窗口领取", f"Ready to collect in {pickup.en}")
            ),
            "posted": Text("结果已寄出", "The result is in the post"),
            "mail_returned": Text("邮件被退回", "The post came back"),
            "mail_lost": Text("邮件丢失，窗口正在处理", "The post was lost; the window is dealing with it"),
            "collected": Text("结果已领取", "Result collected"),
            "closed": Text("已办结", "Closed"),
            "archived": Text("已办结", "Closed"),
            "withdrawn": Text("申请已撤回", "Application withdrawn"),
            "terminated": Text("已终止办理", "Terminated"),
        }
        return headings.get(self.case.state) or label("states", self.case.state)

    def _granted(self) -> Text:
        if self.matter.certificates:
            return Text("已准予，正在制作证照", "Granted; the certificate is being made")
        return Text("已准予，正在制作文书", "Granted; the document is being made")

    def told(self) -> Text | None:
        """Why it stands where it stands."""
        case = self.case
        if is_stopped(case):
            return Text(
                "这段时间依法不计入办理期限，结束后接着计算。",
                "By law this time does not count; the clock goes on when it ends.",
            )
        return {
            "correction_notice": Text("补正期间不计入办理期限。", "Until they come, no time counts."),
            "forwarded": Text("收件还不是受理或准予。", "Receipt is neither acceptance nor approval."),
            "received": Text("收件还不是受理或准予。", "Receipt is neither acceptance nor approval."),
            "bounced": Text(
                f"{self.there.zh}认为不归其办理，您不用重新申请。",
                f"{self.there.en} found itself not competent; you need not apply again.",
            ),
            "returned": Text(
                "本件已结束；重新提交会有新的流水号。",
                "This case has ended; submitting again opens one with a new number.",
            ),
            "returned_at_window": Text(
                "本件已结束；重新提交会有新的流水号。", "This case has ended; submitting again opens a new one."
            ),
            "not_supplied": Text("您可以重新申请。", "You may apply again."),
        }.get(case.state)

    def todo(self) -> tuple[Text, bool]:
        """What the applicant has to do, and whether it is anything at all."""
        case, here, pickup = self.case, self.here, self.pickup
        bring = Text(
            f"请带收件回执和身份证件，到{pickup.zh}窗口领取。",
            f"Bring the receipt and your identity document to the window in {pickup.en}.",
        )
        waiting = Text(f"办好后，{bring.zh[1:]}", f"When it is done: {bring.en[0].lower()}{bring.en[1:]}")
        if self.by_post:
            waiting = Text("办好后会寄到您登记的地址。", "When it is done, it is posted to the address you gave.")
        days = case.correction_days
        within = Text(
            f"自收到补正告知书起 {days} 个工作日内，" if days else "",
            f" within {days} working days of receiving it" if days else "",
        )
        acts = {
            "correction_notice": Text(
                f"{within.zh}按告知书（见本页“文书”）列出的内容，把缺的材料交到{here.zh}窗口。补齐后继续办理。",
                f"Bring what the notice lists (see “Documents” on this page) to the window in {here.en}{within.en}. "
                "Then the case goes on.",
            ),
            "returned": Text(
                "按告知书列出的内容补齐材料，再到任何一个窗口重新提交。原来交过的材料不用再交。",
                "Complete what the notice lists and submit again at any window. "
                "What you handed in need not be brought again.",
            ),
            "returned_at_window": Text(
                "按退件清单补齐后，再到窗口提交。", "Complete what the list names and come to a window again."
            ),
            "not_supplied": Text(
                "需要办理的，请备齐材料重新申请。", "If you still need it, apply again with complete papers."
            ),
            "not_accepted": Text(
                "理由和应向哪个机关申请写在不予受理通知书上。不服的，可以按通知书写明的期限申请行政复议或者提起行政诉讼。",
                "The notice gives the reasons and the authority to turn to. You may ask for administrative "
                "reconsideration or go to court within the time the notice states.",
            ),
            "decided_refuse": Text(
                f"请到{pickup.zh}窗口领取决定书。理由写在决定书上；不服的，可以按决定书写明的期限申请行政复议或者提起行政诉讼。",
                f"Collect the decision at the window in {pickup.en}. It gives the reasons; you may ask for "
                "administrative reconsideration or go to court within the time it states.",
            ),
            "mail_returned": Text(
                f"请与{here.zh}窗口联系，核对地址。", f"Contact the window in {here.en} about the address."
            ),
            "terminated": Text("理由写在终止通知上。", "The notice gives the reasons."),
            "withdrawn": Text("需要再办的，请重新申请。", "If you need it again, apply anew."),
        }
        if case.state in acts:
            return acts[case.state], case.state not in ("terminated", "withdrawn")
        if case.state == "cert_ready":
            return (waiting, False) if self.by_post else (bring, True)
        if case.state == "posted":
            return Text("请留意查收。", "Look out for the post."), False
        if case.state in ("collected", "closed", "archived"):
            return Text("本件已经办完。", "The case is finished."), False
        if case.state == "mail_lost":
            return Text("窗口会与您联系。", "The window will contact you."), False
        return Text(f"不用做什么。{waiting.zh}", f"Nothing now. {waiting.en}"), False

    def now(self, events: list[tuple[int, str, str, str]]) -> Text:
        """What happens at the stop where the case is."""
        reviewed = bool(events) and events[-1][1] == "reviewed"
        stops = {
            "received": Text("等待送出", "Waiting to be sent"),
            "unroutable": Text("正在确定办理机关", "The office is being found"),
            "bounced": Text("正在重新确定办理机关", "The office is being found anew"),
            "forwarded": Text("在途，等待接件", "On the way"),
            "home_received": Text("正在核对材料", "Papers being checked"),
            "correction_notice": Text("等您补正", "Waiting for you"),
            "accepted": Text("等待审查", "Waiting to be examined"),
            "under_review": Text("等待决定", "Waiting for the decision")
            if reviewed
            else Text("正在审查", "Being examined"),
            "decided_grant": Text("正在制作", "Being made"),
            "decided_refuse": Text("等您领取决定书", "Decision ready to collect"),
            "cert_ready": Text("等待寄出", "To be posted") if self.by_post else Text("等您领取", "Ready to collect"),
            "posted": Text("寄送中", "In the post"),
        }
        if self.case.special is not None:
            special = label("special_procedures", self.case.special.kind)
            halted = self.case.special.stops
            return Text(
                f"{special.zh}{'，计时已停' if halted else ''}", f"{special.en}{', clock stopped' if halted else ''}"
            )
        return stops.get(self.case.state) or label("states", self.case.state)

    def past(self, kind: str, items: int) -> tuple[Text, Text | None]:
        """What an event was, in plain words, with a remark."""
        here, there = self.here, self.there
        titles = {
            "received": Text(f"{here.zh}窗口已收件", f"Received at the window in {here.en}"),
            "forwarded": Text("已送往业务属地", "Sent to the home region"),
            "received_at_home": Text(f"{there.zh}已接件", f"Arrived in {there.en}"),
            "accepted": Text("已受理", "Accepted"),
            "deemed_accepted": Text("视为受理", "Deemed accepted"),
            "reviewed": Text("审查完毕", "Examined"),
            "granted": Text("准予", "Granted"),
            "refused": Text("不予", "Refused"),
            "certificate_made": Text("已制作完成", "Made ready"),
            "handed_over": Text("已领取", "Collected"),
            "bounced": Text(f"{there.zh}退回转办", f"Sent back by {there.en}"),
            "correction_supplied": Text("补正材料已收到", "Missing papers received"),
        }
        more = {
            "received": Text(f"收到 {items} 项材料。", f"{items} papers received.") if items else None,
            "deemed_accepted": Text(
                "机关没有在法定期限内告知补正，依法自收到材料之日起视为受理。",
                "No notice came in time: by law the application counts as accepted from the day of receipt.",
            ),
        }
        return titles.get(kind) or label("events", kind), more.get(kind)


def _rail(said: _Said, events: list[tuple[int, str, str, str]]) -> tuple[Stop, ...]:
    """The stops, the farthest ahead first."""
    case, offices = said.case, said.registry.offices
    past = []
    for _, kind, at, office_id in reversed(events):
        title, more = said.past(kind, len(case.materials))
        office = offices.get(office_id)
        moment = datetime.fromisoformat(at).astimezone(CHINA)
        past.append(Stop("past", title, at=moment, office=office.name if office else None, more=more))
    if case.state in ENDED:
        return tuple(past)
    now = Stop("now", said.now(events), at=past[0].at if past else None, since=True, office=_holder(said))
    return (*reversed(_ahead(said)), now, *past)


def _holder(said: _Said) -> Text | None:
    case = said.case
    at_window = case.account in ("accepting", "way_back")
    office: Office | None = said.registry.offices.get(
        (case.delivery_office or case.accepting_office) if at_window else case.home_office or ""
    )
    return None if office is None or case.account == "applicant" else office.name


def _ahead(said: _Said) -> list[Stop]:
    """What is still to come, in order."""
    case, there = said.case, said.there
    stops: list[Stop] = []
    state = case.state
    if state in ("received", "unroutable", "bounced"):
        stops.append(
            Stop(
                "next",
                Text(f"送往{there.zh}", f"Sent to {there.en}")
                if case.home_office
                else Text("确定办理机关", "Office found"),
            )
        )
    if state in ("received", "unroutable", "bounced", "forwarded"):
        stops.append(Stop("next", Text(f"{there.zh}接件、核对材料", f"Arrival in {there.en}, papers checked")))
    if state == "correction_notice":
        stops.append(Stop("next", Text("您补正材料", "You bring what is missing")))
    if case.accepted_on is None and state not in DECIDED:
        stops.append(Stop("next", Text("受理", "Acceptance"), by=case.notice_by))
    if state not in DECIDED:
        stops.append(Stop("next", Text("作出决定", "Decision"), by=case.statutory_by))
    if state not in ("cert_ready", "posted", "mail_returned", "mail_lost", "decided_refuse"):
        stops.append(Stop("next", _result_made(said.matter), by=case.deliver_by))
    if state == "posted" or (said.by_post and state != "decided_refuse"):
        stops.append(Stop("next", Text("寄到您手中", "Delivered to you")))
    else:
        office = said.pickup_office.name if said.pickup_office else None
        stops.append(Stop("next", Text(f"在{said.pickup.zh}领取", f"Collected in {said.pickup.en}"), office=office))
    return stops


def _result_made(matter: Matter) -> Text:
    names = matter.certificates or matter.results
    if not names:
        return Text("制作结果文书", "Result made")
    return Text(f"制作{names[0].document.zh}", f"{names[0].document.en} made")


def holder_of(registry: Registry, case: Case) -> dict[str, Any]:
    """Who has the case: the office with its region; the window to go to while it waits for the applicant."""
    at_window = case.account in ("accepting", "applicant", "way_back")
    chosen = case.home_office
    if at_window:
        chosen = case.delivery_office if case.account == "way_back" and case.delivery_office else case.accepting_office
    office = registry.offices.get(chosen or "") if case.account != "none" else None
    return {
        "office": office,
        "region": registry.regions[office.region] if office else None,
        "account": case.account,
        "waits": case.account == "applicant",
    }

"""What the home region's authority writes: acceptance, corrections, procedures, decisions.

Each says its legal basis, its reasons and its remedies. Terms of review and litigation stand in the laws named; they
are not repeated here as numbers.
"""

from __future__ import annotations

from typing import Any

from catalogue.domain.documents import documents_of
from catalogue.domain.vocabulary import label
from catalogue.service.documents.sheet import (
    Block,
    Ground,
    address,
    day,
    facts,
    follow,
    heading,
    listed,
    note,
    organ,
    sheet_of,
    sign,
    supervision,
    text,
    who,
)

PERMIT_LAW = "《中华人民共和国行政许可法》"
REGISTRATION = "《中华人民共和国市场主体登记管理条例》"
REGISTRATION_RULES = "《中华人民共和国市场主体登记管理条例实施细则》"
REMEDIES = (
    "不服本决定的，可以依法申请行政复议，或者依法向人民法院提起行政诉讼；期限分别依照"
    "《中华人民共和国行政复议法》《中华人民共和国行政诉讼法》的规定，自收到本文书之日起计算。"
)
NOT_COUNTED = "听证、招标、拍卖、检验、检测、检疫、鉴定和专家评审所需时间不计入（第四十五条）"


def _notice(ground: Ground, *blocks: Block | None, title: str | None = None, english: str | None = None) -> Block:
    """Title, who it is about, the words, organ and date, QR code, place for the receiver's signature."""
    named = ground.document.title
    return sheet_of(
        ground,
        title or named.zh,
        english or named.en,
        [
            facts(*who(ground)),
            address(ground.applicant),
            *blocks,
            organ(ground.office.name.zh, ground.on),
            *follow(ground),
            sign(f"承办人：{ground.officer}", "受送达人签收：　　　　　　　年　　月　　日"),
        ],
    )


def acceptance(ground: Ground) -> Block:
    """受理通知书 (XKF §32(5), last paragraph; DJTL §19)."""
    case, clear = ground.case, ground.event.clear
    since = day(clear["accepted_on"])
    if ground.event.type == "deemed_accepted":
        basis = (
            f"依据{PERMIT_LAW}第三十二条第一款第（四）项，逾期未一次性告知补正的，"
            f"自收到申请材料之日（{since}）起即为受理。"
        )
    elif case.procedure == "registration":
        basis = f"申请材料齐全、符合法定形式，依据{REGISTRATION}第十九条，现予受理。"
    else:
        basis = f"申请材料齐全、符合法定形式，依据{PERMIT_LAW}第三十二条第一款第（五）项，决定予以受理。"
    delegated = "（由收件窗口受授权代为受理）" if clear.get("delegated") else ""
    limits = case.limits
    statutory = f"{limits.statutory_days} 个工作日，至{day(case.statutory_by)}" if case.statutory_by else "清单未载明"
    promised = f"{limits.promised_days} 个工作日，至{day(case.promised_by)}" if case.promised_by else "未公布"
    charged = {True: "收费", False: "不收费", None: "清单未载明"}[ground.matter.fee.charged]
    counted = (
        "登记期限不因补正中止"
        if case.procedure == "registration"
        else NOT_COUNTED
        if case.procedure == "permit"
        else "–"
    )
    return _notice(
        ground,
        text(f"您（单位）于{day(case.received_on)}提交的{ground.matter.name.zh}申请，{basis}{delegated}"),
        facts(
            [("受理日期", since), ("收件日期", day(case.received_on))],
            [("法定期限", statutory), ("承诺期限", promised)],
            [("不计入期限", counted)],
            [("是否收费", charged), ("结果送达", _delivery(ground))],
            [supervision(ground)],
        ),
        note(
            "期限按本机关所在地工作日历计算，受理当日不计。"
            + ("部分日期放假安排未公布，为暂定。" if case.provisional else "")
        ),
    )


def _delivery(ground: Ground) -> str:
    case = ground.case
    if case.delivery_method == "window":
        return f"{ground.office_named(case.delivery_office or case.accepting_office)}窗口领取"
    return label("delivery_methods", case.delivery_method).zh


def _items(ground: Ground) -> list[str]:
    """One opinion for each paper, with its name."""
    names = {paper.id: paper.name.zh for paper in ground.matter.materials}
    if ground.case.home_region:
        overlay = ground.registry.overlay(ground.case.home_region, ground.case.matter)
        names |= {paper.id: paper.name.zh for paper in overlay.extra_materials}
    said = []
    for item in ground.event.sealed.get("items", ()):
        name = names.get(item.get("material") or "", "")
        said.append(f"{name}：{item['text']}" if name else str(item["text"]))
    return said or ["（内容已依法删除）"]


def correction_notice(ground: Ground) -> Block:
    """补正告知书 (XKF §32(4)): once, and the whole list."""
    days = ground.event.clear.get("days")
    limit = f"请于收到本告知书之日起 {days} 个工作日内补正。" if days else "请尽快补正。"
    return _notice(
        ground,
        text(
            f"您（单位）于{day(ground.case.received_on)}提交的{ground.matter.name.zh}申请，材料不齐全或者不符合法定形式。"
            f"依据{PERMIT_LAW}第三十二条第一款第（四）项，现一次性告知需要补正的全部内容："
        ),
        listed(_items(ground)),
        text(f"{limit}补正材料可以交到收件窗口或您选择的领取窗口；补正齐全后受理，期限自受理之日起算。"),
        facts([supervision(ground)]),
        note("本告知只作一次；此后不得再以同一申请的其他材料为由要求补正。"),
    )


def return_notice(ground: Ground) -> Block:
    """退回并一次性告知 (DJTL §19; DJXZ §18): a registration is returned, not paused."""
    return _notice(
        ground,
        text(
            f"您（单位）于{day(ground.case.received_on)}提交的{ground.matter.name.zh}申请，材料不齐全或者不符合法定形式。"
            f"依据{REGISTRATION}第十九条、{REGISTRATION_RULES}第十八条，现将材料退回，并一次性告知需要补正的全部内容："
        ),
        listed(_items(ground)),
        text("补正后可以重新提交，原有内容和材料可以沿用；登记期限自重新提交之日起算。"),
        facts([supervision(ground)]),
    )


def non_acceptance(ground: Ground) -> Block:
    """不予受理通知书 (XKF §32(1)(2)): reason, basis, whom to turn to, remedies."""
    body = ground.event.sealed
    rows: list[list[tuple[str, str]]] = [[("理由", str(body.get("reason", "")))]]
    rows.append([("依据", str(body.get("basis") or f"{PERMIT_LAW}第三十二条第一款第（一）（二）项"))])
    rows.append([("请向何机关申请", str(body.get("authority") or "–"))])
    return _notice(
        ground,
        text(f"您（单位）于{day(ground.case.received_on)}提交的{ground.matter.name.zh}申请，经审查，决定不予受理。"),
        facts(*rows),
        text(REMEDIES),
    )


def special_notice(ground: Ground) -> Block:
    """特别程序期限告知 (XKF §45): the applicant is told in writing how long it takes."""
    clear = ground.event.clear
    kind = label("special_procedures", clear["kind"]).zh
    counts = "所需时间不计入办理期限" if clear.get("stops") else "所需时间计入办理期限"
    return _notice(
        ground,
        text(f"您（单位）的{ground.matter.name.zh}申请，依法需要进行{kind}。依据{PERMIT_LAW}第四十五条，现告知如下："),
        facts(
            [("特别程序", kind), ("所需时间", f"{clear['days']} 个工作日")],
            [("起始日期", day(clear["since"])), ("是否计入期限", counts)],
            [("理由和依据", str(ground.event.sealed.get("basis", "")))],
            [supervision(ground)],
        ),
    )


def extension_notice(ground: Ground) -> Block:
    """延长期限告知 (XKF §42; DJXZ §18): approved by the head, the reason told."""
    asked = next((one for one in reversed(ground.events) if one.type == "extension_requested"), None)
    law = f"{REGISTRATION}第十九条" if ground.case.procedure == "registration" else f"{PERMIT_LAW}第四十二条"
    return _notice(
        ground,
        text(
            f"您（单位）的{ground.matter.name.zh}申请，在法定期限内不能作出决定。依据{law}，经本机关负责人批准，延长办理期限。"
        ),
        facts(
            [("延长", f"{ground.event.clear['days']} 个工作日"), ("延长后最迟", day(ground.case.statutory_by))],
            [("理由", str(asked.sealed.get("reason", "")) if asked else "–")],
            [("批准人", ground.officer), ("批准日期", ground.on)],
            [supervision(ground)],
        ),
    )


def _results(ground: Ground) -> str:
    return "、".join(one.document.zh for one in ground.matter.results) or "本决定书"


def _validity(ground: Ground) -> str:
    years = [one.validity_years for one in ground.matter.certificates if one.validity_years]
    return f"{years[0]} 年" if years else "清单未载明或无固定期限"


def grant_decision(ground: Ground) -> Block:
    """准予决定书 (XKF §38, §39); what a permit grants is made public (§40)."""
    permit = ground.case.procedure == "permit"
    basis = f"依据{PERMIT_LAW}第三十八条第一款，决定准予行政许可。" if permit else "符合规定条件，决定准予办理。"
    return _notice(
        ground,
        text(f"您（单位）于{day(ground.case.received_on)}提交的{ground.matter.name.zh}申请，经审查，{basis}"),
        facts(
            [("决定日期", day(ground.case.decided_on)), ("受理文书", _earlier(ground, "acceptance"))],
            [("颁发证照", _results(ground)), ("有效期", _validity(ground))],
            [("最迟送达", day(ground.case.deliver_by)), ("送达方式", _delivery(ground))],
            [supervision(ground)],
        ),
        note("本准予决定依法公开，公众有权查阅（第四十条）。") if permit else None,
        title="准予行政许可决定书" if permit else None,
        english="Decision to grant a permit" if permit else None,
    )


def _earlier(ground: Ground, code: str) -> str:
    found = [one for one in documents_of(ground.case, ground.events) if one.kind.code == code]
    return found[-1].number or "–" if found else "–"


def refusal_decision(ground: Ground) -> Block:
    """不予决定书 (XKF §38(2)): facts and reasons, basis, remedies."""
    permit = ground.case.procedure == "permit"
    return _notice(
        ground,
        text(
            f"您（单位）于{day(ground.case.received_on)}提交的{ground.matter.name.zh}申请，经审查，"
            + (f"依据{PERMIT_LAW}第三十八条第二款，决定不予行政许可。" if permit else "决定不予办理。")
        ),
        *_refused(ground),
        title="不予行政许可决定书" if permit else None,
        english="Decision to refuse a permit" if permit else None,
    )


def _refused(ground: Ground) -> list[Block]:
    body = ground.event.sealed
    remedies = str(body.get("remedies") or REMEDIES)
    return [
        heading("事实和理由"),
        text(str(body.get("reasons", ""))),
        heading("依据"),
        text(str(body.get("basis", ""))),
        heading("救济途径"),
        text(remedies),
    ]


def registration_notice(ground: Ground) -> Block:
    """登记通知书 (DJXZ §18): a registration, or a cancellation, which yields no licence."""
    made = [one.document.zh for one in ground.matter.certificates]
    old = "原营业执照应当交回；遗失的，应当公告作废。" if ground.dossier.get("surrendered") else ""
    return _notice(
        ground,
        text(
            f"您（单位）于{day(ground.case.received_on)}提交的{ground.matter.name.zh}申请，申请材料齐全、符合法定形式。"
            f"依据{REGISTRATION}第十九条，决定予以登记。{old}"
        ),
        facts(
            [("登记日期", day(ground.case.decided_on)), ("登记机关", ground.office.name.zh)],
            [("颁发证照", "、".join(made) or "无（以本通知书为准）"), ("送达方式", _delivery(ground))],
            [supervision(ground)],
        ),
    )


def registration_refusal(ground: Ground) -> Block:
    """不予登记通知书 (DJXZ §19): with the reasons."""
    return _notice(
        ground,
        text(
            f"您（单位）于{day(ground.case.received_on)}提交的{ground.matter.name.zh}申请，"
            f"依据{REGISTRATION_RULES}第十九条，决定不予登记。"
        ),
        *_refused(ground),
    )


def termination_notice(ground: Ground) -> Block:
    """终止办理告知书: the ground, and the remedies."""
    body: Any = ground.event.sealed
    return _notice(
        ground,
        text(f"您（单位）于{day(ground.case.received_on)}提交的{ground.matter.name.zh}申请，现终止办理。"),
        facts([("理由", str(body.get("reason", "")))], [supervision(ground)]),
        text(REMEDIES),
    )


COMPOSERS = {
    "acceptance": acceptance,
    "correction_notice": correction_notice,
    "return_notice": return_notice,
    "non_acceptance": non_acceptance,
    "special_notice": special_notice,
    "extension_notice": extension_notice,
    "grant_decision": grant_decision,
    "refusal_decision": refusal_decision,
    "registration_notice": registration_notice,
    "registration_refusal": registration_refusal,
    "termination_notice": termination_notice,
}

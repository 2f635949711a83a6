"""What a window prints: receipt, consent, hand-over slip, return list; collection notice and receipt of service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from catalogue.domain.case import Event
from catalogue.domain.copies import copy_words
from catalogue.domain.documents import documents_of
from catalogue.domain.numbers import grouped
from catalogue.domain.personal_data import mask_document
from catalogue.domain.vocabulary import label
from catalogue.service.documents.sheet import (
    Block,
    Ground,
    address,
    day,
    facts,
    follow,
    heading,
    line_of,
    listed,
    minute,
    note,
    organ,
    picture,
    qr,
    sheet_of,
    sign,
    table,
    text,
    who,
)

TAKEN = {"original": "原件", "copy": "复印件", "electronic": "电子件", "shared": "数据共享"}


def receipt(ground: Ground) -> Block:
    """收件回执; for a registration not done on the spot 接收申请材料凭证 (DJXZ §18)."""
    case = ground.case
    registration = case.procedure == "registration"
    title, english = ("接收申请材料凭证", "Receipt for application papers") if registration else ("收件回执", "Receipt")
    first = [
        ("流水号", grouped(case.reference)),
        ("查询码", grouped(ground.code, "-") if ground.code else "收件时已当面告知"),
    ]
    rest = [[("事项", ground.matter.name.zh), ("收件时间", minute(ground.event.at))], *who(ground)[1:]]
    limit = case.promised_by or case.statutory_by
    home = ground.office_named(case.home_office) if case.home_office else "待确定，窗口将另行告知"
    expected: list[tuple[str, str]] = [
        ("最迟告知", f"{day(case.notice_by)}前告知是否受理") if case.notice_by else ("预计办结", day(limit)),
        ("法定最迟", day(case.statutory_by) if case.statutory_by else "自受理之日起算"),
    ]
    if case.provisional:
        expected[-1] = (expected[-1][0], f"{expected[-1][1]}（放假安排未公布，暂定）")
    return sheet_of(
        ground,
        title,
        english,
        [
            heading("一、办件"),
            facts(first, *rest),
            heading("二、谁决定，哪天办好"),
            line_of(ground),
            facts(
                [("决定机关", home), ("电话", ground.phone_of(case.home_office))],
                [expected[0], expected[1]],
                [("领取方式", _delivery(ground)), ("收件窗口", ground.office.name.zh)],
            ),
            heading("三、收到的材料"),
            papers(ground),
            _follow(ground),
            sign(
                f"窗口收件人：{ground.officer}　（收件专用章）",
                "申请人（代理人）签字：　　　　　　　年　　月　　日",
            ),
        ],
        "收件是核对材料和身份，不是受理，也不是准予",
    )


def _follow(ground: Ground) -> Block | None:
    after = (
        "材料齐全的，业务属地依法登记；不齐的，一次写明退回。"
        if ground.case.procedure == "registration"
        else ("材料齐全的，业务属地受理；不齐的，一次告知补正。")
    )
    lines = (
        ("查进度", "扫二维码，或在网上凭流水号和查询码查询；二维码和查询码等同凭证，请勿给他人。"),
        ("接下来", f"材料转业务属地。{after}"),
        ("领取时", "带本回执和身份证件；他人代领另带委托书。"),
    )
    return facts(*[[line] for line in lines]) if ground.link is None else qr(ground.link, *lines)


def papers(ground: Ground) -> Block:
    """The papers as they were received."""
    names = {paper.id: paper.name.zh for paper in ground.matter.materials}
    if ground.case.home_region:
        overlay = ground.registry.overlay(ground.case.home_region, ground.case.matter)
        names |= {paper.id: paper.name.zh for paper in overlay.extra_materials}
    rows = []
    for n, line in enumerate(ground.case.materials, 1):
        taken = TAKEN.get(line.taken_as or "", line.taken_as or "–")
        if line.deferred_until:
            taken = f"容缺，{day(line.deferred_until)}前补交"
        rows.append([str(n), names.get(line.id, line.id), str(line.originals or "–"), str(line.copies or "–"), taken])
    if not rows:
        rows = [["–", "本次没有收取材料", "–", "–", "–"]]
    return table(
        ("序", "材料名称", "原件", "复印件", "收取方式"), (0, 12, 2, 3, 5), (True, False, True, True, True), rows
    )


def _delivery(ground: Ground) -> str:
    case = ground.case
    if case.delivery_method == "window":
        named = f"（登记领取人 {case.recipients} 人）" if case.recipients else ""
        return f"{ground.office_named(case.delivery_office or case.accepting_office)}窗口领取{named}"
    return label("delivery_methods", case.delivery_method).zh


def consent(ground: Ground) -> Block:
    """异地通办同意书: papers are taken here and decided there (国办发〔2020〕35号: 权责不变)."""
    case = ground.case
    home = ground.office_named(case.home_office) if case.home_office else "依法有权的业务属地机关"
    return sheet_of(
        ground,
        "异地通办同意书",
        "Consent to cross-region handling",
        [
            facts(*who(ground)),
            text(f"本人（单位）申请办理{ground.matter.name.zh}，已知悉并同意："),
            listed(
                [
                    f"申请材料由{ground.office.name.zh}窗口收取，作形式审查和身份核验；是否受理、准予，由{home}依法决定，权限不转移。",
                    "为办理本事项，申请材料和其中的个人信息提供给上述决定机关，用于审查、决定、送达和归档，不作他用。",
                    "材料原件、证照可以在窗口与决定机关之间以交接单登记后寄递；电子材料与纸质材料内容一致。",
                    "办理期限按业务属地的工作日历计算；进度可凭流水号和查询码查询。",
                    f"结果以下列方式送达：{_delivery(ground)}。",
                    "个人信息依法保存至档案保管期限届满；本人可以查阅、复制、更正。",
                ]
            ),
            note(
                "依据：国务院办公厅《关于加快推进政务服务“跨省通办”的指导意见》（国办发〔2020〕35号）；《中华人民共和国个人信息保护法》第十七条、第二十三条。"
            ),
            sign("申请人（代理人）签字：", f"收件窗口：{ground.officer}　　{ground.on}"),
        ],
    )


def window_return(ground: Ground) -> Block:
    """收件退回清单: the window's own list, which is advice and not the authority's correction notice."""
    items = [str(item["text"]) for item in ground.event.sealed.get("items", ())]
    reason = ground.event.sealed.get("reason")
    return sheet_of(
        ground,
        "收件退回清单",
        "Return list of the window",
        [
            facts(*who(ground)),
            address(ground.applicant),
            text(f"您提交的材料经窗口形式审查，不能转交办理机关，现全部退回。{f'说明：{reason}' if reason else ''}"),
            *([heading("请补齐或改正"), listed(items)] if items else []),
            text("补齐后可以在四地任一窗口重新提交。"),
            note("本清单由收件窗口出具，供补齐材料用；不是行政机关的补正告知，也不是不予受理决定。"),
            organ(ground.office.name.zh, ground.on, "（收件专用章）"),
            sign(f"窗口：{ground.officer}", "申请人（代理人）收到材料签字：　　　　　　　年　　月　　日"),
        ],
    )


def material_slip(ground: Ground) -> Block:
    """材料交接单: between windows and carrier; who handed over what to whom, when."""
    case = ground.case
    return sheet_of(
        ground,
        "材料交接单",
        "Hand-over slip for papers",
        [
            facts(
                [("流水号", grouped(case.reference)), ("事项", ground.matter.name.zh)],
                [("移交单位", ground.office.name.zh), ("接收单位", ground.office_named(case.home_office))],
                [("移交人", ground.officer), ("移交时间", minute(ground.event.at))],
                [("承运单位", "　"), ("运单号", "　")],
            ),
            heading("移交的材料"),
            papers(ground),
            note("纸质原件随单移交；电子件已在系统内移交，不再寄送。清点不符的，接收单位在备注栏写明并于当日告知移交单位。"),
            table(("环节", "单位、人员签字", "时间", "备注"), (3, 8, 5, 6), (True, False, False, False), [
                ["移交", "", "", ""], ["承运", "", "", ""], ["接收", "", "", ""], ["退回原件", "", "", ""],
            ]),
        ],
        "一式两份：移交单位、接收单位各一份",
    )  # fmt: skip


def collection_notice(ground: Ground) -> Block:
    """领证通知: what is ready, where, until when, what to bring."""
    case = ground.case
    made = ground.certificate
    result = made["kind"]["zh"] if made else "、".join(one.document.zh for one in ground.matter.results) or "办理结果"
    rows: list[list[tuple[str, str]]] = [
        [("领取什么", result)],
        [("在哪里领", f"{ground.office.name.zh}窗口"), ("电话", ground.office.phone or "未公布")],
        [("最迟送达", day(case.deliver_by)), ("带什么", "收件回执、身份证件；代领另带委托书")],
    ]
    if made and made.get("number"):
        rows.insert(1, [("证照号码", str(made["number"]))])
    old = [one for one in ground.dossier.get("surrendered", ()) if not one.get("received")]
    return sheet_of(
        ground,
        "领证通知",
        "Collection notice",
        [
            facts(*who(ground)),
            address(ground.applicant),
            text(f"您申请的{ground.matter.name.zh}已经办结，请按下列内容领取。"),
            facts(*rows),
            text("原证照尚未交回的，领取时一并交回；遗失的，请先办理作废声明。") if old else None,
            *follow(ground),
            organ(ground.office.name.zh, ground.on, ""),
        ],
    )


def service_receipt(ground: Ground) -> Block:
    """送达回证: which document, to whom, when to the minute, where, how, who received it and how related."""
    body, clear = ground.event.sealed, ground.event.clear
    earlier = [one for one in ground.events if one.seq < ground.event.seq]
    decisions = [
        [one.title.zh, one.number or grouped(ground.case.reference)]
        for one in documents_of(ground.case, earlier)
        if one.kind.by == "home" and one.kind.word
    ]
    if ground.certificate:
        made = ground.certificate
        taken = clear.get("copies") or made.get("copies", ())
        copies = "、".join(copy_words(copy["kind"], copy.get("copy_no")) for copy in taken) or "一份"
        decisions.append([f"{made['kind']['zh']}（{copies}）", str(made.get("number") or made["id"])])
    if ground.event.type == "served":
        decisions = _served_paper(ground, earlier) or decisions[-1:]
    where, how, rows = _service(ground)
    return sheet_of(
        ground,
        "送达回证",
        "Receipt of service",
        [
            facts([("送达机关", ground.office_named(ground.case.home_office)), ("送达窗口", ground.office.name.zh)]),
            table(("送达的文书、证照", "文号（号码）"), (6, 5), (False, False), decisions[-8:] or [["办理结果", "–"]]),
            facts(
                [("受送达人", ground.applicant)],
                [("送达时间", minute(ground.event.at)), ("送达地点", where)],
                [("送达方式", how), ("送达人", ground.officer)],
                *rows,
                [("备注（拒收事由和日期）", str(body.get("note") or "　"))],
            ),
            picture("领取人签名", signature_svg(str(body["signature"]))) if body.get("signature") else None,
            note("领取人在纸上签名，扫描件已存入本件。") if clear.get("signature_file") else None,
            sign(f"送达人签字：{ground.officer}", f"领取人签字：　　　　　　　　{ground.on}"),
        ],
        "送达回证上的签收日期为送达日期",
    )


def _served_paper(ground: Ground, earlier: Sequence[Event]) -> list[list[str]]:
    wanted = ground.event.clear["document_id"]
    return [
        [one.title.zh, one.number or grouped(ground.case.reference)]
        for one in documents_of(ground.case, earlier)
        if one.id == wanted
    ]


def _service(ground: Ground) -> tuple[str, str, list[list[tuple[str, str]]]]:
    """Where and how something was served, and who took it: at a window, by post, or as the record says."""
    body, clear = ground.event.sealed, ground.event.clear
    if ground.event.type == "post_reported":
        sent = next((one.sealed for one in reversed(ground.events) if one.type == "posted"), {})
        return (
            str(sent.get("address") or "–"),
            label("service_methods", "post").zh,
            [
                [("承运单位", str(sent.get("carrier") or "–")), ("运单号", str(sent.get("tracking") or "–"))],
                [("签收人", str(body.get("receiver") or "见承运单位回执")), ("见证人", "　")],
            ],
        )
    relation = label("relations", clear["relation"]).zh if clear.get("relation") else "–"
    number = mask_document(str(body.get("document_number") or ""))
    kind = f"{label('document_types', clear['document_type']).zh} {number}" if clear.get("document_type") else "–"
    handed = ground.event.type == "handed_over"
    who = str(body.get("collector" if handed else "receiver") or "–")
    rows = [
        [("领取人" if handed else "签收人", who), ("与受送达人关系", relation)],
        [("证件", kind), ("见证人", str(body.get("witness") or "　"))],
    ]
    how = "窗口直接送达" if handed else label("service_methods", clear["method"]).zh
    return f"{ground.office.name.zh}窗口" if handed else "–", how, rows


def signature_svg(path: str) -> str:
    """A signature drawn on the screen; ``path`` holds moves and lines only, as its body admits nothing else."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 200">'
        f'<path fill="none" stroke="#14181f" stroke-width="4" stroke-linecap="round" d="{path}"/></svg>'
    )


def history_sheet(told: Mapping[str, Any], matter: str, demo: bool, on: str) -> Block:
    """办理过程: every event in order with the beginning of its hash, and how to check the file that goes with it."""
    rows = [
        [str(one["seq"]), "（机关内部环节）", "", "", one["hash"][:24]]
        if "digest" in one
        else [
            str(one["seq"]),
            one["label"]["zh"],
            minute(datetime.fromisoformat(one["at"])),
            one["office"],
            one["hash"][:24],
        ]
        for one in told["events"]
    ]
    return {
        "kind": "history",
        "title": "办理过程",
        "title_en": "History of the case",
        "subtitle": "",
        "number": "",
        "organ": "",
        "corner": [*(["演示数据，不作凭证"] if demo else []), f"打印于{on}"],
        "blocks": [
            facts([("流水号", grouped(told["reference"])), ("事项", matter)]),
            table(
                ("序", "环节", "时间", "机关", "校验值（前24位）"),
                (0, 6, 8, 3, 9),
                (True, False, False, True, False),
                rows,
            ),
            heading("怎样核验"),
            listed(
                [
                    "本文件附有 history.json，含每一环节的数据；姓名、理由等以密文列出，"
                    "机关内部环节只列摘要值，都不影响核验。",
                    "每一环节的校验值由上一环节的校验值和本环节数据的摘要值按 SM3（GB/T 32905-2016）算出；"
                    "改动、删去或补插任何一条，其后的校验值都不再相符。",
                    "算法写在 history.json 的 algorithm 一项和 docs/history.md；"
                    "也可以运行 catalogue case check-history history.json。",
                ]
            ),
        ],
        "foot": f"流水号 {grouped(told['reference'])}",
    }


COMPOSERS = {
    "receipt": receipt,
    "consent": consent,
    "window_return": window_return,
    "material_slip": material_slip,
    "collection_notice": collection_notice,
    "service_receipt": service_receipt,
}

"""The result on paper: result slip, certificate in form (specimen), decisions that end a certificate."""

from __future__ import annotations

from typing import Any

from catalogue.domain.documents import documents_of
from catalogue.domain.numbers import grouped
from catalogue.domain.vocabulary import label
from catalogue.qr import svg_file
from catalogue.service.documents.notices import PERMIT_LAW, REGISTRATION, REGISTRATION_RULES, REMEDIES
from catalogue.service.documents.sheet import (
    Block,
    Ground,
    address,
    day,
    facts,
    heading,
    minute,
    note,
    organ,
    qr,
    sheet_of,
    sign,
    supervision,
    table,
    text,
    who,
)

SPECIMEN_ROWS = 8
"""More facts than these do not fit the form."""


def result_slip(ground: Ground) -> Block:
    """结果凭证: the certificate as recorded, with the QR code that verifies it; its form is not composed here."""
    made = ground.certificate or {}
    copies = [
        [copy["kind"], f"第 {copy.get('copy_no') or n} 本", copy.get("blank_no") or "–"]
        for n, copy in enumerate(ground.event.clear.get("copies", ()), 1)
    ]
    until = day(made["valid_until"]) if made.get("valid_until") else "无固定期限或者以证照记载为准"
    rectified = ground.event.type == "certificate_rectified"
    return sheet_of(
        ground,
        "结果凭证",
        "Result slip",
        [
            facts(*who(ground)),
            heading("证照"),
            facts(
                [("证照名称", _kind(made)), ("证照号码", str(made.get("number") or "见证照"))],
                [("持证人", str(made.get("holder") or "–"))],
                [("发证机关", ground.office_named(made.get("authority"))), ("发证日期", day(made.get("issued_on")))],
                [("有效期至", until), ("核验编号", grouped(str(made.get("id", ""))))],
            ),
            table(("正本、副本", "本次序", "空白证照编号"), (3, 2, 4), (False, True, False), copies)
            if copies
            else None,
            qr(
                ground.verify,
                ("核验", "扫二维码即知证照现在是否有效，不用登录，不显示个人信息；也可在网上按核验编号查询。"),
                ("离线核验", "二维码中的签名可以用本系统公布的公钥，在任何支持 JOSE 的软件中核验。"),
            )
            if ground.verify
            else None,
            note(
                "证照的格式和内容以国家规定的登记、许可业务系统制发的为准；本凭证记录其制发情况，不替代证照。"
                + ("本凭证因更正证照重新出具，此前的凭证和证照作废。" if rectified else "")
            ),
            organ(ground.office_named(made.get("authority")), day(made.get("issued_on"))),
            sign(f"出具窗口：{ground.office.name.zh}", f"出具时间：{minute(ground.event.at)}"),
        ],
    )


def _kind(made: Any) -> str:
    return str(made["kind"]["zh"]) if made.get("kind") else "证照"


def _named(made: Any) -> list[tuple[str, str]]:
    """The certificate a decision is about: kind and number."""
    return [("证照名称", _kind(made)), ("证照号码", str(made.get("number") or "–"))]


def _to_holder(ground: Ground, made: Any) -> Block:
    """To whom a decision about a certificate is addressed: its holder, else the applicant."""
    return address(str(made.get("holder") or ground.applicant))


def _rows(ground: Ground) -> list[list[str]]:
    """What the form would say: holder, legal representative, then the matter's own fields as entered."""
    made = ground.certificate or {}
    form = ground.dossier.get("form", {})
    rows = [["名称", str(made.get("holder") or ground.applicant)]]
    head = next(
        (
            person["name"]
            for person in ground.dossier.get("people", ())
            if person["role"] in ("legal_representative", "responsible_person", "operator")
        ),
        None,
    )
    if head:
        rows.append(["法定代表人", str(head)])
    for field in ground.matter.form:
        value = form.get(field.key)
        if value in (None, "") or field.key == "enterprise_name" or field.label.zh in {label for label, _ in rows}:
            continue
        choices = {choice.value: choice.label.zh for choice in field.choices}
        rows.append([field.label.zh, choices.get(str(value), str(value))])
    if made.get("valid_until"):
        rows.append(["有效期至", day(made["valid_until"])])
    return rows[:SPECIMEN_ROWS]


def _certificate(ground: Ground, pages: list[dict[str, Any]]) -> Block:
    made = ground.certificate or {}
    return {
        "kind": ground.document.kind.code,
        "form": "licence",
        "specimen": True,
        "title": _kind(made),
        "title_en": "Specimen",
        "subtitle": "样张，无法律效力",
        "number": str(made.get("number") or ""),
        "organ": ground.office_named(made.get("authority")),
        "date": day(made.get("issued_on")),
        "corner": [],
        "left": [
            f"证照号码　{made.get('number') or '（样张不编号）'}",
            f"核验编号　{grouped(str(made.get('id', '')))}",
        ],
        "rows": _rows(ground),
        "qr": svg_file(ground.verify or "-"),
        "pages": pages,
        "blocks": [
            facts(*[[(one, value)] for one, value in _rows(ground)]),
            facts([("发证机关", ground.office_named(made.get("authority"))), ("发证日期", day(made.get("issued_on")))]),
            *([qr(ground.verify, ("核验", "扫码核验证照状态，不显示个人信息。"))] if ground.verify else []),
        ],
        "foot": f"流水号 {grouped(ground.case.reference)}　本页为样张，无法律效力",
    }


def certificate_copy(ground: Ground) -> Block:
    """The e-certificate for the applicant, with its signed facts attached."""
    printed = [f"流水号 {grouped(ground.case.reference)}", "电子证照样张，无法律效力；签名数据见附件"]
    return _certificate(ground, [{"copy": "电子证照　样张", "printed": printed}])


def printed_copy(ground: Ground) -> Block:
    """One copy as a window prints it: 正本 or 副本, n of m, blank sheet, place, who."""
    clear = ground.event.clear
    of_kind = sum(copy.kind == clear["kind"] and copy.status != "void" for copy in ground.case.copies)
    counted = f"{clear['kind']}（{clear['copy_no']}—{max(of_kind, 1)}）　样张"
    window = ground.office_named(ground.event.office)
    printed = [
        f"打印地点：{window}　打印人：{ground.officer}　{minute(ground.event.at)}",
        f"空白证照编号：{clear.get('blank_no') or '–'}{'　重新打印' if clear.get('reprint') else ''}",
        f"流水号 {grouped(ground.case.reference)}　本页为样张，无法律效力；印章另行加盖",
    ]
    return _certificate(ground, [{"copy": counted, "printed": printed}])


_EXITS = {
    "annulment_decision": ("撤销", f"{PERMIT_LAW}第六十九条", "annulment_grounds"),
    "withdrawal_decision": ("撤回", f"{PERMIT_LAW}第八条第二款", "withdrawal_grounds"),
    "cancellation_decision": ("注销", f"{PERMIT_LAW}第七十条", "cancellation_grounds"),
}


def ending(ground: Ground) -> Block:
    """撤销、撤回、注销: which certificate, ground, basis, what the holder said, remedies."""
    verb, law, grounds = _EXITS[ground.document.kind.code]
    if ground.case.procedure == "registration":
        # A registration is no permit: its annulment has rules of its own (DJXZ §52 to §54).
        law = f"{REGISTRATION_RULES}第五十二条至第五十四条" if verb == "撤销" else REGISTRATION
    made, body = ground.certificate or {}, ground.event.sealed
    code = ground.event.clear["ground"]
    said = str(body.get("ground", ""))
    named = label(grounds, code).zh
    registration = ground.case.procedure == "registration"
    what = "登记" if registration and verb == "撤销" else "行政许可" if verb != "注销" else "证照"
    earlier = [one for one in documents_of(ground.case, ground.events) if one.kind.code in (
        "grant_decision", "registration_notice")]  # fmt: skip
    rows: list[list[tuple[str, str]]] = [
        _named(made),
        [("原决定", earlier[-1].number or "–" if earlier else "–"), ("核验编号", grouped(str(made.get("id", ""))))],
        [("事由", named if code != "other" or said == code else f"{named}：{said}")],
        [("依据", str(body.get("basis") or law))],
    ]
    if body.get("notified_on") or body.get("statement"):
        told = f"{day(body['notified_on'])}告知。" if body.get("notified_on") else ""
        rows.append([("告知和陈述申辩", f"{told}{body.get('statement') or ''}")])
    if ground.document.organ is not None:
        rows.insert(0, [("原决定机关", ground.office_named(ground.case.home_office)), ("作出", "上级行政机关")])
    return sheet_of(
        ground,
        ground.document.title.zh,
        ground.document.title.en,
        [
            facts(*who(ground)),
            _to_holder(ground, made),
            text(f"经查，依据{law}，决定{verb}下列{what}，自本决定作出之日起，该证照不再有效，请交回证照。"),
            facts(*rows, [supervision(ground)]),
            text(REMEDIES),
            organ(ground.office.name.zh, ground.on),
            sign(f"承办人：{ground.officer}", "受送达人签收：　　　　　　　年　　月　　日"),
        ],
    )


def annulment_notice(ground: Ground) -> Block:
    """拟撤销事先告知: facts, ground and basis, and until when the holder may speak (市场监管总局令第16号 §44)."""
    made, body, clear = ground.certificate or {}, ground.event.sealed, ground.event.clear
    code, said = clear["ground"], str(body.get("ground", ""))
    named = label("annulment_grounds", code).zh
    return sheet_of(
        ground,
        ground.document.title.zh,
        ground.document.title.en,
        [
            facts(*who(ground)),
            _to_holder(ground, made),
            text(
                f"经查，下列行政许可存在可以撤销的情形，本机关拟依据{PERMIT_LAW}第六十九条予以撤销。"
                f"您（单位）有权进行陈述、申辩，请于 {day(clear['hear_until'])} 前提出；逾期未提出的，视为放弃。"
            ),
            facts(
                _named(made),
                [("决定机关", ground.office_named(ground.case.home_office)), ("发现日期", day(clear["found_on"]))],
                [("事由", named if code != "other" or said == code else f"{named}：{said}")],
                [("事实", str(body.get("facts", "")))],
                [("依据", str(body.get("basis", "")))],
                [supervision(ground)],
            ),
            text("依据市场监督管理行政许可程序暂行规定第四十四条、第四十五条办理。"),
            organ(ground.office.name.zh, ground.on),
        ],
    )


def penalty_notice(ground: Ground) -> Block:
    """证照处罚登记告知: what another procedure decided and is only recorded here; a revoked one is not delivered."""
    made, body, clear = ground.certificate or {}, ground.event.sealed, ground.event.clear
    kind = label("penalties", clear["cause"]).zh
    undelivered = clear.get("state") == "closed"
    return sheet_of(
        ground,
        ground.document.title.zh,
        ground.document.title.en,
        [
            facts(*who(ground)),
            _to_holder(ground, made),
            text(
                f"下列证照已由作出处罚决定的机关{kind}，本机关据此登记。本告知不是处罚决定，救济途径以处罚决定书为准。"
                + ("证照尚未发放，不再发放，本件就此办结。" if undelivered else "")
            ),
            facts(
                _named(made),
                [("处罚机关", str(body.get("authority", ""))), ("处罚决定书文号", str(body.get("decision_no", "")))],
                [("处罚", kind), ("日期", day(clear["on"]))],
                *([[("至", day(clear["until"]))]] if clear.get("until") else []),
                [supervision(ground)],
            ),
            organ(ground.office.name.zh, ground.on),
        ],
    )


COMPOSERS = {
    "result_slip": result_slip,
    "certificate_copy": certificate_copy,
    "printed_copy": printed_copy,
    "annulment_notice": annulment_notice,
    "penalty_notice": penalty_notice,
    "annulment_decision": ending,
    "withdrawal_decision": ending,
    "cancellation_decision": ending,
}

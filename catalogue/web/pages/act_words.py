"""Commands in words: what each is called, the key that opens its form, what to know before giving it."""

from __future__ import annotations

from catalogue.domain.text import Text

COMMANDS: dict[str, Text] = {
    "accept": Text("受理", "Accept"),
    "receive-at-home": Text("接件", "Receive"),
    "forward": Text("转办", "Forward"),
    "review": Text("审查", "Review"),
    "grant": Text("准予", "Grant"),
    "decide-at-once": Text("当场决定", "Decide at once"),
    "make-certificate": Text("制证", "Make the certificate"),
    "hand-over": Text("证照发放", "Hand over"),
    "supply-correction": Text("收到补正", "Corrections supplied"),
    "report-post": Text("登记寄送结果", "Report the post"),
    "end-special-procedure": Text("结束特别程序", "End the special procedure"),
    "approve-extension": Text("批准延长期限", "Approve the extension"),
    "claim": Text("领办", "Claim"),
    "request-correction": Text("一次性告知补正", "Request corrections"),
    "return-for-resubmission": Text("退回并一次性告知", "Return with a full list"),
    "refuse": Text("不予", "Refuse"),
    "send-back": Text("退回审查", "Send back to review"),
    "post": Text("寄出", "Post"),
    "reroute": Text("重新确定办理去向", "Re-route"),
    "record-site-check": Text("登记现场核查", "Record a site check"),
    "start-special-procedure": Text("开始特别程序", "Start a special procedure"),
    "request-extension": Text("申请延长期限", "Request an extension"),
    "supply-deferred": Text("容缺材料补齐", "Deferred paper supplied"),
    "check-pledge": Text("核查承诺", "Check a commitment"),
    "decline-acceptance": Text("不予受理", "Decline acceptance"),
    "bounce": Text("退回转办", "Send back as misrouted"),
    "recall": Text("撤回转办", "Recall"),
    "return-at-window": Text("窗口退件", "Return at the window"),
    "close-unsupplied": Text("补正不来办结", "Close: corrections did not come"),
    "assign": Text("指派", "Assign"),
    "release": Text("放回", "Release"),
    "correct-entry": Text("更正录入", "Correct an entry"),
    "note": Text("备注", "Note"),
    "withdraw": Text("撤回申请", "Withdraw the application"),
    "terminate": Text("终止办理", "Terminate"),
}
"""In the order a page shows them: what moves the case on first, what ends it last."""

KEYS: dict[str, str] = {
    "accept": "a",
    "receive-at-home": "r",
    "forward": "f",
    "review": "v",
    "grant": "y",
    "decide-at-once": "y",
    "make-certificate": "m",
    "hand-over": "g",
    "supply-correction": "s",
    "report-post": "p",
    "end-special-procedure": "p",
    "approve-extension": "e",
    "claim": "c",
    "request-correction": "b",
    "return-for-resubmission": "b",
    "refuse": "n",
    "send-back": "h",
    "post": "p",
    "reroute": "o",
    "record-site-check": "i",
    "start-special-procedure": "z",
    "request-extension": "e",
    "supply-deferred": "6",
    "check-pledge": "7",
    "decline-acceptance": "d",
    "bounce": "x",
    "recall": "u",
    "return-at-window": "w",
    "close-unsupplied": "q",
    "assign": "t",
    "release": "l",
    "correct-entry": "3",
    "note": "5",
    "withdraw": "1",
    "terminate": "2",
}
"""Command -> the key that opens its form; no two that one account may give at the same time share one."""

GOES_ON = frozenset(
    {
        "accept", "receive-at-home", "forward", "review", "grant", "decide-at-once", "make-certificate", "hand-over",
        "supply-correction", "report-post", "end-special-procedure",
    }
)  # fmt: skip
"""What a case is waiting for; the first of them that is allowed is the page's main act."""

HELP: dict[str, Text] = {
    "grant": Text("准予后进入制证，不能撤回。", "After a grant the certificate is made; it cannot be taken back."),
    "refuse": Text("须写明理由、依据和救济途径。", "Reasons, basis and remedies are required."),
    "request-correction": Text(
        "只能告知一次，请一次写全；告知后计时停止。", "Only once, so list everything; the clock stops."
    ),
    "return-for-resubmission": Text(
        "登记材料不齐即退回重报，一次写全；本件就此办结，计时不停。",
        "An incomplete registration goes back with one full list; this case ends.",
    ),
    "decline-acceptance": Text("须写理由和应向何机关申请。", "State why and which authority to turn to."),
    "bounce": Text("写明原因和建议去向，退回收件窗口。", "Say why and where it belongs; it returns to the window."),
    "record-site-check": Text("须两名以上工作人员；现场核查不停止计时。", "Two officers at least; the clock runs on."),
    "start-special-procedure": Text(
        "听证、检验等法定程序停止计时；其他不停。", "Hearings, inspections and the like stop the clock; others do not."
    ),
    "withdraw": Text("由申请人提出，窗口代录；本件就此办结。", "At the applicant's wish; this case ends."),
    "terminate": Text("本件就此办结。", "This case ends."),
    "close-unsupplied": Text("申请人逾期未补正；本件就此办结。", "The corrections did not come; this case ends."),
    "correct-entry": Text("只更正录入错误，原值保留。", "For slips of the window only; the old value is kept."),
    "assign": Text("交给本机关同事，写明原因。", "To a colleague of this office, with the reason."),
    "hand-over": Text("核对领取人证件后登记。", "Check the collector's document first."),
    "make-certificate": Text(
        "编号由登记系统给出时照录；正本、副本分别登记空白证照编号。",
        "Copy the number the registration system gave; note the blank paper of each copy.",
    ),
    "supply-deferred": Text("材料补来后登记，全部补齐才能准予。", "A grant waits until all of them have come."),
    "check-pledge": Text(
        "告知承诺的事后核查；不实的写明情况，依法另行处理。",
        "The later check of a commitment that stood in for a paper; say what was found.",
    ),
    "recall": Text("属地接件之前可以撤回。", "Possible until the home region has received it."),
    "return-at-window": Text("本件就此办结，材料退申请人。", "This case ends; the papers go back."),
    "reroute": Text("按新情况重算办理机关；退过的机关再次转去须写理由。", "The deciding office is found anew."),
    "post": Text("登记承运单位和运单号。", "Note carrier and tracking number."),
}

FIELDS: dict[str, Text] = {
    "reason": Text("理由", "Reason"),
    "note": Text("备注", "Note"),
    "items": Text("其他需补正或缺少的内容，每行一项", "Anything else that is missing, one item a line"),
    "days": Text("天数（工作日）", "Working days"),
    "place": Text("办理地点（区划代码）", "Place (division code)"),
    "office": Text("办理机关", "Office"),
    "code": Text("原因", "Cause"),
    "basis": Text("依据", "Basis"),
    "authority": Text("应向何机关申请", "Authority to turn to"),
    "to": Text("交给", "To"),
    "opinion": Text("意见", "Opinion"),
    "advice": Text("建议", "Advice"),
    "officers": Text("核查人员（两人以上）", "Officers (two at least)"),
    "result": Text("结果", "Result"),
    "kind": Text("种类", "Kind"),
    "reasons": Text("理由", "Reasons"),
    "remedies": Text("救济途径", "Remedies"),
    "number": Text("证照编号", "Certificate number"),
    "collector": Text("领取人", "Collector"),
    "document_type": Text("证件类型", "Document"),
    "document_number": Text("证件号码", "Document number"),
    "relation": Text("与申请人的关系", "Relation to the applicant"),
    "carrier": Text("承运单位", "Carrier"),
    "tracking": Text("运单号", "Tracking number"),
    "address": Text("地址", "Address"),
    "outcome": Text("寄送结果", "Outcome"),
    "path": Text("更正哪一项", "Which entry"),
    "value": Text("更正为", "New value"),
    "evidence": Text("依据的材料", "Evidence"),
    "text": Text("内容", "Text"),
    "material": Text("材料", "Paper"),
    "finding": Text("核查结论", "Finding"),
    "suggestion": Text("建议转往", "Should go to"),
    "copies": Text("正本、副本", "Original and copies"),
    "materials": Text("补来的材料", "Papers that came"),
}

HINTS: dict[str, Text] = {
    "path": Text(
        "身份核验一项请填核验方式代码，如 card_reader。",
        "For an identity check give the method's code, such as card_reader.",
    ),
    "place": Text("不变可不填。", "Leave empty where it stays."),
    "number": Text("可不填；填后不得与他件重复。", "May be left empty; unique among all cases."),
    "opinion": Text("写入办理过程，申请人看不到。", "Goes into the history; applicants do not see it."),
}

OUTCOMES = {
    "delivered": Text("已送达", "Delivered"),
    "returned": Text("被退回", "Returned"),
    "lost": Text("丢失", "Lost"),
    "kept": Text("承诺属实", "As committed"),
    "broken": Text("承诺不实", "Not as committed"),
}

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
    "link-signature": Text("补存领取签名", "Add the collector's signature"),
    "supply-correction": Text("收到补正", "Corrections supplied"),
    "report-post": Text("登记寄送结果", "Report the post"),
    "record-claim": Text("登记邮件索赔", "Record a claim on the carrier"),
    "print-copy": Text("打印证照", "Print a copy"),
    "report-print": Text("登记打印结果", "Report the printer"),
    "record-voidance": Text("登记作废声明", "Record a notice of voidance"),
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
    "change-delivery": Text("变更送达方式", "Change the delivery"),
    "serve": Text("登记文书送达", "Record a service"),
    "rectify-certificate": Text("更正证照", "Rectify the certificate"),
    "void-copy": Text("副本作废", "Void a copy"),
    "archive": Text("归档", "Archive"),
    "assign": Text("指派", "Assign"),
    "release": Text("放回", "Release"),
    "receive-papers": Text("签收纸质材料", "Tick papers on arrival"),
    "send-papers": Text("寄出纸质材料", "Send paper originals"),
    "record-external": Text("登记外部系统编号", "Record the external number"),
    "attach-result": Text("登记外部系统结果", "Attach the external result"),
    "request-file": Text("请求移交档案", "Request the file"),
    "send-file": Text("移交档案", "Send the file"),
    "receive-file": Text("接收档案", "Receive the file"),
    "message": Text("发消息给对方窗口", "Message the other window"),
    "correct-entry": Text("更正录入", "Correct an entry"),
    "note": Text("备注", "Note"),
    "withdraw": Text("撤回申请", "Withdraw the application"),
    "terminate": Text("终止办理", "Terminate"),
    "record-penalty": Text("登记吊销、暂扣", "Record a penalty"),
    "cancel": Text("注销证照", "Cancel the certificate"),
    "withdraw-permit": Text("撤回许可", "Withdraw the permit"),
    "propose-annulment": Text("告知拟撤销", "Tell of a possible annulment"),
    "open-inquiry": Text("受理撤销登记申请", "Open an inquiry into the registration"),
    "record-statement": Text("登记陈述申辩", "Record statement and defence"),
    "extend-annulment": Text("延长撤销决定期限", "Extend the time to decide"),
    "drop-annulment": Text("决定不予撤销", "Decide not to annul"),
    "annul": Text("撤销许可（登记）", "Annul"),
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
    "link-signature": "=",
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
    "receive-papers": "/",
    "send-papers": "-",
    "record-external": ",",
    "attach-result": ".",
    "request-file": "'",
    "send-file": "'",
    "receive-file": "'",
    "message": ";",
    "correct-entry": "3",
    "note": "5",
    "withdraw": "1",
    "terminate": "2",
    "print-copy": "d",
    "report-print": "8",
    "record-voidance": "9",
    "change-delivery": "4",
    "serve": "0",
    "rectify-certificate": "r",
    "void-copy": "v",
    "archive": "a",
    "record-penalty": "n",
    "cancel": "x",
    "withdraw-permit": "w",
    "propose-annulment": "o",
    "open-inquiry": "o",
    "record-statement": "s",
    "extend-annulment": "e",
    "drop-annulment": "h",
    "record-claim": "q",
    "annul": "u",
}
"""Command -> the key that opens its form; no two that one account may give at the same time share one.

J, K and the brackets are taken: they lead to the next case and to the next scan.
"""

GOES_ON = frozenset(
    {
        "accept", "receive-at-home", "forward", "review", "grant", "decide-at-once", "make-certificate", "hand-over",
        "supply-correction", "report-post", "end-special-procedure",
    }
)  # fmt: skip
"""What a case is waiting for; the first of them that is allowed is the page's main act."""

GROUPS: tuple[tuple[Text, frozenset[str]], ...] = (
    (
        Text("交接与送达", "Papers, copies and delivery"),
        frozenset(
            {
                "print-copy", "report-print", "post", "report-post", "record-claim", "change-delivery", "serve",
                "void-copy", "record-voidance", "link-signature", "receive-papers", "send-papers", "request-file",
                "send-file", "receive-file", "message", "record-external", "attach-result",
            }
        ),
    ),
    (Text("记录与更正", "Records and corrections"), frozenset({"correct-entry", "note", "rectify-certificate"})),
    (
        Text("了结与撤销", "Ending and undoing"),
        frozenset(
            {
                "withdraw", "terminate", "close-unsupplied", "archive", "record-penalty", "cancel", "withdraw-permit",
                "propose-annulment", "open-inquiry", "record-statement", "extend-annulment", "drop-annulment", "annul",
            }
        ),
    ),
)  # fmt: skip
"""Under which heading an act stands on the page; what moves a case on stands above them, under none."""

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
        "听证、检验等法定程序停止计时；其他不停。听证：当事人五日内提出，二十日内组织，七日前通知（第四十七、四十八条）。",
        "Hearings, inspections and the like stop the clock; others do not. A hearing: asked for within five days, held "
        "within twenty, told of seven days before.",
    ),
    "withdraw": Text("由申请人提出，窗口代录；本件就此办结。", "At the applicant's wish; this case ends."),
    "terminate": Text("本件就此办结。", "This case ends."),
    "close-unsupplied": Text("申请人逾期未补正；本件就此办结。", "The corrections did not come; this case ends."),
    "correct-entry": Text("只更正录入错误，原值保留。", "For slips of the window only; the old value is kept."),
    "assign": Text("交给本机关同事，写明原因。", "To a colleague of this office, with the reason."),
    "hand-over": Text("核对领取人证件后登记。", "Check the collector's document first."),
    "link-signature": Text(
        "送达回证在纸上签了以后扫描存入；只有发放窗口和办理机关看得到。",
        "The receipt of service signed on paper, scanned; seen by the windows that hand over and the deciding office.",
    ),
    "make-certificate": Text(
        "编号由登记系统给出时照录；正本、副本分别登记空白证照编号。",
        "Copy the number the registration system gave; note the blank paper of each copy.",
    ),
    "supply-deferred": Text("材料补来后登记，全部补齐才能准予。", "A grant waits until all of them have come."),
    "check-pledge": Text(
        "告知承诺的事后核查；不实的写明情况，依法另行处理。",
        "The later check of a commitment that stood in for a paper; say what was found.",
    ),
    "print-copy": Text(
        "按属地的决定打印：先在这里登记空白证照编号，再从“文书”打开证照打印，打好或卡纸后登记打印结果。",
        "Note the blank sheet here, print the certificate from “Documents”, then report how the printer did.",
    ),
    "report-print": Text(
        "如实登记；卡纸、打坏的空白证照作废，不再使用。", "A spoiled blank is entered and never used again."
    ),
    "record-voidance": Text("原证照遗失的，登记作废声明后才能发放新证照。", "A lost one needs its notice first."),
    "rectify-certificate": Text("原证照和副本作废，按更正后的内容重新制作。", "The copies before are void."),
    "change-delivery": Text("按申请人的要求改领取窗口或邮寄。", "As the applicant wishes."),
    "serve": Text("登记一份文书何时、如何、由谁签收。", "Which document was served, when, how and on whom."),
    "propose-annulment": Text(
        "写明事实、事由和依据并送达；当事人五日内可以陈述申辩，六十日内决定（市场监管总局令第16号第四十四、四十五条）。",
        "Facts, ground and basis go to the holder, who has five days to speak; decided within sixty days.",
    ),
    "open-inquiry": Text(
        "收到申请三个工作日内决定是否受理；公示四十五日，三个月内调查完毕，可延长三个月一次（实施细则第五十二至五十四条）。"
        "因争议、诉讼中止的，在备注中写明。",
        "Accepted or not within three working days; public for forty-five days; settled in three months, three more "
        "once. A suspension for a dispute or lawsuit is noted in words.",
    ),
    "record-statement": Text(
        "照录当事人的意见；期满未提出的登记为放弃。", "As it was said; silence until the day is a waiver."
    ),
    "extend-annulment": Text("经负责人批准，可延长一次，二十日。", "Once, by twenty days, with the head's approval."),
    "annul": Text(
        "行政许可法第六十九条；作出前告知并听取陈述申辩，证照立即无效。登记的撤销依实施细则第五十二至五十四条，"
        "受理调查的，公示期满才能决定。",
        "Law on permits §69; hear the holder first. The certificate is void at once. A registration that is inquired "
        "into is annulled after its public notice.",
    ),
    "withdraw-permit": Text("行政许可法第八条；因此造成损失的依法补偿。", "Law on permits §8; loss is compensated."),
    "cancel": Text("行政许可法第七十条。", "Law on permits §70."),
    "record-penalty": Text("处罚由其他程序决定，此处只登记。", "Another procedure decides; it is only recorded here."),
    "archive": Text("材料归档后登记。", "Once the papers are archived."),
    "recall": Text("属地接件之前可以撤回。", "Possible until the home region has received it."),
    "return-at-window": Text("本件就此办结，材料退申请人。", "This case ends; the papers go back."),
    "reroute": Text("按新情况重算办理机关；退过的机关再次转去须写理由。", "The deciding office is found anew."),
    "record-external": Text(
        "在登记机关业务系统录入后，把那里的编号抄回来。", "After keying the case in there, note its number there."
    ),
    "attach-result": Text(
        "那里已作出决定的，登记结果、日期和证照编号；此处不再另行决定。",
        "What was decided there: outcome, day and certificate number. Nothing is decided twice.",
    ),
    "send-papers": Text("勾选寄出的原件，登记承运单位和运单号。", "Tick what leaves; note carrier and number."),
    "receive-papers": Text("每份材料勾选收到或缺少，双方都能看到。", "Tick each paper as received or missing."),
    "request-file": Text(
        "请迁出地移交企业档案；移交不是同意，不影响决定。",
        "The old registrar hands the file over; that is no consent and no decision waits for it.",
    ),
    "send-file": Text("移交是义务，不是审批。", "Handing over is a duty and no approval."),
    "message": Text("双方窗口可见，申请人看不到。", "Seen by both windows, never by the applicant."),
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
    "papers": Text("寄出的原件", "Originals that leave"),
    # Whether a paper came or is missing is asked once for each paper, under this.
    "received": Text("每份材料", "Each paper"),
    "external_number": Text("外部系统编号", "Number in the external system"),
    "file": Text("证明结果的扫描件（本件已有的）", "Scan that shows it, of those here"),
    "system": Text("业务系统名称", "Name of the system"),
    "electronic": Text("电子档案", "As electronic file"),
    "pages": Text("页数", "Pages"),
    "materials": Text("补来的材料", "Papers that came"),
    "holder": Text("持证人（与申请人不同时）", "Holder, where another"),
    "valid_until": Text("有效期至", "Valid until"),
    "copy_no": Text("第几本", "Copy no."),
    "blank_no": Text("空白证照编号", "Blank sheet no."),
    "seal": Text("已加盖印章", "Sealed"),
    "published_on": Text("声明日期", "Published on"),
    "medium": Text("声明媒体", "Published in"),
    "notice_no": Text("声明编号", "Notice no."),
    "ground": Text("事由", "Ground"),
    "facts": Text("事实", "Facts"),
    "requested_on": Text("申请撤销的日期", "Asked for on"),
    "found_on": Text("发现日期", "Fault found on"),
    "waived": Text("放弃陈述申辩", "Waived"),
    "supersedes": Text("替代的原证照（编号或核验编号）", "Takes the place of (number or id)"),
    "earlier_number": Text("本系统没有的原证照：编号", "Earlier certificate not recorded here: number"),
    "earlier_authority": Text("原证照的发证机关", "Its authority"),
    "earlier_issued_on": Text("原证照的发证日期", "Its day of issue"),
    "notified_on": Text("告知日期", "Holder told on"),
    "statement": Text("陈述申辩", "What the holder said"),
    "decision_no": Text("处罚决定书文号", "Decision no."),
    "decided_on": Text("决定日期", "Decided on"),
    "until": Text("至", "Until"),
    "method": Text("方式", "Method"),
    "window": Text("领取窗口", "Window of collection"),
    "document": Text("文书", "Document"),
    "on": Text("送达日期", "Served on"),
    "receiver": Text("签收人", "Received by"),
    "witness": Text("见证人", "Witness"),
    "package": Text("档案编号", "Archive no."),
    "retention": Text("保管期限", "Retention"),
    "signature": Text("领取人签名", "Signature of the collector"),
    "signature_file": Text("纸上签名的扫描件", "Scan of a signature on paper"),
    "handed": Text("这次领取的正本、副本", "Copies taken now"),
    "more": Text("还有其他人要领取", "Others are still to collect"),
    "claim_no": Text("索赔编号", "Claim number"),
    "amount": Text("金额", "Amount"),
    "old_licences": Text("同时交回的原证照", "Old licences handed in with it"),
}

HINTS: dict[str, Text] = {
    "path": Text(
        "身份核验一项写怎样核验的，如：读卡器读取、核看原件、人证比对。",
        "For an identity check say how it was done, such as: Card reader, Original document seen.",
    ),
    "place": Text("不变可不填。", "Leave empty where it stays."),
    "number": Text("可不填；填后不得与他件重复。", "May be left empty; unique among all cases."),
    "signature": Text(
        "在屏幕上签，印在送达回证上；也可以在打印的送达回证上签，再扫描存档。",
        "Sign on the screen, or on the printed receipt of service and scan it.",
    ),
    "supersedes": Text(
        "申请中的证照编号、信用代码能对上的自动替代；对不上的在此写明。",
        "Found by the numbers of the application; name it here where they do not tell.",
    ),
    "earlier_number": Text(
        "本系统成立以前或者外地发的证照，按经办人所见登记，核验页会注明“由经办人申报”。",
        "One issued elsewhere or before this system: entered as seen, and shown as stated by the officer.",
    ),
    "handed": Text("不勾则全部发放；只勾一部分的，其余等其他人领取。", "None ticked: all. The others wait for others."),
    "valid_until": Text("不填则按清单的有效期计算；格式 2031-01-31。", "Empty: by the registry. As 2031-01-31."),
    "opinion": Text("写入办理过程，申请人看不到。", "Goes into the history; applicants do not see it."),
}

OUTCOMES = {
    "delivered": Text("已送达", "Delivered"),
    "returned": Text("被退回", "Returned"),
    "lost": Text("丢失", "Lost"),
    "kept": Text("承诺属实", "As committed"),
    "broken": Text("承诺不实", "Not as committed"),
}

LIMITS = {
    "notice": Text("一次性告知期限", "Limit of the notice"),
    "promised": Text("承诺时限", "Promised limit"),
    "statutory": Text("法定办结期限", "Statutory limit"),
    "delivery": Text("送达期限", "Limit of delivery"),
    "papers": Text("原件在途期限", "Limit of the papers on their way"),
    "file": Text("档案移交期限", "Limit of handing the file over"),
    "annulment": Text("是否撤销的决定期限", "Limit to decide on the annulment"),
    "claim": Text("邮件索赔了结期限", "Limit to settle the claim on the carrier"),
}
"""The limits that are warned of."""

"""Commands as forms: a label for each command and field, the fields from the models of the bodies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from catalogue.domain.text import Text
from catalogue.domain.vocabulary import WORDS
from catalogue.service.bodies import COMMAND_BODIES

COMMANDS: dict[str, Text] = {
    "forward": Text("转办", "Forward"),
    "recall": Text("撤回转办", "Recall"),
    "return-at-window": Text("窗口退件", "Return at the window"),
    "reroute": Text("重新确定办理去向", "Re-route"),
    "supply-correction": Text("收到补正", "Corrections supplied"),
    "bounce": Text("退回转办", "Send back as misrouted"),
    "receive-at-home": Text("接件", "Receive"),
    "request-correction": Text("一次性告知补正", "Request corrections"),
    "close-unsupplied": Text("补正不来办结", "Close: corrections did not come"),
    "return-for-resubmission": Text("退回并一次性告知", "Return with a full list"),
    "accept": Text("受理", "Accept"),
    "decline-acceptance": Text("不予受理", "Decline acceptance"),
    "claim": Text("领办", "Claim"),
    "release": Text("放回", "Release"),
    "assign": Text("指派", "Assign"),
    "review": Text("审查", "Review"),
    "send-back": Text("退回审查", "Send back to review"),
    "record-site-check": Text("登记现场核查", "Record a site check"),
    "start-special-procedure": Text("开始特别程序", "Start a special procedure"),
    "end-special-procedure": Text("结束特别程序", "End the special procedure"),
    "request-extension": Text("申请延长期限", "Request an extension"),
    "approve-extension": Text("批准延长期限", "Approve the extension"),
    "decide-at-once": Text("当场决定", "Decide at once"),
    "grant": Text("准予", "Grant"),
    "refuse": Text("不予", "Refuse"),
    "terminate": Text("终止办理", "Terminate"),
    "make-certificate": Text("制证", "Make the certificate"),
    "hand-over": Text("证照发放", "Hand over"),
    "post": Text("寄出", "Post"),
    "report-post": Text("登记寄送结果", "Report the post"),
    "withdraw": Text("撤回申请", "Withdraw the application"),
    "correct-entry": Text("更正录入", "Correct an entry"),
    "supply-deferred": Text("容缺材料补齐", "Deferred paper supplied"),
    "note": Text("备注", "Note"),
}

FIELDS: dict[str, Text] = {
    "reason": Text("理由", "Reason"),
    "note": Text("备注", "Note"),
    "items": Text("需补正或缺少的内容，每行一项", "What is missing, one item a line"),
    "days": Text("天数（工作日）", "Working days"),
    "place": Text("办理地点（区划代码）", "Place (division code)"),
    "office": Text("办理机关代码", "Office id"),
    "code": Text("原因", "Cause"),
    "basis": Text("依据", "Basis"),
    "authority": Text("应向何机关申请", "Authority to turn to"),
    "to": Text("交给（用户名）", "To (user name)"),
    "opinion": Text("意见", "Opinion"),
    "advice": Text("建议", "Advice"),
    "officers": Text("核查人员，每行一人", "Officers, one a line"),
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
}

OUTCOMES = {
    "delivered": Text("已送达", "Delivered"),
    "returned": Text("被退回", "Returned"),
    "lost": Text("丢失", "Lost"),
}
LONG = 1000


@dataclass(frozen=True, slots=True)
class Control:
    """One control of a form. ``kind``: line, long, lines, number, choice."""

    key: str
    label: Text
    kind: str
    required: bool
    choices: tuple[tuple[str, Text], ...] = ()
    of_items: bool = False
    """Each line becomes an item with a text, not a bare string."""


@cache
def controls(command: str) -> tuple[Control, ...]:
    """The controls a command's form shows; what only machines send (lists of papers and copies) is left to the API."""
    schema = COMMAND_BODIES[command].model_json_schema()
    required = set(schema.get("required", ()))
    found = []
    for key, given in schema.get("properties", {}).items():
        control = _control(key, _plain(given, schema), key in required)
        if control is not None:
            found.append(control)
    return tuple(found)


def _plain(given: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of a value that is there, behind references and "or null"."""
    for option in given.get("anyOf", ()):
        if option.get("type") != "null":
            return _plain(option, schema)
    if "$ref" in given:
        resolved: Mapping[str, Any] = schema["$defs"][given["$ref"].rsplit("/", 1)[-1]]
        return resolved
    return given


def _control(key: str, given: Mapping[str, Any], required: bool) -> Control | None:
    label = FIELDS.get(key)
    if label is None:
        return None
    if "enum" in given:
        return Control(key, label, "choice", required, _choices(given["enum"]))
    kind = given.get("type")
    if kind == "array":
        of_items = "$ref" in given.get("items", {})
        return Control(key, label, "lines", required, of_items=of_items)
    if kind == "integer":
        return Control(key, label, "number", required)
    if kind == "string" and given.get("format") == "date-time":
        return None
    if kind in ("string", None):
        return Control(key, label, "long" if given.get("maxLength", 0) > LONG else "line", required)
    return None


def _choices(codes: list[str]) -> tuple[tuple[str, Text], ...]:
    for words in WORDS.values():
        if list(words) == codes:
            return tuple(words.items())
    return tuple((code, OUTCOMES.get(code) or Text(code, code)) for code in codes)


def body_of(command: str, form: Mapping[str, list[str]]) -> dict[str, Any]:
    """The body of a command as its form was filled in; what was left empty is not sent."""
    body: dict[str, Any] = {}
    for control in controls(command):
        text = "\n".join(form.get(control.key, ())).strip().replace("\r\n", "\n")
        if not text:
            continue
        if control.kind == "lines":
            lines = [line.strip() for line in text.split("\n") if line.strip()]
            body[control.key] = [{"text": line} for line in lines] if control.of_items else lines
        elif control.kind == "number":
            body[control.key] = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else text
        else:
            body[control.key] = text
    return body

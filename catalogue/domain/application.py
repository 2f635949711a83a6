"""Looking at an application as the window does: form of numbers, papers of the list, fields of the matter.

The window receives (收件) and may receive what is incomplete: what is missing is a warning that the receipt lists.
What cannot be true (a resident id whose check digit fails, a paper the matter does not know) blocks with its field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from catalogue.domain.days import is_day
from catalogue.domain.personal_data import (
    Doubt,
    doubt_document,
    doubt_email,
    doubt_phone,
    doubt_unified_code,
    normal_document,
    normal_name,
)
from catalogue.domain.problems import Fault
from catalogue.domain.registry.model import Field, Material, Matter, Registry
from catalogue.domain.text import Text
from catalogue.domain.value import Value

PLEDGE = "pledge"
"""How a paper is taken that a commitment stands in for 告知承诺."""


class Inspection(Value, frozen=True):
    """What looking at the application found: ``faults`` block, ``warnings`` do not."""

    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]


class _Notes:
    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []

    def doubt(self, path: str, doubt: Doubt | None) -> None:
        if doubt is not None:
            (self.faults if doubt.blocking else self.warnings).append(Fault(path, doubt.code, doubt.message))

    def fault(self, path: str, code: str, zh: str, en: str) -> None:
        self.faults.append(Fault(path, code, Text(zh, en)))

    def warn(self, path: str, code: str, zh: str, en: str) -> None:
        self.warnings.append(Fault(path, code, Text(zh, en)))


def inspect(
    body: Mapping[str, Any], matter: Matter, registry: Registry, materials: Sequence[Material], today: date
) -> Inspection:
    """Every fault and warning of an application body (as ``ApplicationBody`` gives it) at once."""
    notes = _Notes()
    _person(notes, "applicant", body["applicant"], today)
    applicant_kind = body["applicant"]["kind"]
    if applicant_kind not in matter.applicant_kinds:
        notes.warn(
            "applicant.kind",
            "applicant-kind-unusual",
            "清单未列此类申请人，请再看一眼",
            "The registry does not list this kind of applicant for the matter; look again",
        )
    if body.get("agent"):
        _person(notes, "agent", body["agent"], today)
    if matter.verify_people and not body.get("people"):
        notes.warn(
            "people",
            "people-missing",
            "未列需实名核验的人员，准予登记前须补齐",
            "Nobody to be verified is named; they are needed before registration",
        )
    for index, person in enumerate(body.get("people", ())):
        _person(notes, f"people.{index}", person, today)
        if matter.verify_people and not person.get("identity_check"):
            notes.warn(f"people.{index}.identity_check", "not-verified", "未实名", "Not verified yet")
    _materials(notes, body.get("materials", ()), matter, materials, today)
    _form(notes, body.get("form", {}), matter)
    delivery = body.get("delivery", {})
    window = delivery.get("window")
    if window is not None and window not in registry.offices:
        notes.fault(
            "delivery.window", "unknown-office", "没有这个领取窗口，请从办理机关中选", "No such office to collect at"
        )
    _recipients(notes, delivery, today)
    if delivery.get("method") == "post" and not delivery.get("address"):
        notes.fault("delivery.address", "missing", "选择邮寄须填写地址", "An address is needed for delivery by post")
    return Inspection(tuple(notes.faults), tuple(notes.warnings))


def _recipients(notes: _Notes, delivery: Mapping[str, Any], today: date) -> None:
    """领取人 named in advance: papers that can be, nobody twice, and only where somebody collects."""
    named = delivery.get("recipients", ())
    if named and delivery.get("method", "window") != "window":
        notes.warn(
            "delivery.recipients",
            "recipients-not-at-window",
            "只有窗口领取才核对领取人",
            "Recipients are checked at a window only",
        )
    known: set[tuple[str, str]] = set()
    for index, one in enumerate(named):
        path = f"delivery.recipients.{index}"
        if one.get("document_number"):
            kind = one.get("document_type") or "resident_id"
            notes.doubt(f"{path}.document_number", doubt_document(kind, one["document_number"], today))
        if one.get("phone"):
            notes.doubt(f"{path}.phone", doubt_phone(one["phone"]))
        key = (normal_name(one["name"]), normal_document(one.get("document_number") or ""))
        if key in known:
            notes.fault(f"{path}.name", "duplicate-recipient", "这位领取人重复填写", "This recipient is named twice")
        known.add(key)


def _person(notes: _Notes, path: str, person: Mapping[str, Any], today: date) -> None:
    notes.doubt(f"{path}.document_number", doubt_document(person["document_type"], person["document_number"], today))
    if person.get("phone"):
        notes.doubt(f"{path}.phone", doubt_phone(person["phone"]))
    if person.get("email"):
        notes.doubt(f"{path}.email", doubt_email(person["email"]))
        if not person.get("email_notices"):
            notes.warn(
                f"{path}.email",
                "email-not-agreed",
                "没有勾选同意接收邮件通知，不会向这个邮箱发通知",
                "Notices by e-mail were not agreed to: none will be sent to this address",
            )
    elif person.get("email_notices"):
        notes.warn(
            f"{path}.email",
            "email-missing",
            "同意接收邮件通知的，请填写邮箱",
            "To have notices by e-mail, give the address",
        )
    if person.get("unified_code"):
        notes.doubt(f"{path}.unified_code", doubt_unified_code(person["unified_code"]))


def _materials(
    notes: _Notes, lines: Sequence[Mapping[str, Any]], matter: Matter, wanted: Sequence[Material], today: date
) -> None:
    known = {material.id: material for material in (*matter.materials, *wanted)}
    seen: set[str] = set()
    for index, line in enumerate(lines):
        path = f"materials.{index}"
        material = known.get(line["id"])
        if material is None:
            notes.fault(f"{path}.id", "unknown-material", "事项清单中没有这份材料", "The matter knows no such paper")
        elif line["id"] in seen:
            notes.fault(f"{path}.id", "duplicate-material", "这份材料重复填写", "This paper is listed twice")
        elif line.get("deferred_until") and not material.deferrable:
            notes.fault(
                f"{path}.deferred_until", "not-deferrable", "这份材料不可容缺", "This paper cannot follow later"
            )
        elif line.get("deferred_until"):
            _deferred(notes, path, line, today)
        elif line.get("taken_as") == PLEDGE and material.pledge_check_days is None:
            notes.fault(
                f"{path}.taken_as",
                "not-pledgeable",
                "这份材料不适用告知承诺",
                "A commitment cannot stand in for this paper",
            )
        seen.add(line["id"])
    for material in wanted:
        if material.required and material.id not in seen:
            notes.warn(
                f"materials.{material.id}",
                "material-missing",
                f"缺少材料：{material.name.zh}",
                f"Paper missing: {material.name.en}",
            )


def _deferred(notes: _Notes, path: str, line: Mapping[str, Any], today: date) -> None:
    """容缺: a day to come, and a commitment that the applicant has signed."""
    if line["deferred_until"] <= today.isoformat():
        notes.fault(
            f"{path}.deferred_until", "not-in-the-future", "补齐日期应晚于今天", "The day to supply it must be to come"
        )
    if not line.get("commitment"):
        notes.warn(
            f"{path}.commitment",
            "commitment-missing",
            "容缺须由申请人签署承诺书",
            "A deferred paper needs a commitment signed by the applicant",
        )


def _form(notes: _Notes, form: Mapping[str, Any], matter: Matter) -> None:
    fields = {field.key: field for field in matter.form}
    for key, value in form.items():
        field = fields.get(key)
        if field is None:
            notes.warn(
                f"form.{key}", "field-unknown", "事项没有这一栏，已照录", "Not a field of the matter; kept as given"
            )
        elif value is not None:
            _value(notes, f"form.{key}", field, value)
    for field in matter.form:
        if field.required and form.get(field.key) in (None, ""):
            notes.warn(
                f"form.{field.key}",
                "field-missing",
                f"未填：{field.label.zh}",
                f"Not filled in: {field.label.en}",
            )


def _value(notes: _Notes, path: str, field: Field, value: Any) -> None:
    """One form value against the type of its field."""
    text = str(value)
    if field.type == "choice" and field.choices and text not in {choice.value for choice in field.choices}:
        notes.fault(path, "unknown-choice", "不是可选的值", "Not one of the choices")
    elif field.type == "date" and not is_day(text):
        notes.fault(path, "not-a-date", "日期应写作 2026-01-31", "A date is written 2026-01-31")
    elif field.type in ("number", "money") and not _is_number(text):
        notes.fault(path, "not-a-number", "应为数字", "Must be a number")
    elif field.type == "uscc":
        notes.doubt(path, doubt_unified_code(text))
    elif field.type == "phone":
        notes.doubt(path, doubt_phone(text))


def _is_number(text: str) -> bool:
    try:
        return Decimal(text.replace(",", "")).is_finite()
    except InvalidOperation:
        return False


def carried_over(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """A resubmission 重新提交: what is not sent anew is taken from the returned application."""
    return {**old, **{key: value for key, value in new.items() if value is not None}}

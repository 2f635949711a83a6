"""The intake form: the names of its controls, the application they make, and where each fault is shown.

A control is named by the path that the application has for it (``applicant.name``, ``people.0.name``). A paper is named
by its id, because its row in the application counts only the papers that were taken.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from catalogue.domain.personal_data import doubt_document, doubt_phone, doubt_unified_code
from catalogue.domain.problems import Fault
from catalogue.domain.registry.model import Material, Matter
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import WORDS

Form = Mapping[str, list[str]]

CHECKS = WORDS["identity_methods"]
"""How identity can have been checked."""

TAKEN: dict[str, Text] = {
    code: text for code, text in WORDS["taken_as"].items() if code not in ("pledge_kept", "pledge_broken")
}
"""How a paper can be taken at the window."""

LICENCES: tuple[tuple[str, Text], ...] = (
    ("营业执照正本", Text("营业执照正本", "营业执照正本 Business licence, original")),
    ("营业执照副本", Text("营业执照副本", "营业执照副本 Business licence, duplicate")),
    ("许可证正本", Text("许可证正本", "许可证正本 Permit, original")),
    ("许可证副本", Text("许可证副本", "许可证副本 Permit, duplicate")),
    ("其他证照", Text("其他证照", "其他证照 Other licence")),
)

RECIPIENTS = "delivery.recipients"
"""The group of rows of those who are to take the result."""

PERSON = ("name", "document_type", "document_number")
_CODE = re.compile(r"(?<![0-9])[1-9][0-9]{5}(?![0-9])")


class Filled:
    """What was typed, by the names of the controls."""

    def __init__(self, form: Form) -> None:
        self._form: dict[str, str] = {
            key: values[-1].replace("\r\n", "\n").strip() for key, values in form.items() if values
        }

    def __call__(self, name: str, default: str = "") -> str:
        return self._form.get(name, default)

    def set(self, name: str, value: str) -> None:
        self._form[name] = value

    def offer(self, name: str, value: Any) -> None:
        """Fill a control that was left empty."""
        if value not in (None, "") and not self._form.get(name):
            self._form[name] = str(value)

    def drop(self, prefix: str) -> None:
        """Empty every control whose name begins so."""
        for name in [name for name in self._form if name.startswith(prefix)]:
            del self._form[name]

    def named(self, prefix: str) -> dict[str, str]:
        """Rest of the name -> value, of the controls whose name begins so."""
        return {name[len(prefix) :]: value for name, value in self._form.items() if name.startswith(prefix)}

    def rows(self, group: str) -> list[int]:
        """The numbers of the rows that the page showed."""
        numbers = {name.split(".")[0] for name in self.named(f"{group}.")}
        return sorted(int(number) for number in numbers if number.isascii() and number.isdigit() and len(number) < 4)

    def add_row(self, group: str, key: str, value: str = "") -> int:
        """A further row; its number."""
        number = max(self.rows(group), default=-1) + 1
        self.set(f"{group}.{number}.{key}", value)
        return number

    def all(self) -> dict[str, str]:
        """Everything, for a page that carries it on."""
        return dict(self._form)


def _given(filled: Filled, prefix: str, *keys: str) -> dict[str, Any]:
    return {key: value for key in keys if (value := filled(f"{prefix}.{key}"))}


def _agreed(filled: Filled, prefix: str) -> dict[str, bool]:
    """That notices may go to the e-mail address, where the tick was set."""
    return {"email_notices": True} if filled(f"{prefix}.email_notices") else {}


def _counted(text: str) -> int | str:
    """A count; what is none stays as typed, so that the fault is told beside it."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else text or 0


def place_of(filled: Filled) -> str:
    """The place as routing takes it: the division, with the finer place where one was named."""
    place, locality = filled("place"), filled("locality")
    return f"{place}/{locality}" if place and locality and "/" not in place else place


def code_in(text: str) -> str | None:
    """The division code that a typed place holds: 景洪市 532801."""
    found = _CODE.search(text)
    return found[0] if found else None


def application_of(filled: Filled, matter: Matter | None) -> tuple[dict[str, Any], dict[str, str]]:
    """The application as the service takes it, and for its rows the controls they came from."""
    controls: dict[str, str] = {}
    checked = {**_given(filled, "identity_check", "method", "at", "result")}
    applicant = {key: filled(f"applicant.{key}") for key in ("kind", *PERSON, "phone")}
    body: dict[str, Any] = {
        "matter": filled("matter"),
        "place": place_of(filled),
        "particulars": {key: value for key, value in filled.named("particulars.").items() if value},
        "applicant": {
            **applicant,
            **_given(filled, "applicant", "email", "unified_code"),
            **_agreed(filled, "applicant"),
        },
        "materials": _papers(filled, controls),
        "form": _fields(filled, matter),
        "people": _people(filled, controls, checked),
        "identity_check": checked,
        "delivery": _delivery(filled, controls),
    }
    agent = _given(filled, "agent", *PERSON, "phone", "email", "scope", "valid_until")
    if agent.keys() - {"document_type"}:
        body["agent"] = {**dict.fromkeys(PERSON, ""), **agent, **_agreed(filled, "agent")}
        if filled("agent.identity_check"):
            body["agent"]["identity_check"] = {"method": filled("agent.identity_check"), "at": checked.get("at", "")}
    surrendered = _surrendered(filled, controls)
    if surrendered:
        body["surrendered"] = surrendered
    for key in ("ticket_no", "window", "resubmits"):
        if filled(key):
            body[key] = filled(key)
    if filled("revision").isascii() and filled("revision").isdigit():
        body["revision"] = int(filled("revision"))
    if filled("consent"):
        body["consent"] = True
    return body, controls


def say_once(filled: Filled, matter: Matter | None) -> None:
    """An enterprise that applies for itself gives its code and its name once, wherever they are asked for."""
    by_code = filled("applicant.document_type") == "unified_code"
    if matter is None or not (by_code or filled("applicant.kind") not in ("", "natural_person")):
        return
    asked = {field.key for field in matter.form}
    typed = filled("form.unified_code") if "unified_code" in asked else ""
    code = (filled("applicant.document_number") if by_code else "") or filled("applicant.unified_code") or typed
    filled.offer("applicant.unified_code", code)
    if "unified_code" in asked:
        filled.offer("form.unified_code", code)
        named = next((key for key in ("company_name", "enterprise_name") if key in asked), None)
        if named is not None and code and filled("form.unified_code") == code:
            filled.offer(f"form.{named}", filled("applicant.name"))


def _papers(filled: Filled, controls: dict[str, str]) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    papers = dict.fromkeys(name.rpartition(".")[0] for name in filled.named("materials."))
    for paper in papers:
        taken, until = filled(f"materials.{paper}.taken"), filled(f"materials.{paper}.deferred_until")
        if not paper or not (taken or until):
            continue
        controls[f"materials.{len(lines)}"] = f"materials.{paper}"
        line: dict[str, Any] = {"id": paper}
        if until and not taken:
            line["deferred_until"] = until
            line["commitment"] = bool(filled(f"materials.{paper}.commitment"))
        if taken:
            line["originals"] = _counted(filled(f"materials.{paper}.originals"))
            line["copies"] = _counted(filled(f"materials.{paper}.copies"))
            line.update(_given(filled, f"materials.{paper}", "taken_as"))
        lines.append(line)
    return lines


def _fields(filled: Filled, matter: Matter | None) -> dict[str, str]:
    typed = filled.named("form.")
    known = {field.key for field in matter.form} if matter else set()
    return {key: value for key, value in typed.items() if value and key in known}


def _people(filled: Filled, controls: dict[str, str], checked: Mapping[str, Any]) -> list[dict[str, Any]]:
    people: list[dict[str, Any]] = []
    for row in filled.rows("people"):
        prefix = f"people.{row}"
        same = bool(filled(f"{prefix}.same"))
        source = "applicant" if same else prefix
        person = {key: filled(f"{source}.{key}") for key in PERSON}
        if not person["name"] and not person["document_number"]:
            continue
        controls[f"people.{len(people)}"] = source
        person["role"] = filled(f"{prefix}.role")
        person.update(_given(filled, prefix, "share"))
        method = filled(f"{prefix}.identity_check") or (str(checked.get("method", "")) if same else "")
        if method:
            before, _, at = filled(f"{prefix}.checked").partition(" ")
            now = str(checked.get("at", ""))
            person["identity_check"] = {"method": method, "at": at if before == method else now}  # type: ignore[assignment]
        people.append(person)
    return people


def _delivery(filled: Filled, controls: dict[str, str]) -> dict[str, Any]:
    method = filled("delivery.method") or "window"
    also = {"window": "window", "post": "address"}.get(method)
    found: dict[str, Any] = {"method": method, **(_given(filled, "delivery", also) if also else {})}
    named: list[dict[str, Any]] = []
    for row in filled.rows(RECIPIENTS):
        prefix = f"{RECIPIENTS}.{row}"
        person = _given(filled, prefix, "name", "document_number", "phone")
        if not person:
            continue
        controls[f"{RECIPIENTS}.{len(named)}"] = prefix
        named.append({"name": "", **person, **_given(filled, prefix, "document_type")})
    return {**found, "recipients": named} if named else found


def _surrendered(filled: Filled, controls: dict[str, str]) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for row in filled.rows("surrendered"):
        prefix = f"surrendered.{row}"
        if not filled(f"{prefix}.kind"):
            continue
        controls[f"surrendered.{len(lines)}"] = prefix
        line: dict[str, Any] = {"kind": filled(f"{prefix}.kind"), "received": bool(filled(f"{prefix}.received"))}
        lines.append({**line, **_given(filled, prefix, "copy_no", "reason")})
    return lines


# --- what is wrong, and where it is shown -----------------------------------------------------------------------------

_SHOWN = {
    "matter": "matter_q",
    "place": "place_q",
    "applicant": "applicant.name",
    "identity_check": "identity_check.method",
    "applicant.identity_check": "identity_check.method",
}
Told = dict[str, list[Text]]


def control_of(path: str, controls: Mapping[str, str]) -> str:
    """The control a fault is shown beside."""
    for parts in (3, 2):
        head = ".".join(path.split(".")[:parts])
        if head in controls:
            path = controls[head] + path[len(head) :]
            break
    for ending in (".identity_check.method", ".identity_check.at"):
        if path.endswith(ending):
            path = path.removesuffix(ending.rpartition(".")[2]).rstrip(".")
    if path.startswith("materials.") and path.endswith(".id"):
        path = path.removesuffix(".id")
    return _SHOWN.get(path, path)


def anchor(control: str) -> str:
    """Where on the page a fault is found: its control, or its words where it has no control of its own."""
    own = control != "people" and not control.startswith("materials.")
    return control if own else f"b-{control}"


def told(faults: Iterable[Fault], controls: Mapping[str, str]) -> Told:
    """Control -> what is wrong with it, each thing once."""
    found: Told = {}
    for fault in faults:
        said = found.setdefault(control_of(fault.path, controls), [])
        if fault.message not in said:
            said.append(fault.message)
    return found


def doubts(filled: Filled, today: date) -> tuple[tuple[Fault, ...], tuple[Fault, ...]]:
    """What is wrong and what is doubtful about numbers typed, though the application is not whole yet."""
    found = []
    for prefix in ("applicant", "agent", *(f"people.{row}" for row in filled.rows("people"))):
        number, phone = filled(f"{prefix}.document_number"), filled(f"{prefix}.phone")
        if number and not filled(f"{prefix}.same"):
            doubt = doubt_document(filled(f"{prefix}.document_type"), number, today)
            if doubt is not None:
                found.append((doubt, Fault(f"{prefix}.document_number", doubt.code, doubt.message)))
        if phone and (doubt := doubt_phone(phone)) is not None:
            found.append((doubt, Fault(f"{prefix}.phone", doubt.code, doubt.message)))
    return (
        tuple(fault for doubt, fault in found if doubt.blocking),
        tuple(fault for doubt, fault in found if not doubt.blocking),
    )


def look(kind: str, value: str, today: date) -> tuple[str, Text | None]:
    """One number as it is typed: ``ok``, ``look`` (again) or ``stop``, with the words. ``kind``: a document type,
    ``phone`` or ``uscc``."""
    if not value.strip():
        return "none", None
    doubt = (
        doubt_phone(value)
        if kind == "phone"
        else doubt_unified_code(value)
        if kind == "uscc"
        else doubt_document(kind, value, today)
    )
    if doubt is None:
        return "ok", None
    return ("stop" if doubt.blocking else "look"), doubt.message


NAMES: dict[str, Text] = {
    "matter_q": Text("事项", "Matter"),
    "place_q": Text("地点", "Place"),
    "name": Text("姓名（名称）", "Name"),
    "document_type": Text("证件类型", "Document"),
    "document_number": Text("证件号码", "Document number"),
    "phone": Text("电话", "Telephone"),
    "email": Text("电子邮箱", "E-mail"),
    "kind": Text("类型", "Kind"),
    "unified_code": Text("统一社会信用代码", "Unified social credit code"),
    "identity_check": Text("核验", "Identity check"),
    "method": Text("身份核验", "Identity check"),
    "window": Text("领取窗口", "Window of collection"),
    "address": Text("邮寄地址", "Postal address"),
    "consent": Text("同意书", "Consent"),
    "people": Text("实名核验人员", "People to be verified"),
    "originals": Text("原件份数", "Originals"),
    "copies": Text("复印件份数", "Copies"),
    "scope": Text("委托权限", "Powers"),
    "valid_until": Text("委托期限", "Powers valid until"),
    "share": Text("出资比例", "Share"),
    "role": Text("身份", "Role"),
    "ticket_no": Text("排队号", "Ticket"),
    "locality": Text("乡镇、园区", "Town or zone"),
    "recipients": Text("领取人", "Recipients"),
}
_WHO = {
    "applicant": Text("申请人", "Applicant: "),
    "agent": Text("代理人", "Agent: "),
    "people": Text("人员", "Person: "),
}


def name_of(control: str, matter: Matter | None) -> Text | None:
    """What a control is called in a list of faults; None where the fault's own words say it."""
    group, _, rest = control.partition(".")
    if matter is not None and group in ("form", "particulars"):
        named = {field.key: field.label for field in matter.form}
        named.update((particular.key, particular.label) for particular in matter.particulars)
        return named.get(rest)
    last = NAMES.get(control.rpartition(".")[2])
    if last is None or group not in _WHO or not rest:
        return last
    return Text(f"{_WHO[group].zh}{last.zh}", f"{_WHO[group].en}{last.en.lower()}")


def digest_of(warnings: Iterable[Fault]) -> str:
    """Names a list of warnings, so that a second look at the same list goes through."""
    return hashlib.sha256("\n".join(sorted(f"{w.path} {w.code}" for w in warnings)).encode()).hexdigest()[:16]


def initial_counts(material: Material) -> tuple[str, str]:
    """Originals and copies as the row offers them; what the registry does not know starts at one original."""
    if material.originals is None and material.copies is None:
        return "1", "0"
    return str(material.originals or 0), str(material.copies or 0)

"""The dossier of a case as sections of label and value, codes said in words; and the entries that may be mended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from catalogue.domain.days import local_time
from catalogue.domain.dossier import CORRECTABLE, SECTIONS
from catalogue.domain.registry.model import Matter, Registry
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.domain.vocabulary import WORDS, label

NAMES: dict[str, Text] = {
    "applicant": Text("申请人", "Applicant"),
    "agent": Text("代理人", "Agent"),
    "people": Text("相关人员", "People"),
    "form": Text("申请内容", "Application"),
    "identity_check": Text("身份核验", "Identity check"),
    "delivery": Text("送达方式", "Delivery"),
    "surrendered": Text("交回证照", "Licences handed in"),
    "ticket_no": Text("排队号", "Ticket"),
    "name": Text("姓名（名称）", "Name"),
    "kind": Text("类型", "Kind"),
    "document_type": Text("证件类型", "Document"),
    "document_number": Text("证件号码", "Document number"),
    "phone": Text("电话", "Telephone"),
    "email": Text("电子邮箱", "E-mail"),
    "email_notices": Text("同意邮件通知", "Agrees to notices by e-mail"),
    "unified_code": Text("统一社会信用代码", "Unified social credit code"),
    "method": Text("方式", "Method"),
    "window": Text("窗口", "Window"),
    "at": Text("时间", "At"),
    "role": Text("身份", "Role"),
    "share": Text("出资比例", "Share"),
    "system": Text("核验系统", "System"),
    "result": Text("结果", "Result"),
    "scope": Text("委托权限", "Authority"),
    "valid_until": Text("委托期限", "Valid until"),
    "address": Text("地址", "Address"),
    "recipients": Text("领取人", "Recipients"),
    "copy_no": Text("本次序", "Copy"),
    "received": Text("已收回", "Received"),
    "reason": Text("说明", "Reason"),
    "signature": Text("签名", "Signature"),
}

CODED = {"document_type": "document_types", "method": "delivery_methods", "role": "person_roles"}
"""Keys of the dossier whose values are codes -> the section of the vocabulary with their labels."""

YES, NO = Text("是", "yes"), Text("否", "no")

Row = tuple[Text, Text]


class Group(Value, frozen=True):
    """Facts that belong together; ``title`` where a section has several, ``unverified``: a person 未实名."""

    title: Text | None
    rows: tuple[Row, ...]
    unverified: bool = False


Section = tuple[Text, tuple[Group, ...]]


def sections(dossier: Mapping[str, Any], matter: Matter, registry: Registry) -> list[Section]:
    """The dossier, section by section, in the order of the application."""
    labels = {field.key: field.label for field in matter.form}
    found: list[Section] = []
    for key in (*(one for one in SECTIONS if one in dossier), *(one for one in dossier if one not in SECTIONS)):
        value = dossier[key]
        if value in (None, [], {}, ""):
            continue
        name = NAMES.get(key) or Text(key, key)
        if key == "people":
            found.append((name, tuple(_person(person, matter, registry) for person in value)))
        elif isinstance(value, list | tuple):
            found.append((name, tuple(Group(None, tuple(_rows(item, {}, registry))) for item in value)))
        elif isinstance(value, Mapping):
            shown = _in_words(value, matter) if key == "form" else value
            found.append((name, (Group(None, tuple(_rows(shown, labels if key == "form" else {}, registry))),)))
        else:
            found.append((name, (Group(None, ((name, _said(key, value, registry)),)),)))
    return found


def _in_words(form: Mapping[str, Any], matter: Matter) -> dict[str, Any]:
    """The matter's own fields, with the words of a choice in place of its code."""
    words = {(field.key, choice.value): choice.label for field in matter.form for choice in field.choices}
    return {key: words.get((key, str(value)), value) for key, value in form.items()}


def _person(person: Mapping[str, Any], matter: Matter, registry: Registry) -> Group:
    rest = {key: value for key, value in person.items() if key != "role"}
    unverified = matter.verify_people and not person.get("identity_check")
    return Group(label("person_roles", person["role"]), tuple(_rows(rest, {}, registry)), unverified)


def _rows(value: Mapping[str, Any], labels: Mapping[str, Text], registry: Registry) -> Iterator[Row]:
    order = [*labels, *NAMES]
    for key in sorted(value, key=lambda one: order.index(one) if one in order else len(order)):
        inner = value[key]
        if inner is None:
            continue
        name = labels.get(key) or NAMES.get(key) or Text(key, key)
        if isinstance(inner, Mapping):
            said = [_said(part, one, registry) for part, one in inner.items() if one is not None]
            yield name, Text("，".join(text.zh for text in said), ", ".join(text.en for text in said))
        elif isinstance(inner, list | tuple) and all(isinstance(one, Mapping) for one in inner):
            for number, one in enumerate(inner, 1):
                said = [_said(part, what, registry) for part, what in one.items() if what is not None]
                which = Text(f"{name.zh} {number}", f"{name.en} {number}")
                yield which, Text("，".join(text.zh for text in said), ", ".join(text.en for text in said))
        elif isinstance(inner, list | tuple):
            yield name, Text("、".join(map(str, inner)), ", ".join(map(str, inner)))
        else:
            yield name, _said(key, inner, registry)


def _said(key: str, value: Any, registry: Registry) -> Text:
    if isinstance(value, Text):
        return value
    if isinstance(value, bool):
        return YES if value else NO
    text = str(value)
    if key == "at":
        try:
            moment = local_time(datetime.fromisoformat(text))
        except ValueError:
            return Text(text, text)
        return Text(moment[:16].replace("T", " "), moment[:16].replace("T", " "))
    if key == "window" and text in registry.offices:
        return registry.offices[text].name
    words = WORDS.get(CODED.get(key, ""), {}).get(text) or WORDS["applicant_kinds"].get(text)
    return words or WORDS.get("identity_methods", {}).get(text) or Text(text, text)


def entries(dossier: Mapping[str, Any], matter: Matter) -> list[tuple[str, Text]]:
    """(path, name with what stands there now) of each entry that may be mended."""
    labels = {field.key: field.label for field in matter.form}
    found: list[tuple[str, Text]] = []
    for key, value in dossier.items():
        if key not in CORRECTABLE:
            continue
        name = NAMES.get(key) or Text(key, key)
        if isinstance(value, Mapping):
            found += _leaves(value, key, name, labels if key == "form" else {})
            for index, item in enumerate(value.get("recipients", ()) if key == "delivery" else ()):
                who = NAMES["recipients"]
                where = Text(f"{who.zh} {index + 1}", f"{who.en} {index + 1}")
                found += _leaves(item, f"{key}.recipients.{index}", where, {})
        elif isinstance(value, list | tuple):
            for index, item in enumerate(value):
                title = label("person_roles", item["role"]) if key == "people" else name
                where = Text(f"{title.zh} {index + 1}", f"{title.en} {index + 1}")
                found += _leaves(item, f"{key}.{index}", where, {})
                if key == "people" and not item.get("identity_check"):
                    check = NAMES["identity_check"]
                    found.append(
                        (
                            f"{key}.{index}.identity_check",
                            Text(f"{where.zh}·{check.zh}（未实名）", f"{where.en}: {check.en} (not verified)"),
                        )
                    )
        else:
            found.append((key, name))
    return found


def _leaves(value: Mapping[str, Any], path: str, where: Text, labels: Mapping[str, Text]) -> Iterator[tuple[str, Text]]:
    for key, inner in value.items():
        if isinstance(inner, Mapping | list | tuple) or inner is None:
            continue
        name = labels.get(key) or NAMES.get(key) or Text(key, key)
        yield f"{path}.{key}", Text(f"{where.zh}·{name.zh}（现为 {inner}）", f"{where.en}: {name.en} (now {inner})")

"""A sheet: what a document says, as blocks that a PDF and a page render alike. Chinese is the language of record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from catalogue.domain.case import Case, Event
from catalogue.domain.days import CHINA
from catalogue.domain.documents import Document
from catalogue.domain.numbers import grouped
from catalogue.domain.personal_data import mask_document, mask_phone
from catalogue.domain.registry.model import Matter, Office, Registry
from catalogue.domain.value import Value
from catalogue.domain.vocabulary import label
from catalogue.qr import LONG_CODE, svg_file

Block = dict[str, Any]
Pair = tuple[str, str]

NOT_PUBLISHED = "未公布"


class Ground(Value, frozen=True):
    """What a document is written from: the case as its event left it, and nothing later."""

    document: Document
    case: Case
    event: Event
    events: tuple[Event, ...]
    dossier: Mapping[str, Any]
    matter: Matter
    registry: Registry
    office: Office
    """Whose document it is."""
    names: Mapping[str, str]
    """Account id -> user name."""
    link: str | None
    """Address of the public status, for the QR code."""
    verify: str | None
    """Address that verifies the certificate, for its QR code."""
    code: str | None
    """The query code, where the document is printed while it is known."""
    certificate: Mapping[str, Any] | None
    demo: bool

    def office_named(self, office_id: str | None) -> str:
        """An office by name; a dash where there is none."""
        if office_id is None:
            return "–"
        office = self.registry.offices.get(office_id)
        return office_id if office is None else office.name.zh

    def phone_of(self, office_id: str | None) -> str:
        """Its telephone, or that none is published."""
        office = self.registry.offices.get(office_id or "")
        return NOT_PUBLISHED if office is None or office.phone is None else office.phone

    @property
    def applicant(self) -> str:
        """The applicant's name; a line to fill in once the data of the case were erased."""
        return str(self.dossier.get("applicant", {}).get("name") or "＿＿＿＿＿＿")

    @property
    def on(self) -> str:
        """The day of the act."""
        return day(self.event.at.astimezone(CHINA).date())

    @property
    def officer(self) -> str:
        """Who acted, and for whom where it was a stand-in."""
        if self.event.actor == "system":
            return "系统"
        who = self.names.get(self.event.actor, self.event.actor)
        covered = self.event.clear.get("acting_for")
        return f"{who}（代 {self.names.get(covered, covered)}）" if covered else who


def day(value: date | str | None) -> str:
    """A day as documents write it."""
    if value is None:
        return "未定"
    at = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{at.year}年{at.month}月{at.day}日"


def minute(value: datetime) -> str:
    """A moment to the minute, in local time."""
    at = value.astimezone(CHINA)
    return f"{at.year}年{at.month}月{at.day}日{at.hour:02d}时{at.minute:02d}分"


def heading(text: str) -> Block:
    return {"is": "heading", "text": text}


def facts(*rows: Sequence[Pair]) -> Block:
    """A table of facts; a row has one pair or two."""
    return {"is": "facts", "rows": [[list(pair) for pair in row] for row in rows]}


def address(name: str) -> Block:
    return {"is": "address", "text": f"{name}："}


def text(words: str) -> Block:
    return {"is": "text", "text": words}


def note(words: str) -> Block:
    return {"is": "note", "text": words}


def listed(items: Sequence[str]) -> Block:
    return {"is": "list", "items": list(items)}


def table(head: Sequence[str], widths: Sequence[int], centred: Sequence[bool], rows: Sequence[Sequence[str]]) -> Block:
    """A table; a width of 0 is as wide as its words."""
    return {
        "is": "table",
        "head": list(head),
        "widths": list(widths),
        "centred": list(centred),
        "rows": [list(row) for row in rows],
    }


def organ(name: str, on: str, seal: str = "（印章）") -> Block:
    return {"is": "organ", "name": name, "date": on, "seal": seal}


def sign(*places: str) -> Block:
    return {"is": "sign", "places": list(places)}


def picture(words: str, svg: str) -> Block:
    return {"is": "picture", "label": words, "svg": svg}


def qr(content: str, *lines: Pair) -> Block:
    return {
        "is": "qr",
        "svg": svg_file(content),
        "content": content,
        "big": len(content) > LONG_CODE,
        "lines": [list(line) for line in lines],
    }


def line_of(ground: Ground) -> Block | None:
    """The line with where the case was received and where it is decided."""
    case, registry = ground.case, ground.registry
    regions = list(registry.regions)
    if case.accepting_region not in regions or case.home_region not in regions:
        return None
    here, there = regions.index(case.accepting_region), regions.index(case.home_region)
    collects = case.delivery_office in (None, case.accepting_office)
    roles = {here: "收件·领取" if collects else "收件", there: "决定"}
    if here == there:
        roles[here] = "收件·决定"
    places = {there: _county(registry, case.home_office), here: _county(registry, case.accepting_office)}
    return {
        "is": "line",
        "from": here,
        "to": there,
        "stations": [
            {"name": region.short.zh, "role": roles.get(n, ""), "place": places.get(n, "")}
            for n, region in enumerate(registry.regions.values())
        ],
    }


def _county(registry: Registry, office_id: str | None) -> str:
    office = registry.offices.get(office_id or "")
    if office is None or office.division not in registry.divisions:
        return ""
    return registry.divisions[office.division][0].name.zh


def who(ground: Ground) -> list[list[Pair]]:
    """The rows every notice begins with: number of the case, matter, applicant, contact."""
    applicant = ground.dossier.get("applicant", {})
    agent = ground.dossier.get("agent") or {}
    kind = label("document_types", applicant["document_type"]).zh if applicant.get("document_type") else ""
    document = f"{kind} {mask_document(str(applicant.get('document_number', '')))}".strip()
    rows: list[list[Pair]] = [
        [("流水号", grouped(ground.case.reference)), ("事项", ground.matter.name.zh)],
        [("申请人", ground.applicant), ("证件", document or "–")],
    ]
    title = ground.dossier.get("form", {}).get("enterprise_name")
    if title and title != ground.applicant:
        rows.append([("办理对象", str(title))])
    phone = mask_phone(str(applicant["phone"])) if applicant.get("phone") else "–"
    rows.append([("联系电话", phone), ("代理人", str(agent["name"]) if agent.get("name") else "无")])
    return rows


def follow(ground: Ground) -> list[Block]:
    """The QR code to the public status, with what it opens."""
    if ground.link is None:
        return []
    return [
        qr(
            ground.link,
            ("查进度", "扫二维码，或在网上凭流水号和查询码查询，不用登录。"),
            ("请保管", "二维码和查询码等同凭证，请勿给他人。"),
        )
    ]


def supervision(ground: Ground) -> Pair:
    return ("咨询电话", f"{ground.office_named(ground.case.home_office)} {ground.phone_of(ground.case.home_office)}")


def sheet_of(ground: Ground, title: str, title_en: str, blocks: Sequence[Block | None], subtitle: str = "") -> Block:
    """The whole sheet: letterhead, title, number, blocks and foot."""
    corner = [ground.office.name.zh]
    if ground.demo:
        corner.append("演示数据，不作凭证")
    return {
        "kind": ground.document.kind.code,
        "title": title,
        "title_en": title_en,
        "subtitle": subtitle,
        "number": ground.document.number or "",
        "organ": ground.office.name.zh,
        "corner": corner,
        "blocks": [block for block in blocks if block is not None],
        "foot": f"流水号 {grouped(ground.case.reference)}　清单修订 {ground.case.revision} 号",
    }

"""What applicants of a demonstration bring: made-up persons, enterprises and forms, plainly marked 演示."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from catalogue.domain.days import CHINA, local_day
from catalogue.domain.personal_data import resident_id_check, unified_code_check
from catalogue.domain.problems import MissingParticulars
from catalogue.domain.registry.model import Matter
from catalogue.domain.routing import Route, route
from catalogue.service.house import House


class Applicants:
    """One application after another, the same on every machine."""

    def __init__(self, house: House, chance: random.Random) -> None:
        self._house, self._chance = house, chance
        self.serial = 0

    def body(self, matter: Matter, place: str) -> dict[str, Any]:
        """The next application for that matter and place, as a window sends it."""
        self.serial += 1
        particulars = self._particulars(matter, place)
        person = matter.applicant_kinds[0] == "natural_person" and self.serial % 3 != 0
        kind = "natural_person" if person else next(k for k in (*matter.applicant_kinds, "legal_person") if k)
        if not person and "legal_person" in matter.applicant_kinds:
            kind = "legal_person"
        person = kind == "natural_person"
        checked = {"method": "id_card_reader", "at": self._house.clock.now().isoformat()}
        name = f"演示申请人{self.serial:04d}" if person else self._enterprise()
        applicant: dict[str, Any] = {
            "kind": kind,
            "name": name,
            "document_type": "resident_id" if person else "unified_code",
            "document_number": self.resident_id() if person else self._unified_code(place),
            "phone": f"1380000{self.serial % 10000:04d}",
        }
        return {
            "matter": matter.id,
            "place": place,
            "particulars": particulars,
            "applicant": applicant,
            "materials": [
                {"id": material.id, "originals": 1, "copies": 1, "taken_as": "original"}
                for material in matter.materials
                if material.required
            ],
            "form": self._form(matter),
            "people": [
                {
                    "role": "legal_representative",
                    "name": f"演示人员{self.serial:04d}",
                    "document_type": "resident_id",
                    "document_number": self.resident_id(),
                    "identity_check": checked,
                }
            ]
            if matter.verify_people
            else [],
            "identity_check": checked,
            "delivery": {"method": "window"},
            "ticket_no": f"A{self.serial:03d}",
            "consent": True,
        }

    def _particulars(self, matter: Matter, place: str) -> dict[str, str]:
        """The first answer to each question that routing asks here, or the next that keeps it in the programme."""
        house, today = self._house, local_day(self._house.clock.now())
        particulars: dict[str, str] = {}
        for _ in range(10):
            try:
                found = route(house.in_force(), house.handlers, matter.id, place, particulars, today)
            except MissingParticulars as problem:
                for missing in problem.extra["missing"]:
                    particulars[missing["key"]] = missing["choices"][0]["value"]
                continue
            if isinstance(found, Route):
                return particulars
            break
        return particulars

    def _form(self, matter: Matter) -> dict[str, Any]:
        values: dict[str, Any] = {
            "text": "演示内容",
            "long_text": "演示内容",
            "number": 1,
            "money": "100000",
            "date": self._house.clock.now().astimezone(CHINA).date().isoformat(),
            "division": "532801",
            "phone": "13800000000",
        }
        form: dict[str, Any] = {}
        for entry in matter.form:
            if entry.searchable:
                form[entry.key] = self._enterprise()
            elif entry.type == "choice":
                form[entry.key] = entry.choices[0].value
            elif entry.type == "uscc":
                form[entry.key] = self._unified_code("530100")
            else:
                form[entry.key] = values.get(entry.type, "演示内容")
        return form

    def _enterprise(self) -> str:
        trade = self._chance.choice(("普洱茶", "咖啡", "旅游", "物流", "鲜花", "橡胶制品", "餐饮管理", "农产品"))
        return f"演示{trade}{self.serial:04d}有限公司"

    def resident_id(self) -> str:
        """A made-up 公民身份号码 whose check digit fits."""
        born = datetime(1960, 1, 1, tzinfo=UTC) + timedelta(days=self._chance.randrange(14000))
        body = f"530102{born:%Y%m%d}{self._chance.randrange(1000):03d}"
        return body + resident_id_check(body)

    def _unified_code(self, place: str) -> str:
        body = f"91{place}MA{self._chance.randrange(10**7):07d}"
        return body + unified_code_check(body)

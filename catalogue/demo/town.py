"""Where a demonstration takes place: its offices, the roles in each, and its clock."""

from __future__ import annotations

from datetime import UTC, datetime

from catalogue.domain.people import Role

DAYS_BACK = 60

CASE_ROLES = {
    "clerk": Role.WINDOW_CLERK,
    "head": Role.WINDOW_HEAD,
    "intake": Role.HOME_INTAKE,
    "reviewer": Role.REVIEWER,
    "reviewer2": Role.REVIEWER,
    "decider": Role.DECIDER,
}
CITY_ROLES = {
    "supervisor": Role.SUPERVISOR,
    "editor": Role.REGISTRY_EDITOR,
    "publisher": Role.REGISTRY_PUBLISHER,
    "admin": Role.SYSTEM_ADMIN,
    "security": Role.SECURITY_ADMIN,
    "auditor": Role.AUDITOR,
}
OFFICES = {
    "wuhua": "530102",
    "hongta": "530402",
    "simao": "530802",
    "jinghong": "532801",
    "mengla": "532823",
    "kunming": "530100",
    "yuxi": "530400",
    "puer": "530800",
    "xishuangbanna": "532800",
}
CITIES = ("kunming", "yuxi", "puer", "xishuangbanna")


class DemoClock:
    """A clock that is set to the moment of each act."""

    def __init__(self) -> None:
        self._moment = datetime.now(UTC)
        self.present = self._moment

    def now(self) -> datetime:
        return self._moment

    def set(self, moment: datetime) -> None:
        self._moment = min(moment, self.present)

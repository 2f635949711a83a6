"""An empty database filled for a demonstration: accounts of every role in every city, and cases in every state.

Everything is done through the use cases, by the accounts that would do it, at times of the past weeks; nothing is
written past them. Names are plainly marked 演示; document numbers are made up and only their check digits are right.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from catalogue.app import Joined
from catalogue.demo.town import CASE_ROLES, CITIES, CITY_ROLES, DAYS_BACK, OFFICES, DemoClock
from catalogue.demo.writing import Writer
from catalogue.domain.people import Account
from catalogue.domain.problems import RuleForbids
from catalogue.domain.text import Text
from catalogue.service import jobs, sign_in
from catalogue.service.ports import Work
from catalogue.service.publish import publish


def fill(joined: Joined, clock: DemoClock, cases: int) -> list[dict[str, Any]]:
    """Fill an empty database; answers the accounts with their passwords. Raises RuleForbids where it is not empty."""
    database, house = joined.database, joined.house

    def empty(work: Work) -> bool:
        return not work.accounts.list() and not work.revisions.list()

    if not database.read(empty).result():
        raise RuleForbids(
            Text(
                "数据库不是空的，演示数据只写入空数据库",
                "The database is not empty; demonstration data need an empty one",
            ),
            extra={"rule": "empty-database"},
        )
    begin = clock.present - timedelta(days=DAYS_BACK + 2)
    clock.set(begin)
    given = joined.settings
    registry_text = given.registry_file.read_bytes()
    calendars = {path.name: path.read_bytes() for path in sorted(given.calendars_dir.glob("*.yaml"))}
    database.write(
        lambda work: publish(
            work,
            house,
            registry_text=registry_text,
            calendars=calendars,
            author="demo",
            note="演示数据",
            effective_from=None,
            based_on=None,
        )
    ).result()
    database.write(lambda work: work.marks.set("demo", begin.isoformat())).result()
    house.demo = True
    database.read(lambda work: house.refresh(work.revisions)).result()
    accounts, listed = _accounts(joined)
    Writer(joined, clock, accounts).write(cases)
    clock.set(clock.present)
    jobs.run_once(database, house, joined.channels)
    return listed


def _accounts(joined: Joined) -> tuple[dict[tuple[str, str], Account], list[dict[str, Any]]]:
    registry = joined.house.in_force().registry
    made: dict[tuple[str, str], Account] = {}
    listed: list[dict[str, Any]] = []
    for place, office in OFFICES.items():
        roles = {**CASE_ROLES, **CITY_ROLES} if place in CITIES else CASE_ROLES
        for name, role in roles.items():
            password = sign_in.new_password()
            account = sign_in.new_account(f"{place}-{name}", frozenset({role}), registry.offices[office].region, office)
            _add(joined, account, sign_in.hash_password(password))
            made[office, name] = account
            listed.append(
                {
                    "username": account.username,
                    "password": password,
                    "roles": [role.value],
                    "region": account.region,
                    "office": office,
                }
            )
    return made, listed


def _add(joined: Joined, account: Account, password_hash: str) -> None:
    joined.database.write(lambda work: sign_in.add_account(work, joined.house, account, password_hash, "demo")).result()

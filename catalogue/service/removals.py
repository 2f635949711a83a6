"""What a new registry may not leave out: offices, cities and divisions that cases or accounts refer to.

Every case names its offices and its place for ever, and pages, papers and counts call them by the registry in force. An
office that ends therefore stays, closed with a successor; a city that ends stays with its offices; a division whose
code changes is kept as a former code of the new one. Only what was never used goes.
"""

from __future__ import annotations

from collections.abc import Iterable

from catalogue.domain.problems import Fault, InvalidInput
from catalogue.domain.registry.model import Office, Registry
from catalogue.domain.text import Text
from catalogue.service.ports import Work

SHOWN = 50


def removed_in_use(work: Work, before: Registry, after: Registry) -> list[Fault]:
    """Each office and division that the new registry lacks although a case or an account refers to it."""
    return [*_offices_in_use(work, before, after), *_places_in_use(work, before, after)]


def _offices_in_use(work: Work, before: Registry, after: Registry) -> list[Fault]:
    gone = [office for office in before.offices.values() if office.id not in after.offices]
    if not gone:
        return []
    accounts = {account.office for account, disabled in work.accounts.list() if not disabled}
    faults = []
    for office in gone:
        reference = work.open_cases.referring(office.id)
        if reference is not None:
            faults.append(_fault(after, office, "removed-in-use", *_cases(office, reference)))
        elif office.id in accounts:
            faults.append(_fault(after, office, "removed-with-accounts", *_accounts(office)))
    return faults


def _places_in_use(work: Work, before: Registry, after: Registry) -> list[Fault]:
    """The divisions and cities that are known neither by their code nor as former ones, and that a case names."""
    known = {code for region in after.regions.values() for code in (region.division, *region.former_codes)}
    known |= {code for division, _ in after.divisions.values() for code in (division.code, *division.former_codes)}
    places = [(region.id, region.division, region.name) for region in before.regions.values()]
    places += [(region.id, division.code, division.name) for division, region in before.divisions.values()]
    faults = []
    for region, code, name in places:
        reference = None if code in known else work.open_cases.placed(code)
        if reference is not None:
            message = Text(
                f"{name.zh}（{code}）有办件（如 {reference}），须留在清单里；改了代码的，把旧代码写进新区划的曾用代码",
                f"{name.en} ({code}) has cases (such as {reference}) and must stay; "
                "where its code changed, the old one stands among the former codes of the new",
            )
            faults.append(Fault(f"regions.{region}.divisions.{code}", "removed-in-use", message))
    return faults


def refuse_removed(faults: Iterable[Fault]) -> None:
    """Raises InvalidInput naming each office and division that may not go."""
    found = tuple(faults)
    if found:
        raise InvalidInput(
            Text(
                f"有 {len(found)} 处删去的机关或区划还在用，不能发布",
                f"{len(found)} offices or divisions were left out that are in use; it cannot be published",
            ),
            errors=found[:SHOWN],
        )


def _fault(after: Registry, office: Office, code: str, zh: str, en: str) -> Fault:
    city = "" if office.region in after.regions else "删去城市之前，"
    before = "" if office.region in after.regions else "Before the city goes: "
    return Fault(f"regions.{office.region}.offices.{office.id}", code, Text(city + zh, before + en))


def _cases(office: Office, reference: str) -> tuple[str, str]:
    return (
        f"{office.name.zh}有办件（如 {reference}），须留在清单里；不再办理就给它写承接机关",
        f"{office.name.en} has cases (such as {reference}) and must stay; name its successor to close it",
    )


def _accounts(office: Office) -> tuple[str, str]:
    return (
        f"{office.name.zh}还有账号，请系统管理员先停用或移走",
        f"{office.name.en} still has accounts; an administrator disables or moves them first",
    )

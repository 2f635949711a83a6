"""Decisions: grant, on the spot, refuse, terminate; and what a grant waits for."""

from __future__ import annotations

from typing import Any

from catalogue.domain import clocks
from catalogue.domain.acts.base import (
    Acts,
    Body,
    Circumstances,
    Draft,
    closing,
    home_calendar,
    reason,
)
from catalogue.domain.acts.home import accept
from catalogue.domain.acts.pledges import check_by
from catalogue.domain.case import Case
from catalogue.domain.people import Actor
from catalogue.domain.problems import RuleForbids
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import label


def may_grant(case: Case) -> None:
    """What every grant waits for, wherever it is decided. Raises RuleForbids."""
    if case.unverified:
        roles = [label("person_roles", role) for role in case.unverified]
        raise RuleForbids(
            Text(
                "未实名人员：" + "、".join(role.zh for role in roles) + "，不得准予登记",
                "Persons not verified: " + ", ".join(role.en for role in roles),
            ),
            extra={"rule": "unverified-people", "unverified": list(case.unverified)},
        )
    if case.deferred:
        raise RuleForbids(
            Text("容缺材料尚未补齐", "Deferred papers have not come in"),
            extra={"rule": "deferred-papers", "materials": [line.id for line in case.deferred]},
        )


def _granted(case: Case, body: Body, given: Circumstances, **clear: Any) -> tuple[Draft, ...]:
    state = "decided_grant" if given.matter.certificates else "cert_ready"
    checked = check_by(case, given)
    return (
        Draft(
            "granted",
            {
                "state": state,
                "decided_on": given.today.isoformat(),
                "clocks": {
                    **clocks.at_decision(home_calendar(given), case, given.today),
                    **({"check_by": checked.isoformat()} if checked else {}),
                },
                **clear,
            },
            {"opinion": body["opinion"]},
        ),
    )


def _grant(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    may_grant(case)
    return _granted(case, body, given)


def _decide_at_once(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    may_grant(case)
    accepted = () if case.accepted_on else accept(case, {}, actor, given)
    return (*accepted, *_granted(case, body, given, at_once=True))


def _refuse(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (
        Draft(
            "refused",
            {
                "state": "decided_refuse",
                "decided_on": given.today.isoformat(),
                "clocks": clocks.at_decision(home_calendar(given), case, given.today),
            },
            dict(body),
        ),
    )


def _terminate(case: Case, body: Body, actor: Actor, given: Circumstances) -> tuple[Draft, ...]:
    return (Draft("terminated", {"state": "terminated", **closing(given)}, reason(body)),)


ACTS: Acts = {
    "decide-at-once": _decide_at_once,
    "grant": _grant,
    "refuse": _refuse,
    "terminate": _terminate,
}

"""What a city's own system is told of a case: composed when it is sent, as the case stood at the event it tells.

The outbox keeps who is told of which event; the content comes from the events themselves. So nothing personal stands
twice, a message sent again says the same under the same id, and its links to the papers are fresh.
"""

from __future__ import annotations

from typing import Any

from catalogue.domain.days import local_time
from catalogue.domain.dossier import dossier_of
from catalogue.domain.folding import fold
from catalogue.domain.people import Actor, Role
from catalogue.domain.problems import NotFound
from catalogue.service.house import House
from catalogue.service.ports import Message, Work
from catalogue.service.views import STATE_LABELS, event_json, office_json

OWN_SYSTEM = frozenset({Role.HOME_INTAKE, Role.REVIEWER, Role.DECIDER})
"""The powers of a city's own system: those of its officers, whom it answers for."""


def compose(work: Work, house: House, message: Message) -> dict[str, Any]:
    """The data of a message: the event, the case as it stood then, its dossier in clear, links to its papers.

    Raises NotFound where the case or the event is not there.
    """
    events = [e for e in work.cases.events(message.reference, unseal=True) if e.seq <= message.sequence]
    if not events or events[-1].seq != message.sequence:
        raise NotFound
    case = fold(message.reference, events)
    matter = house.revision(case.revision).registry.matters[case.matter]
    now = house.clock.now()
    files = []
    # Who is told that a case has left gets nothing of it any more.
    left = case.home_region != message.region
    for file in () if left else work.files.list(message.reference):
        path, until = house.paper_links.path(message.region, message.reference, file.id, now)
        files.append(
            {
                "id": file.id,
                "name": file.name,
                "material": file.material,
                "media_type": file.media_type,
                "size": file.size,
                "sha256": file.digest,
                "url": f"{house.public_url}{path}",
                "until": local_time(until),
            }
        )
    told = event_json(events[-1], unmasked=True)
    return {
        "reference": case.reference,
        "event": {key: told[key] for key in ("seq", "type", "label", "at", "office", "facts", "particulars")},
        "state": case.state,
        "label": STATE_LABELS[case.state],
        "matter": {"id": matter.id, "name": matter.name.as_json(), "code": matter.codes.item},
        "procedure": case.procedure,
        "place": case.place,
        "particulars": dict(case.particulars),
        "accepting": office_json(house, case, case.accepting_office),
        "home": office_json(house, case, case.home_office),
        "came_because": came_because(events),
        "limits": {
            name: None if value is None else value.isoformat()
            for name, value in (
                ("received_on", case.received_on),
                ("accepted_on", case.accepted_on),
                ("notice_by", case.notice_by),
                ("promised_by", case.promised_by),
                ("statutory_by", case.statutory_by),
            )
        },
        "application": {} if left else dossier_of(events),
        "materials": [
            {"id": line.id, "originals": line.originals, "copies": line.copies, "taken_as": line.taken_as}
            for line in case.materials
        ],
        "files": files,
    }


def came_because(events: Any) -> dict[str, Any] | None:
    """Why a re-routed case came to this office: the last re-routing, singly or in bulk, and the refusal before it; None
    on the first way.

    A re-routed case looks new to its receiver; this is what tells it apart.
    """
    undone = {e.clear["undoes"] for e in events if e.type == "reassigned" and "undoes" in e.clear}
    moves = (e for e in reversed(events) if e.type == "rerouted" or e.clear.get("move", "") not in {"", *undone})
    rerouted = next(moves, None)
    if rerouted is None:
        return None
    bounced = next((e for e in reversed(events) if e.type == "bounced" and e.seq < rerouted.seq), None)
    return {
        "reason": rerouted.sealed.get("reason"),
        "at": local_time(rerouted.at),
        "refused_by": None if bounced is None else bounced.office,
        "code": None if bounced is None else bounced.clear.get("code"),
        "refusal": None if bounced is None else bounced.sealed.get("reason"),
        "suggestion": None if bounced is None else bounced.sealed.get("suggestion"),
        "to_refuser": bool(rerouted.clear.get("returns_to_refuser")),
    }


def own_system(account_id: str, username: str, region: str, office: str, officer: str | None) -> Actor:
    """A city's own system acting for the office that has the case; ``officer`` is whoever it names.

    Two officers it names are two persons to every rule that wants two.
    """
    name = account_id if officer is None else f"{account_id}:{officer}"
    return Actor(name, username, OWN_SYSTEM, region, office)

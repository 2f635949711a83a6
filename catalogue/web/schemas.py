"""The JSON schemas of answers. Bodies come from ``catalogue.service.bodies`` and are never written twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalogue.domain.vocabulary import WORDS
from catalogue.service.bodies import COMMAND_BODIES

Schema = dict[str, Any]

STRING: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
TRUTH: Schema = {"type": "boolean"}
DAY: Schema = {"type": ["string", "null"], "format": "date"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
FREE: Schema = {"type": "object"}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def maybe(schema: Schema) -> Schema:
    """The schema or null: unknown is null and never left out."""
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def many(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def each(schema: Schema) -> Schema:
    return {"type": "object", "additionalProperties": schema}


def record(optional: Mapping[str, Schema] | None = None, /, **required: Schema) -> Schema:
    """An object with those members, the named ones always there."""
    return {
        "type": "object",
        "required": sorted(required),
        "properties": {**required, **(optional or {})},
    }


def code(section: str) -> Schema:
    return {"type": "string", "enum": list(WORDS[section])}


LABEL = ref("Label")
COMMAND: Schema = {"type": "string", "enum": list(COMMAND_BODIES)}

_draft_line: dict[str, Schema] = {
    "id": STRING,
    "title": STRING,
    "reason": maybe(STRING),
    "origin": STRING,
    "based_on": WHOLE,
    "author": STRING,
    "made_at": MOMENT,
    "changed_at": MOMENT,
    "version": WHOLE,
    "state": {"type": "string", "enum": ["open", "published", "discarded"]},
    "revision": maybe(WHOLE),
}

_account = {
    "id": STRING,
    "username": STRING,
    "roles": many(code("roles")),
    "role_labels": many(LABEL),
    "region": STRING,
    "office": STRING,
    "areas": many(STRING),
}
_limits = record({"notice_by": DAY, "deliver_by": DAY}, promised_by=DAY, statutory_by=DAY, provisional=TRUTH)
_warnings = many(record(path=STRING, code=STRING, message=LABEL))
_case: dict[str, Schema] = {
    "reference": {"type": "string", "pattern": "^[0-9]{16}$"},
    "state": code("states"),
    "label": LABEL,
    "matter": record(id=STRING, name=LABEL),
    "procedure": code("procedures"),
    "revision": WHOLE,
    "accepting": record(region=STRING, office=STRING, window=maybe(STRING)),
    "home": record(region=maybe(STRING), office=maybe(STRING)),
    "received_on": DAY,
    "accepted_on": DAY,
    "deemed": TRUTH,
    "limits": _limits,
    "time_used": FREE,
    "certificate_id": maybe(STRING),
    "certificate_number": maybe(STRING),
    "allowed": many(COMMAND),
    "events": many(ref("Event")),
}
_matter_line: dict[str, Schema] = {
    "id": STRING,
    "name": LABEL,
    "aliases": many(STRING),
    "category": STRING,
    "type": code("matter_types"),
    "procedure": code("procedures"),
    "mode": code("modes"),
    "decided_by": STRING,
    "cities": many(STRING),
}
_certificate = {"id": STRING, "status": STRING, "kind": LABEL, "issued_on": DAY}

ANSWERS: dict[str, Schema] = {
    "Label": record(zh=STRING, en=STRING),
    "Problem": record(
        {
            "errors": many(record(path=STRING, code=STRING, message=STRING)),
            "state": STRING,
            "allowed": many(COMMAND),
            "missing": many(record(key=STRING, label=LABEL, choices=many(record(value=STRING, label=LABEL)))),
            "retry_after": WHOLE,
            "routing": FREE,
        },
        type=STRING,
        title=STRING,
        status=WHOLE,
        detail=STRING,
        instance=STRING,
    ),
    "Event": record(
        {"label": maybe(LABEL), "facts": FREE, "particulars": FREE},
        seq=WHOLE,
        type=STRING,
        at=MOMENT,
        actor=STRING,
        office=STRING,
        note=maybe(STRING),
    ),
    "Case": record({"dossier": FREE, "masked": TRUTH, "queue": maybe(STRING), "warnings": _warnings}, **_case),
    "Commanded": record({"queue": maybe(STRING)}, etag=STRING, **_case),
    "CaseLine": record(
        {"queue": maybe(STRING), "title": maybe(STRING), "claimed_by": maybe(STRING), "due_on": DAY},
        reference=STRING,
        state=code("states"),
        label=LABEL,
        matter=record(id=STRING, name=maybe(LABEL)),
        applicant=STRING,
        accepting=FREE,
        home=FREE,
        received_on=STRING,
        promised_by=DAY,
        statutory_by=DAY,
        overdue=TRUTH,
    ),
    "Cases": record(cases=many(ref("CaseLine")), next_cursor=maybe(STRING)),
    "Queues": record(queues=many(record(queue=STRING, label=LABEL, count=WHOLE))),
    "Received": record(
        {"resubmits": maybe(STRING)},
        reference={"type": "string", "pattern": "^[0-9]{16}$"},
        query_code=STRING,
        qr_url=STRING,
        status_url=STRING,
        state=code("states"),
        label=LABEL,
        matter=record(id=STRING, name=LABEL),
        revision=WHOLE,
        received_on=DAY,
        etag=STRING,
        routing=FREE,
        limits=_limits,
        unverified=many(STRING),
        warnings=_warnings,
    ),
    "File": record(
        id=STRING,
        name=STRING,
        media_type=STRING,
        size=WHOLE,
        digest=STRING,
        material=maybe(STRING),
        added_at=MOMENT,
        added_by=STRING,
        kind=STRING,
    ),
    "Rated": record(reference=STRING, ratings=many(FREE)),
    "OptedOut": record(contacts=WHOLE),
    "Ratings": record(ratings=many(FREE)),
    "Documents": record(
        papers=many(
            record(
                id=STRING,
                kind=STRING,
                title=LABEL,
                number=maybe(STRING),
                office=maybe(STRING),
                seq=WHOLE,
                at=MOMENT,
                digest=maybe(STRING),
                href=STRING,
            )
        )
    ),
    "Files": record(files=many(ref("File"))),
    "Me": record({"csrf_token": STRING, "scopes": many(STRING)}, **_account),
    "OpenedSession": record(csrf_token=STRING, expires_at=MOMENT, account=record(**_account), **_account),
    "Matters": record(
        revision=WHOLE,
        note=LABEL,
        categories=many(record(id=STRING, name=LABEL)),
        count=WHOLE,
        matters=many(record(**_matter_line)),
    ),
    "Matter": record(
        revision=WHOLE,
        limits=each(maybe(WHOLE)),
        codes=each(maybe(STRING)),
        legal_basis=many(FREE),
        particulars=many(FREE),
        form=many(FREE),
        materials=many(FREE),
        results=many(FREE),
        fee=record(charged=maybe(TRUTH), note=maybe(LABEL)),
        regions=each(FREE),
        provenance=each(FREE),
        **_matter_line,
    ),
    "Registry": record(
        number=WHOLE,
        digest=STRING,
        effective_from=MOMENT,
        published_at=MOMENT,
        title=LABEL,
        note=LABEL,
        as_of=DAY,
        matters=WHOLE,
        categories=many(record(id=STRING, name=LABEL)),
        regions=many(record(id=STRING, name=LABEL, offices=many(FREE))),
    ),
    "DraftLine": record(**_draft_line),
    "Drafts": record(drafts=many(ref("DraftLine"))),
    "Draft": record(
        **_draft_line,
        newest=WHOLE,
        overtaken=TRUTH,
        changes=many(FREE),
        problems=many(record(path=STRING, code=STRING, message=LABEL)),
        open_cases=maybe(FREE),
    ),
    "PublishedDraft": record(revision=WHOLE, digest=STRING, effective_from=MOMENT),
    "Withdrawn": record(number=WHOLE, withdrawn=TRUTH),
    "Revisions": record(
        in_force=WHOLE,
        revisions=many(
            record(
                number=WHOLE,
                digest=STRING,
                note=maybe(STRING),
                effective_from=MOMENT,
                published_at=MOMENT,
            )
        ),
    ),
    "Areas": record(
        areas=many(
            record(
                place=STRING,
                code=STRING,
                name=LABEL,
                region=STRING,
                kind={"type": "string", "enum": ["city", "county", "locality"]},
                former_codes=many(STRING),
                matched=STRING,
            )
        )
    ),
    "Route": {
        "anyOf": [
            record(
                matter=STRING,
                place=STRING,
                region=STRING,
                office=record(id=STRING, name=STRING, level=code("levels"), phone=maybe(STRING)),
                handler=STRING,
                acceptance=code("acceptance"),
                mode=code("modes"),
                limits=each(maybe(WHOLE)),
                expected=record(promised_by=DAY, statutory_by=DAY, provisional=TRUTH),
                materials=many(FREE),
                revision=WHOLE,
                explanation=many(ref("Step")),
            ),
            record(
                outside_scope=record(authority=STRING, reason=STRING), revision=WHOLE, explanation=many(ref("Step"))
            ),
            record(
                unroutable=record(region=maybe(STRING), reason=STRING), revision=WHOLE, explanation=many(ref("Step"))
            ),
        ]
    },
    "Step": record(rule=STRING, matched=TRUTH, reason=STRING),
    "Vocabulary": each({"anyOf": [each(LABEL), many(STRING)]}),
    "PublicStatus": record(
        {"certificate": maybe(STRING), "resubmitted_as": maybe(STRING)},
        reference=STRING,
        state=code("states"),
        label=LABEL,
        matter=record(id=STRING, name=LABEL),
        received_on=DAY,
        accepting=maybe(FREE),
        home=maybe(FREE),
        holder=maybe(FREE),
        expected=record(promised_by=DAY, statutory_by=DAY, provisional=TRUTH),
        hotlines=record(consultation=maybe(STRING), complaints=maybe(STRING), supervision=maybe(STRING)),
        usual=maybe(
            record(region=maybe(STRING), cases=WHOLE, half_within_days=WHOLE, p90_days=WHOLE, minimum_cases=WHOLE)
        ),
        timeline=many(record(seq=WHOLE, type=STRING, label=maybe(LABEL), at=MOMENT, office=maybe(FREE))),
        next_step=LABEL,
    ),
    "Answered": record(
        {"case_state": code("states"), "etag": STRING, "events": many(FREE), "expected": WHOLE},
        id=STRING,
        state={"type": "string", "enum": ["done", "waiting"]},
        reference=STRING,
    ),
    "Compared": record(
        compared_at=MOMENT,
        cases=WHOLE,
        differences=many(record(reference=STRING, kind=STRING, ours=maybe(STRING), theirs=maybe(STRING))),
    ),
    "Verification": record(
        authority=record(id=maybe(STRING), name=LABEL),
        cause=maybe(STRING),
        valid_until=maybe(DAY),
        superseded_by=maybe(FREE),
        in_place_of=maybe(FREE),
        token=maybe(STRING),
        **_certificate,
    ),
    "SigningKeys": record(keys=many(FREE)),
    "Live": record(status=STRING),
    "Ready": record(status=STRING, ready=TRUTH),
    "Document": FREE,
}
"""Component name -> schema."""

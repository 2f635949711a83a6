"""Scans and papers of a case."""

from __future__ import annotations

from urllib.parse import quote

from catalogue.domain.people import Actor
from catalogue.domain.problems import BodyTooLarge
from catalogue.domain.text import Text
from catalogue.service.papers import attach, file_json, opened, paper, papers
from catalogue.service.ports import StoredFile, Work
from catalogue.service.views import seen
from catalogue.web.access import ACTS_ON_CASES, READS_CASES, visitor_of
from catalogue.web.answer import NO_STORE, Answer, private_json
from catalogue.web.api.cases import CSRF, REFERENCE, reference_of
from catalogue.web.body import AnyRequest, read_upload
from catalogue.web.edge import Edge, edge_of
from catalogue.web.endpoint import Operation, Parameter, Success, api


async def opened_paper(edge: Edge, actor: Actor, reference: str, file_id: str) -> tuple[StoredFile, bytes]:
    """A scan with its content; that the actor has opened it is noted the first time. Raises NotFound, NotAllowed."""

    def look(work: Work) -> tuple[StoredFile, bytes, bool]:
        stored, content = paper(work, actor, reference, file_id)
        return stored, content, actor.id in work.files.openers(reference).get(file_id, ())

    stored, content, known = await edge.read(look)
    if not known:
        await edge.write(lambda work: opened(work, edge.house, actor, reference, file_id))
    return stored, content


async def checked_upload(edge: Edge, content: bytes) -> None:
    """A file that comes in is not too large and passes the virus scanner. Raises BodyTooLarge, FileRefused."""
    limit = edge.parts.max_file
    if len(content) > limit:
        raise BodyTooLarge(
            Text(f"每个文件不超过 {limit >> 20} MiB", f"A file has at most {limit >> 20} MiB"), extra={"limit": limit}
        )
    await edge.scanned(content)


@api(
    "POST",
    "/api/cases/{reference:str}/files",
    ACTS_ON_CASES,
    Operation(
        "attach-file",
        "Add one scan: PDF, JPEG or PNG by its content, 15 MiB at most",
        "files",
        {
            201: Success(
                "File",
                "The file as stored; the same content again answers the one that is there",
                headers=("Location",),
            )
        },
        (400, 401, 403, 404, 409, 413, 415, 422, 503),
        (REFERENCE, CSRF),
        {
            "type": "object",
            "required": ["file"],
            "properties": {
                "file": {"type": "string", "contentMediaType": "application/octet-stream"},
                "material": {"type": "string", "description": "Id of the paper it shows"},
                "purpose": {
                    "type": "string",
                    "enum": ["signature"],
                    "description": "A collector's signature on paper, from a window that hands over",
                },
            },
        },
        body_type="multipart/form-data",
    ),
)
async def post_file(request: AnyRequest) -> Answer:
    edge = edge_of(request)
    reference = reference_of(request)
    actor = visitor_of(request).actor
    upload = await read_upload(request, edge.parts.max_body)
    material = upload.fields.get("material") or None
    purpose = upload.fields.get("purpose") or None
    # A case out of sight is not there, whatever comes for it; nor does the scanner run for it.
    await edge.read(lambda work: seen(work, actor, reference))
    await checked_upload(edge, upload.content)
    stored = await edge.write(
        lambda work: attach(work, edge.house, actor, reference, upload.name, upload.content, material, purpose)
    )
    location = f"/api/cases/{reference}/files/{stored.id}".encode()
    return private_json(file_json(stored), 201, ((b"location", location),))


@api(
    "GET",
    "/api/cases/{reference:str}/files",
    READS_CASES,
    Operation(
        "list-files",
        "The scans of a case",
        "files",
        {200: Success("Files", "Names, types and digests")},
        (400, 401, 403, 404, 503),
        (REFERENCE,),
    ),
)
async def get_files(request: AnyRequest) -> Answer:
    edge = edge_of(request)
    reference = reference_of(request)
    actor = visitor_of(request).actor
    found = await edge.read(lambda work: papers(work, actor, reference))
    return private_json({"files": [file_json(file) for file in found]})


@api(
    "GET",
    "/api/cases/{reference:str}/files/{file:str}",
    READS_CASES,
    Operation(
        "get-file",
        "The content of one scan",
        "files",
        {200: Success(None, "The scan", "application/octet-stream", headers=("Content-Disposition",))},
        (400, 401, 403, 404, 503),
        (REFERENCE, Parameter("file", "path", "Id of the file", {"type": "string"}, required=True)),
    ),
)
async def get_file(request: AnyRequest) -> Answer:
    edge = edge_of(request)
    reference = reference_of(request)
    actor = visitor_of(request).actor
    stored, content = await opened_paper(edge, actor, reference, request.path_params["file"][:64])
    disposition = f"attachment; filename*=UTF-8''{quote(stored.name, safe='')}".encode("ascii")
    return Answer(content, 200, stored.media_type.encode("ascii"), (NO_STORE, (b"content-disposition", disposition)))


ROUTES = (post_file, get_files, get_file)

"""Papers 材料: scans of a case, taken as what their content shows and not as what their name says."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from collections.abc import Sequence
from typing import Any

from catalogue.domain.case import Case
from catalogue.domain.days import local_time
from catalogue.domain.people import CASE_ROLES, WINDOW_ROLES, Actor
from catalogue.domain.problems import Fault, InvalidInput, NotAllowed, NotFound, StateForbids, UnsupportedMediaType
from catalogue.domain.text import Text
from catalogue.domain.workflow import queue_of, states_for
from catalogue.service.house import House
from catalogue.service.intake import listed_papers
from catalogue.service.links import link_of
from catalogue.service.ports import StoredFile, Work
from catalogue.service.scans import copy_scans
from catalogue.service.views import reach_of, seen

_SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
)
LONGEST_NAME = 200


def sniff(content: bytes) -> str:
    """The media type that the first bytes show. Raises UnsupportedMediaType for all but PDF, JPEG and PNG."""
    for signature, media_type in _SIGNATURES:
        if content.startswith(signature):
            return media_type
    raise UnsupportedMediaType(Text("只接收 PDF、JPEG 和 PNG", "Only PDF, JPEG and PNG are taken"))


def clean_name(name: str) -> str:
    """The file's own name without folders and control characters."""
    bare = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c for c in bare if unicodedata.category(c) not in ("Cc", "Cs", "Cf"))
    return unicodedata.normalize("NFC", kept).strip()[-LONGEST_NAME:] or "scan"


SIGNATURE = "signature"
"""The kind of a scan that shows who signed for the result: all that a window of collection sees of the scans."""

TAKEN = states_for("link-signature")
"""States in which a signature for the result may come in."""


def shown_to(file: StoredFile, reach: str) -> bool:
    """Whether a scan is seen by somebody of that reach: the papers by those who see the case whole, a window of
    collection the signatures alone. A document the house has set is no scan."""
    return file.kind == SIGNATURE if reach == "collection" else file.kind in ("scan", SIGNATURE)


def attach(
    work: Work,
    house: House,
    actor: Actor,
    reference: str,
    name: str,
    content: bytes,
    material: str | None,
    purpose: str | None = None,
) -> StoredFile:
    """Add a scan to an open case. The window where the result is collected may do so while a correction is awaited.

    ``purpose`` signature: what a collector signed on paper, from the windows that hand over, also once it is handed
    over. Raises NotFound, NotAllowed, StateForbids, UnsupportedMediaType, InvalidInput (an unknown material).
    """
    case = seen(work, actor, reference)
    if purpose == SIGNATURE:
        _may_sign(case, actor)
    else:
        _may_attach(case, actor)
    media_type = sniff(content)
    _check_material(house, case, material)
    file = StoredFile(
        id=f"f{secrets.token_hex(8)}",
        reference=reference,
        name=clean_name(name),
        media_type=media_type,
        size=len(content),
        digest=hashlib.sha256(content).hexdigest(),
        material=material,
        added_at=house.clock.now(),
        added_by=actor.id,
        kind=SIGNATURE if purpose == SIGNATURE else "scan",
    )
    return work.files.add(file, content)


def _may_sign(case: Case, actor: Actor) -> None:
    if actor.roles.isdisjoint(WINDOW_ROLES) or actor.office not in (case.accepting_office, case.delivery_office):
        raise NotAllowed(Text("签名由发放结果的窗口存入", "Signatures come from the windows that hand over"))
    if case.state not in TAKEN:
        raise StateForbids(
            Text("现在没有要签收的结果", "There is no result to sign for now"),
            extra={"state": case.state, "allowed": []},
        )


def _may_attach(case: Case, actor: Actor) -> None:
    if actor.roles.isdisjoint(CASE_ROLES):
        raise NotAllowed
    if queue_of(case) is None:
        raise StateForbids(
            Text("已办结的办件不能再添加材料", "A case that has ended takes no more papers"),
            extra={"state": case.state, "allowed": []},
        )
    if reach_of(case, actor) != "full" and case.state != "correction_notice":
        raise NotAllowed(
            Text("领取窗口只能在待补正时添加材料", "A collecting window adds papers for a correction only")
        )


def _check_material(house: House, case: Case, material: str | None) -> None:
    if material is None:
        return
    if material not in listed_papers(house, case):
        raise InvalidInput(
            errors=(
                Fault("material", "unknown-material", Text("此事项没有这项材料", "The matter lists no such paper")),
            )
        )


def papers(work: Work, actor: Actor, reference: str) -> Sequence[StoredFile]:
    """The scans of a case that the actor sees. Raises NotFound; NotAllowed at a window of collection that has nothing
    to hand over yet."""
    case = seen(work, actor, reference)
    reach = reach_of(case, actor)
    if reach != "full" and case.state not in TAKEN:
        raise NotAllowed(NO_PAPERS)
    return [file for file in work.files.list(reference) if reach == "full" or shown_to(file, reach)]


def paper(work: Work, actor: Actor, reference: str, file_id: str) -> tuple[StoredFile, bytes]:
    """One scan with its content. Raises NotFound, NotAllowed."""
    case = seen(work, actor, reference)
    found = work.files.content(reference, file_id)
    if reach_of(case, actor) != "full" and (found is None or not shown_to(found[0], "collection")):
        # Whether there is such a paper is not for a window of collection to learn.
        raise NotAllowed(NO_PAPERS)
    if found is None:
        raise NotFound(Text("没有找到这个文件", "No such file"))
    return found


def reuse(work: Work, house: House, actor: Actor, old: str, new: str, material: str) -> int:
    """Take the scans of a paper over from an earlier case that the actor sees whole. Raises NotFound, NotAllowed."""
    earlier, case = seen(work, actor, old), seen(work, actor, new)
    _whole(earlier, actor)
    _may_attach(case, actor)
    return copy_scans(work, house, actor, old, new, listed_papers(house, case), only=material)


def opened(work: Work, house: House, actor: Actor, reference: str, file_id: str) -> None:
    """Note that the actor has opened a scan; a grant waits until the reviewer or the decider has."""
    work.files.opened(reference, file_id, actor.id, house.clock.now())


NO_PAPERS = Text("领取窗口不能查看材料", "A collecting window does not see the papers")


def _whole(case: Case, actor: Actor) -> None:
    if reach_of(case, actor) != "full":
        raise NotAllowed(NO_PAPERS)


def file_json(file: StoredFile) -> dict[str, Any]:
    return {
        "id": file.id,
        "name": file.name,
        "media_type": file.media_type,
        "size": file.size,
        "digest": file.digest,
        "material": file.material,
        "added_at": local_time(file.added_at),
        "added_by": file.added_by,
        "kind": file.kind,
    }


def case_link(work: Work, house: House, actor: Actor, reference: str) -> str | None:
    """The link of a case for the papers of an account that works on it. Raises NotFound."""
    case = seen(work, actor, reference)
    return link_of(house, work.cases.events(reference, unseal=True)) if reach_of(case, actor) == "full" else None

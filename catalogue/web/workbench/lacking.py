"""收件退回清单 for an application that is not received: what to bring and what to mend, printed and not kept."""

from __future__ import annotations

from catalogue.domain.days import local_day
from catalogue.domain.text import Text
from catalogue.service.documents.enquiry import lacking_sheet
from catalogue.service.documents.sheet import day
from catalogue.web.access import visitor_of
from catalogue.web.answer import Answer
from catalogue.web.body import AnyRequest
from catalogue.web.documents import sheet_answer
from catalogue.web.edge import edge_of
from catalogue.web.pages.render import language_of
from catalogue.web.workbench.card import card_of, paper_rows
from catalogue.web.workbench.intake_form import Filled, doubts, name_of

NOT_YET = Text(
    "选好事项和地点，知道要哪些材料之后才能打印退回清单",
    "The return list needs the matter and the place: they say which papers are wanted",
)
NOTHING = Text("没有缺的材料，也没有要改正的，可以收件", "Nothing is missing and nothing is to be mended: receive it")


async def lacking(request: AnyRequest, filled: Filled) -> Answer | Text:
    """The list as a PDF, or why there is none."""
    edge, actor = edge_of(request), visitor_of(request).actor
    now = edge.house.clock.now()
    revision = edge.house.in_force(now)
    matter = revision.registry.matters.get(filled("matter"))
    card = card_of(edge.house, revision, actor, filled, local_day(now), language_of(request))
    if matter is None or card.route is None:
        return NOT_YET
    missing: list[str] = []
    perhaps: list[str] = []
    for row in paper_rows(matter, card)[0]:
        control = f"materials.{row.material.id}"
        if not (filled(f"{control}.taken") or filled(f"{control}.deferred_until")):
            condition = f"（{row.material.condition.zh}）" if row.material.condition else ""
            (perhaps if row.why == "conditional" else missing).append(f"{row.material.name.zh}{condition}")
    faults, doubtful = doubts(filled, local_day(now))
    wrong = []
    for fault in (*faults, *doubtful):
        named = name_of(fault.path, matter)
        wrong.append(f"{named.zh}：{fault.message.zh}" if named else fault.message.zh)
    if not missing and not wrong:
        return NOTHING
    office = revision.registry.offices.get(actor.office)
    sheet = lacking_sheet(
        office="" if office is None else office.name.zh,
        matter=matter.name.zh,
        decides=card.route.office.name.zh,
        missing=missing,
        perhaps=perhaps,
        wrong=wrong,
        on=day(local_day(now)),
        revision=revision.number,
        demo=edge.house.demo,
    )
    return await sheet_answer(edge, sheet, "return-list.pdf", now)

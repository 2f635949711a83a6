"""What stands in the way of a grant, and what wants a second look before one decides."""

from __future__ import annotations

from datetime import date

from catalogue.domain.case import Case
from catalogue.domain.copies import UNPRINTED, copy_words, current
from catalogue.domain.registry.model import Matter
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import label


def checks(case: Case, matter: Matter, today: date) -> list[tuple[str, Text]]:
    """What stands in the way of a grant or wants a second look: (stop or look, sentence)."""
    found = []
    if case.unverified:
        roles = [label("person_roles", role) for role in case.unverified]
        found.append(
            (
                "stop",
                Text(
                    f"未实名：{'、'.join(role.zh for role in roles)}；核验之前不得准予。",
                    f"Not verified: {', '.join(role.en for role in roles)}; no grant before they are.",
                ),
            )
        )
    if case.deferred:
        days = ", ".join(str(line.deferred_until) for line in case.deferred)
        late = any(line.deferred_until is not None and line.deferred_until < today for line in case.deferred)
        found.append(
            (
                "stop",
                Text(
                    f"容缺材料未补齐（应于 {days} 前补{'，已逾期' if late else ''}）；受理即同意容缺。",
                    f"Deferred papers are missing (due {days}{', overdue' if late else ''}); to accept is to agree.",
                ),
            )
        )
        if not all(line.commitment for line in case.deferred):
            found.append(("look", Text("容缺承诺书未登记。", "No signed commitment is recorded for a deferred paper.")))
    if case.pledged:
        by = f"，应于 {case.check_by} 前核查" if case.check_by else ""
        found.append(
            (
                "look",
                Text(
                    f"{len(case.pledged)} 项材料以承诺代替{by}。",
                    f"Commitments stand in for {len(case.pledged)} paper(s)"
                    f"{f', to be checked by {case.check_by}' if case.check_by else ''}.",
                ),
            )
        )
    if any(line.taken_as == "pledge_broken" for line in case.materials):
        found.append(("look", Text("有承诺经核查不实。", "A commitment was found not to be kept.")))
    if case.misroute and case.state in ("bounced", "received", "forwarded"):
        cause = label("bounce_codes", case.misroute)
        found.append(("look", Text(f"曾被退回转办：{cause.zh}。", f"Was sent back as misrouted: {cause.en}.")))
    if case.home_office in case.refused_offices:
        found.append(("look", Text("此机关曾退回本件。", "This office has sent the case back before.")))
    blank = [copy for copy in current(case) if copy.status in UNPRINTED] if case.state == "cert_ready" else []
    if blank:
        named = "、".join(copy_words(copy.kind, copy.copy_no) for copy in blank)
        found.append(
            (
                "look",
                Text(f"还没有打印：{named}。先打印，再发放。", f"Not printed yet: {named}. Print, then hand over."),
            )
        )
    if case.provisional:
        found.append(
            (
                "look",
                Text(
                    "期限跨入尚未公布工作日的年份，为暂定。",
                    "The limit runs into a year whose calendar is not published; it is provisional.",
                ),
            )
        )
    if matter.substance_check and case.state in ("accepted", "under_review") and not case.site_checks:
        found.append(
            (
                "look",
                Text("此事项须两人实质核查，尚未登记。", "A check of substance by two officers has not been recorded."),
            )
        )
    if case.deemed:
        found.append(
            (
                "look",
                Text(
                    "逾期未告知，依行政许可法第三十二条视为受理。", "Deemed accepted: no notice came in time (XKF §32)."
                ),
            )
        )
    return found

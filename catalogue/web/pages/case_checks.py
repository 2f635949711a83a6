"""What stands in the way of a grant, and what wants a second look before one decides."""

from __future__ import annotations

from catalogue.domain.case import Case
from catalogue.domain.registry.model import Matter
from catalogue.domain.text import Text
from catalogue.domain.vocabulary import label


def checks(case: Case, matter: Matter) -> list[tuple[str, Text]]:
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
        found.append(
            ("stop", Text(f"容缺材料未补齐（应于 {days} 前补）。", f"Deferred papers are missing (due {days})."))
        )
    if case.misroute and case.state in ("bounced", "received", "forwarded"):
        cause = label("bounce_codes", case.misroute)
        found.append(("look", Text(f"曾被退回转办：{cause.zh}。", f"Was sent back as misrouted: {cause.en}.")))
    if case.home_office in case.refused_offices:
        found.append(("look", Text("此机关曾退回本件。", "This office has sent the case back before.")))
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

"""What a window prints where nothing is received: there is no case, and nothing of it is kept."""

from __future__ import annotations

from collections.abc import Sequence

from catalogue.service.documents.sheet import Block, address, facts, heading, listed, note, organ, text


def _sheet(kind: str, title: tuple[str, str], office: str, revision: int, blocks: Sequence[Block], demo: bool) -> Block:
    return {
        "kind": kind,
        "title": title[0],
        "title_en": title[1],
        "subtitle": "",
        "number": "",
        "organ": office,
        "corner": [office, *(["演示数据，不作凭证"] if demo else [])],
        "blocks": list(blocks),
        "foot": f"清单修订 {revision} 号",
    }


def outside_sheet(
    *, office: str, matter: str, place: str, authority: str, reason: str, on: str, revision: int, demo: bool
) -> Block:
    """不属通办范围告知单: nothing was received, so there is no case; where to turn to and why."""
    blocks = [
        address("申请人"),
        text(f"您咨询（申请）的{matter}（办理地点：{place}）不在中老铁路沿线四地跨区通办范围，本窗口没有收件。"),
        facts(
            [("理由", reason)],
            [("请向何机关申请", authority)],
            [("清单依据", f"跨区通办事项工作清单修订 {revision} 号")],
        ),
        text("本告知单不是不予受理决定，不影响您依法向有权机关提出申请。"),
        organ(office, on, "（窗口专用章）"),
    ]  # fmt: skip
    return _sheet(
        "outside_scope_notice", ("不属通办范围告知单", "Outside the programme"), office, revision, blocks, demo
    )


def lacking_sheet(
    *,
    office: str,
    matter: str,
    decides: str,
    missing: Sequence[str],
    perhaps: Sequence[str],
    wrong: Sequence[str],
    on: str,
    revision: int,
    demo: bool,
) -> Block:
    """收件退回清单 where nothing was received yet: what to bring and mend, all of it at once."""
    blocks = [
        address("申请人"),
        text(f"您申请的{matter}（由{decides}决定）材料还不齐，本窗口没有收件，材料当场退还。"),
        *([heading("请带齐"), listed(missing)] if missing else []),
        *([heading("请核对或改正"), listed(wrong)] if wrong else []),
        *([heading("有下列情形的，还要带"), listed(perhaps)] if perhaps else []),
        text("补齐后可以在四地任一窗口提交。"),
        note("本清单由收件窗口出具，供补齐材料用；不是行政机关的补正告知，也不是不予受理决定。"),
        organ(office, on, "（窗口专用章）"),
    ]  # fmt: skip
    return _sheet("window_return", ("收件退回清单", "Return list of the window"), office, revision, blocks, demo)

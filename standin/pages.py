"""The pages of the stand-in: its list, one case, and its mood. Plain on purpose: it is another system."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from standin.store import Store

MOODS = {
    "well": ("正常", "Works"),
    "slow": ("缓慢：每条消息 3 秒后才回应", "Slow: takes 3 seconds over each message"),
    "down": ("停机：不收不答", "Down: neither receives nor answers"),
    "double": ("重复：每条回传发两次", "Doubles: sends every answer twice"),
    "contradictory": ("矛盾：准予之后又发不予", "Contradicts: refuses what it granted"),
    "skewed": ("时钟快 15 分钟", "Clock 15 minutes ahead"),
}

KINDS = ("received", "accepted", "correction", "decision", "certificate", "bounced", "message")

STYLE = """
body{font:16px/1.6 system-ui,"Noto Sans CJK SC",sans-serif;margin:0;background:#f6f4ee;color:#2b2620}
header{background:#5b4a2f;color:#fff;padding:.8rem 1.2rem}header a{color:#fff}
main{max-width:64rem;margin:0 auto;padding:1rem 1.2rem;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;background:#fff}
th,td{border:1px solid #ddd3bf;padding:.4rem .6rem;text-align:left}
th{background:#efe8d8}button,select,input{font:inherit;padding:.3rem .7rem}form{margin:.6rem 0}
.wide{overflow-x:auto}a{color:#7a4a00}pre{white-space:pre-wrap;background:#fff;border:1px solid #ddd3bf;padding:.6rem}
"""


def page(title: str, region: str, content: str) -> str:
    """A whole page."""
    return (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}</style>"
        f'<header><a href="/">{escape(region)} 自有审批系统（演示替身） · a city’s own system (stand-in)</a></header>'
        f"<main><h1>{escape(title)}</h1>{content}</main></html>"
    )


def overview(store: Store, region: str) -> str:
    """The list of cases, the mood and how answers went."""
    mood = store.setting("mood", "well")
    options = "".join(
        f'<option value="{key}"{" selected" if key == mood else ""}>{zh} · {en}</option>'
        for key, (zh, en) in MOODS.items()
    )
    counts = {row["state"]: row["n"] for row in store.rows("SELECT state, count(*) n FROM answers GROUP BY state")}
    told = " · ".join(
        f"{label} {counts.get(state, 0)}"
        for state, label in (("planned", "待回传 owed"), ("given", "已回传 given"), ("refused", "被拒 refused"))
    )
    rows = "".join(
        f'<tr><td>{row["number"]}</td><td><a href="/cases/{row["reference"]}">{row["reference"]}</a></td>'
        f"<td>{escape(row['matter'])}</td><td>{escape(row['applicant'])}</td><td>{escape(row['state'])}</td></tr>"
        for row in store.rows("SELECT * FROM cases ORDER BY number DESC LIMIT 200")
    )
    return page(
        "办件列表 Cases",
        region,
        f'<form method="post" action="/mood"><label>状态 Mood <select name="mood">{options}</select></label> '
        "<button>设定 Set</button></form>"
        f'<p>{told}</p><form method="post" action="/compare">'
        "<button>与通办系统对账 Compare with the counter</button></form>"
        "<div class=wide><table><tr><th>本系统编号 No.</th><th>通办流水号 Reference</th><th>事项 Matter</th>"
        f"<th>企业 Enterprise</th><th>状态 State</th></tr>{rows}</table></div>",
    )


def one_case(store: Store, region: str, reference: str) -> str | None:
    """A case with what came and what was answered; None where there is none."""
    case = store.row("SELECT * FROM cases WHERE reference = ?", reference)
    if case is None:
        return None
    came = "".join(
        f"<tr><td>{row['sequence']}</td><td>{escape(row['type'])}</td><td>{row['times']}</td></tr>"
        for row in store.rows("SELECT * FROM messages WHERE reference = ? ORDER BY sequence", reference)
    )
    gave = "".join(
        f"<tr><td>{row['sequence']}</td><td>{escape(row['type'])}</td><td>{escape(row['state'])}</td>"
        f"<td>{row['status'] or ''} {escape(_why(row['reply']))}</td></tr>"
        for row in store.rows("SELECT * FROM answers WHERE reference = ? ORDER BY sequence", reference)
    )
    papers = "".join(
        f"<li>{escape(row['name'])} {'已取 fetched' if row['content'] is not None else '未取 not fetched'}</li>"
        for row in store.rows("SELECT name, content FROM papers WHERE reference = ?", reference)
    )
    kinds = "".join(f"<option>{kind}</option>" for kind in KINDS)
    return page(
        f"{case['number']} · {case['matter']}",
        region,
        f"<p>{reference} · {escape(case['applicant'])} · {escape(case['state'])}</p><h2>收到 Came</h2>"
        f"<table><tr><th>序号</th><th>类型 Type</th><th>次数 Times</th></tr>{came}</table><h2>回传 Answered</h2>"
        f"<table><tr><th>序号</th><th>类型 Type</th><th>状态 State</th><th>对方答复 Told</th></tr>{gave}</table>"
        f"<h2>材料 Papers</h2><ul>{papers}</ul><h2>手工回传 Answer by hand</h2>"
        f'<form method="post" action="/cases/{reference}/answers"><select name="type">{kinds}</select> '
        '<input name="data" size="60" value="{}" aria-label="JSON"> <button>发送 Send</button></form>',
    )


def _why(reply: str | None) -> str:
    told: Any = json.loads(reply) if reply else None
    return str(told.get("detail", "")) if isinstance(told, dict) else ""

"""The applicant's file: a history that anybody can check, by a recipe and not by trust."""

from __future__ import annotations

import base64
import io
import json
import uuid
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from cryptography.hazmat.primitives import hashes
from pypdf import PdfReader

from catalogue.cli import main
from tests.web.conftest import Browser, Town
from tests.web.papers.test_documents import give, granted, officers

__all__ = ["officers"]


def sm3(data: bytes) -> str:
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize().hex()


def said(reference: str, event: dict[str, Any]) -> bytes:
    texts = [event[key].encode() for key in ("type", "at", "actor", "office", "clear")]
    message = b""
    for part in (reference.encode(), event["seq"].to_bytes(8, "big"), *texts, base64.b64decode(event["sealed"])):
        message += len(part).to_bytes(8, "big") + part
    return message


def holds(document: dict[str, Any]) -> bool:
    """The recipe of docs/history.md, written from it and from nothing else."""
    prev = "00" * 32
    for n, event in enumerate(document["events"], 1):
        if event["seq"] != n or event["prev"] != prev:
            return False
        digest = event["digest"] if "digest" in event else sm3(said(document["reference"], event))
        if sm3(bytes.fromhex(prev) + bytes.fromhex(digest)) != event["hash"]:
            return False
        prev = event["hash"]
    return True


def taken(town: Town, case: dict[str, Any]) -> dict[str, Any]:
    answer = town.anybody().get(
        f"/api/public/cases/{case['reference']}/history", headers={"X-Query-Code": case["query_code"]}
    )
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def test_the_history_is_checked_by_the_published_recipe(town: Town, officers: dict[str, Browser]) -> None:
    document = taken(town, granted(officers))
    assert len(document["events"]) == 6
    assert holds(document)
    for n, key in enumerate(("type", "at", "actor", "office", "clear")):
        forged = json.loads(json.dumps(document))
        forged["events"][n][key] += "x"
        assert not holds(forged)
    del document["events"][2]
    assert not holds(document)


def checked(document: dict[str, Any], tmp_path: Path) -> dict[str, Any]:
    """What the command says of that file."""
    file = tmp_path / f"history-{uuid.uuid4().hex}.json"
    file.write_text(json.dumps(document), "utf-8")
    answer = CliRunner().invoke(main, ["case", "check-history", str(file), "--json"])
    result: dict[str, Any] = json.loads(answer.output)
    assert answer.exit_code == bool(result["broken"])
    return result


def test_a_closed_link_keeps_the_chain_whole_and_fixes_what_is_before_it(
    town: Town, officers: dict[str, Browser], tmp_path: Path
) -> None:
    case = granted(officers)
    give(officers, "clerk", case["reference"], "message", text="两个窗口之间的话")
    give(officers, "clerk", case["reference"], "change-delivery", method="electronic")
    document = taken(town, case)
    assert [n for n, event in enumerate(document["events"], 1) if "digest" in event] == [7]
    assert holds(document)
    assert checked(document, tmp_path) == {**checked(document, tmp_path), "events": 8, "closed": 1, "broken": []}

    left_out = {**document, "events": [event for event in document["events"] if event["seq"] != 7]}
    assert not holds(left_out)
    assert checked(left_out, tmp_path)["broken"]

    # Somebody writes the decision anew and every hash after it, as far as the closed link, which he cannot.
    forged = json.loads(json.dumps(document))
    decision = forged["events"][5]
    decision["clear"] = decision["clear"].replace("2026", "2025")
    decision["hash"] = sm3(bytes.fromhex(decision["prev"]) + bytes.fromhex(sm3(said(forged["reference"], decision))))
    forged["events"][6]["prev"] = decision["hash"]
    assert not holds(forged)
    assert checked(forged, tmp_path)["broken"] == [{"seq": 7, "reason": "changed"}]
    talking = json.loads(json.dumps(document))
    talking["events"][6]["actor"] = "somebody"
    file = tmp_path / "talking.json"
    file.write_text(json.dumps(talking), "utf-8")
    assert CliRunner().invoke(main, ["case", "check-history", str(file)]).exit_code == 1


def test_a_history_taken_along_before_there_were_closed_links_is_still_checked(
    town: Town, officers: dict[str, Browser], tmp_path: Path
) -> None:
    document = taken(town, granted(officers))
    prev = bytes(32)
    for event in document["events"]:
        event["prev"] = prev.hex()
        event["hash"] = sm3(prev + said(document["reference"], event))
        prev = bytes.fromhex(event["hash"])
    document["format"] = "catalogue-history/1"
    assert checked(document, tmp_path)["broken"] == []
    document["events"][2]["office"] = "530000"
    assert checked(document, tmp_path)["broken"] == [{"seq": 3, "reason": "changed"}]


def test_names_and_reasons_are_in_it_as_ciphertext_only(town: Town, officers: dict[str, Browser]) -> None:
    text = json.dumps(taken(town, granted(officers)), ensure_ascii=False)
    assert "演示甲" not in text
    assert "符合" not in text


def test_the_command_names_the_event_that_is_broken(town: Town, officers: dict[str, Browser], tmp_path: Path) -> None:
    document = taken(town, granted(officers))
    file = tmp_path / "history.json"
    file.write_text(json.dumps(document), "utf-8")
    fine = CliRunner().invoke(main, ["case", "check-history", str(file), "--json"])
    assert fine.exit_code == 0, fine.output
    document["events"][3]["clear"] = document["events"][3]["clear"].replace("2026", "2025")
    file.write_text(json.dumps(document), "utf-8")
    broken = CliRunner().invoke(main, ["case", "check-history", str(file), "--json"])
    assert broken.exit_code == 1
    assert json.loads(broken.output)["broken"] == [{"seq": 4, "reason": "changed"}]
    file.write_text("{}", "utf-8")
    assert CliRunner().invoke(main, ["case", "check-history", str(file)]).exit_code == 1


def test_the_pdf_carries_the_file_with_it(town: Town, officers: dict[str, Browser]) -> None:
    case = granted(officers)
    answer = town.anybody().post("/status/history", data={"reference": case["reference"], "code": case["query_code"]})
    assert answer.status_code == 200, answer.text
    attached = PdfReader(io.BytesIO(answer.content)).attachments
    assert holds(json.loads(attached["history.json"][0]))
    assert town.anybody().get("/status/history").status_code == 404

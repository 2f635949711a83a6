"""Commands as forms: the fields from the models of the bodies, their choices from the vocabulary and from the case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from msgspec import field

from catalogue.domain.problems import Fault
from catalogue.domain.text import Text
from catalogue.domain.value import Value
from catalogue.domain.vocabulary import WORDS
from catalogue.service.bodies import COMMAND_BODIES
from catalogue.service.certificates import STATED_EARLIER
from catalogue.web.pages.act_words import FIELDS, HINTS, OUTCOMES
from catalogue.web.workbench.intake_form import CHECKS

LONG = 1000
"""A text that may be longer than this gets a box of several lines."""
MOST_COPIES = 20

Choice = tuple[str, Text]
Form = Mapping[str, list[str]]

COPIES: tuple[tuple[str, int], ...] = (("正本", 1), ("副本", 1), ("副本", 2))
"""What a certificate form offers: one original and two copies; more by script or in a second act."""

COPY_KINDS: tuple[Choice, ...] = (("正本", Text("正本", "正本 Original")), ("副本", Text("副本", "副本 Copy")))


class Control(Value, frozen=True):
    """One control of a form.

    ``kind``: line, long, lines, number, day, tick, choice, several (checkboxes), papers (a line for each paper),
    supplied (counts for each paper), copies (rows of a certificate's copies), where (office and words of a suggestion),
    upload (a file chosen here, which becomes a scan of the case).
    """

    key: str
    label: Text
    kind: str
    required: bool
    choices: tuple[Choice, ...] = ()
    hint: Text | None = None


class Around(Value, frozen=True):
    """What the choices of a form come from beside the vocabulary."""

    papers: tuple[Choice, ...] = ()
    asked: tuple[Choice, ...] = ()
    """Papers that a notice asked for; all papers where it named none."""
    deferred: tuple[Choice, ...] = ()
    pledged: tuple[Choice, ...] = ()
    officers: tuple[Choice, ...] = ()
    """Colleagues who may take a case."""
    colleagues: tuple[Choice, ...] = ()
    offices: tuple[Choice, ...] = ()
    originals: tuple[Choice, ...] = ()
    """What may go by courier: the papers, and the result."""
    slip: tuple[Choice, ...] = ()
    """The papers of the slip that is on its way to this window; those of the case where none is."""
    entries: tuple[Choice, ...] = field(default=())
    copies: tuple[Choice, ...] = ()
    """Copies of the certificate in force: kind and number."""
    waiting: tuple[Choice, ...] = ()
    """Copies that nobody has taken yet."""
    scans: tuple[Choice, ...] = ()
    documents: tuple[Choice, ...] = ()
    old_licences: tuple[Choice, ...] = ()
    """Old licences that are still awaited."""
    recipients: tuple[str, ...] = ()
    """Those named to take the result, masked; who has taken it is marked."""
    unsigned: tuple[Choice, ...] = ()
    """The hand-overs whose record names no signature yet."""
    replaces: bool = False
    """Whether the result of the matter takes an earlier certificate's place."""


_OWN_LABELS = {
    ("attach-result", "outcome"): Text("结果", "Outcome"),
    ("report-print", "outcome"): Text("打印结果", "How the print came out"),
    ("record-claim", "outcome"): Text("索赔结果", "Outcome of the claim"),
    ("check-pledge", "outcome"): Text("核查结果", "Outcome of the check"),
    ("record-external", "number"): Text("外部系统编号", "Number in the external system"),
}
"""Fields that one command calls by another name than the rest."""

BARE = frozenset({"claim"})
"""Commands whose form is only its button."""

NOTED = frozenset({"forward", "receive-at-home", "accept", "approve-extension"})
"""Commands that may carry a note; a reason is nobody's question there."""

_CHOSEN = {
    "material": ("choice", "deferred"),
    "to": ("choice", "officers"),
    "officers": ("several", "colleagues"),
    "office": ("office", "offices"),
    "suggestion": ("where", "offices"),
    "path": ("choice", "entries"),
    "document": ("choice", "documents"),
    "window": ("office", "offices"),
    "old_licences": ("several", "old_licences"),
    "handed": ("several", "waiting"),
    "signature_file": ("choice", "scans"),
    "papers": ("several", "originals"),
    "received": ("arrivals", "slip"),
}
"""Field -> the kind of control it becomes on a case, and where its choices come from."""

BRINGS_FILE = {"attach-result": "file", "hand-over": "signature_file", "link-signature": "signature_file"}
"""Commands whose form may bring a file of its own, and the field that then names it."""

_KEPT = Text("PDF、JPEG 或 PNG，加密存入本件。", "PDF, JPEG or PNG; kept sealed with this case.")
_SIGNED = Text("纸上签名的扫描件，从这里上传", "Scan of a signature on paper, sent from here")
_SHOWS = Text("证明结果的文件，从这里上传", "File that shows the result, sent from here")
_UPLOADS = {
    "file": Control("upload", _SHOWS, "upload", False, hint=_KEPT),
    "signature_file": Control("upload", _SIGNED, "upload", False, hint=_KEPT),
}

OF_COPIES = frozenset({"print-copy", "report-print", "void-copy"})
"""Commands on one copy of the certificate."""

OF_EARLIER = frozenset({"supersedes", *STATED_EARLIER})
"""Fields that name the certificate whose place a new one takes."""

_COPY = Text("哪一本", "Which copy")

_GROUNDS = {
    "annul": "annulment_grounds",
    "propose-annulment": "annulment_grounds",
    "withdraw-permit": "withdrawal_grounds",
    "cancel": "cancellation_grounds",
}


def _grounds(command: str) -> tuple[Choice, ...]:
    return tuple(WORDS[_GROUNDS[command]].items())


_PAPERS = Text("缺少或有误的材料，写明要补什么", "Papers missing or wrong: say what is needed")


def _of_certificates(command: str, control: Control, around: Around) -> Control | None:
    """The same control, another in its place, or None where the form has no need of it."""
    old = command == "record-voidance"
    if control.key == "ground":
        return replace(control, kind="choice", choices=_grounds(command))
    if command in OF_COPIES or old:
        if control.key == "kind":
            choices = around.old_licences if old else around.copies
            return replace(control, key="copy", label=_COPY, kind="choice", choices=choices)
        if control.key == "copy_no":
            return None
    if control.key in OF_EARLIER and not around.replaces:
        return None
    if control.key == "old_licences" and not around.old_licences:
        return None
    if control.key == "handed" and len(around.waiting) < 2:
        return None
    if control.key == "record":
        return replace(control, kind="choice", choices=around.unsigned) if len(around.unsigned) > 1 else None
    if command == "hand-over" and control.key in ("reason", "collector"):
        return _of_recipients(control, around)
    return control


def _of_recipients(control: Control, around: Around) -> Control | None:
    """Who was named to take the result stands beside the collector; another one needs a reason."""
    if control.key == "reason":
        return replace(control, label=_UNNAMED) if around.recipients else None
    if not around.recipients:
        return control
    listed = "；".join(around.recipients)
    return replace(control, hint=Text(f"登记的领取人：{listed}", f"Named in the application: {listed}"))


_UNNAMED = Text("不是登记的领取人，或者代其他人领的，写明原因", "Not one of those named, or takes it for others: why")


def form_of(command: str, around: Around) -> tuple[Control, ...]:
    """The controls of a command's form on one case."""
    found = []
    supplying = command == "supply-correction"
    for control in controls(command):
        if command in BARE or (control.key == "reason" and command in NOTED):
            continue
        own = _of_certificates(command, control, around)
        if own is not control:
            if own is not None:
                found.append(own)
            continue
        if control.key == BRINGS_FILE.get(command):
            if around.scans:
                # What is sent with the form may stand in for one that is here already.
                found.append(replace(control, kind="choice", choices=around.scans, required=False))
            found.append(_UPLOADS[control.key])
        elif control.key in _CHOSEN:
            kind, source = _CHOSEN[control.key]
            source = "pledged" if command == "check-pledge" else source
            found.append(replace(control, kind=kind, choices=getattr(around, source)))
        elif control.key == "items" and not supplying:
            if around.papers:
                found.append(Control("paper_items", _PAPERS, "papers", False, around.papers))
            found.append(replace(control, required=control.required and not around.papers))
        elif control.key == "materials":
            found.append(replace(control, kind="supplied", choices=around.asked))
        elif control.key != "items":
            found.append(control)
    return tuple(found)


@cache
def controls(command: str) -> tuple[Control, ...]:
    """The controls that the body of a command asks for, whatever the case."""
    schema = COMMAND_BODIES[command].model_json_schema()
    required = set(schema.get("required", ()))
    found = []
    for key, given in schema.get("properties", {}).items():
        control = _control(key, _plain(given, schema), key in required)
        if control is not None:
            found.append(replace(control, label=_OWN_LABELS.get((command, key), control.label)))
    return tuple(found)


def _plain(given: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of a value that is there, behind references and "or null"."""
    for option in given.get("anyOf", ()):
        if option.get("type") != "null":
            return _plain(option, schema)
    if "$ref" in given:
        resolved: Mapping[str, Any] = schema["$defs"][given["$ref"].rsplit("/", 1)[-1]]
        return resolved
    return given


def _control(key: str, given: Mapping[str, Any], required: bool) -> Control | None:
    label, hint = FIELDS.get(key), HINTS.get(key)
    if label is None or (given.get("type") == "string" and given.get("format") == "date-time"):
        return None
    if key == "signature":
        return Control(key, label, "signature", False, hint=hint)
    if key in ("copies", "materials", "suggestion"):
        return Control(key, label, key, required, hint=hint)
    if "enum" in given:
        return Control(key, label, "choice", required, _choices(given["enum"]), hint)
    if given.get("type") == "boolean":
        return Control(key, label, "tick", False, hint=hint)
    if given.get("format") == "date":
        return Control(key, label, "day", required, hint=hint)
    kind = {"array": "lines", "integer": "number"}.get(given.get("type", ""))
    if kind is None:
        kind = "long" if given.get("maxLength", 0) > LONG else "line"
    return Control(key, label, kind, required, hint=hint)


def _choices(codes: list[str]) -> tuple[Choice, ...]:
    for words in WORDS.values():
        if list(words) == codes:
            return tuple(words.items())
    return tuple((code, OUTCOMES.get(code) or Text(code, code)) for code in codes)


def body_of(fields: Sequence[Control], form: Form, now: str) -> dict[str, Any]:
    """The body of a command as its form was filled in; what was left empty is not sent. ``now``: RFC 3339."""
    body: dict[str, Any] = {}
    for control in fields:
        value = _value(control, form)
        if value not in (None, "", [], {}):
            if control.key == "paper_items":
                body["items"] = [*value, *body.get("items", [])]
            elif control.key == "items":
                body["items"] = [*body.get("items", []), *value]
            elif control.kind == "arrivals":
                body.update(value)
            else:
                body[control.key] = value
    if "copy" in body:
        kind, _, number = str(body.pop("copy")).partition("-")
        body["kind"] = kind
        if number.isdigit():
            body["copy_no"] = int(number)
    if "old_licences" in body:
        body["old_licences"] = [_old_licence(one) for one in body["old_licences"]]
    if str(body.get("path", "")).endswith(".identity_check") and "value" in body:
        said = {word: code for code, text in CHECKS.items() for word in (text.zh, text.en)}
        body["value"] = {"method": said.get(body["value"], body["value"]), "at": now}
    return body


def _old_licence(chosen: str) -> dict[str, Any]:
    kind, _, number = chosen.partition("-")
    named = {"original": "正本", "duplicate": "副本"}.get(kind, kind)
    return {"kind": named, "copy_no": int(number)} if number.isdigit() else {"kind": named}


def text_of(form: Form, key: str) -> str:
    """What was typed in a field, line ends as one character."""
    return "\n".join(form.get(key, ())).replace("\r\n", "\n").strip()


def _value(control: Control, form: Form) -> Any:
    key, text = control.key, text_of(form, control.key)
    match control.kind:
        case "papers":
            lines = [(paper, text_of(form, f"item.{paper}")) for paper, _ in control.choices]
            return [{"material": paper, "text": line} for paper, line in lines if line]
        case "lines":
            lines_typed = [line.strip() for line in text.split("\n") if line.strip()]
            return [{"text": line} for line in lines_typed] if key == "items" else lines_typed
        case "tick":
            return bool(text) or None
        case "arrivals":
            said = {paper: text_of(form, f"arrival.{paper}") for paper, _ in control.choices}
            ticked = {code: [paper for paper, word in said.items() if word == code] for code in ("received", "missing")}
            return {code: papers for code, papers in ticked.items() if papers}
        case "several":
            return [value for value in form.get(key, ()) if value]
        case "supplied":
            return [
                {
                    "id": paper,
                    "originals": _count(form, f"originals.{paper}"),
                    "copies": _count(form, f"copies.{paper}"),
                }
                for paper, _ in control.choices
                if text_of(form, f"supplied.{paper}")
            ]
        case "copies":
            return _copies(form)
        case "upload":
            return None
        case "where":
            found = {"office": _office(control, form, "suggestion.office"), "text": text_of(form, "suggestion.text")}
            return {part: value for part, value in found.items() if value}
        case "office":
            return _office(control, form, key)
        case "number":
            return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else text
        case _:
            return text


def _office(control: Control, form: Form, key: str) -> str:
    """The office that was named by its code or by its name in either language; what names none, as it was typed."""
    text = text_of(form, key)
    return next((id for id, name in control.choices if text in (id, name.zh, name.en)), text)


def _count(form: Form, key: str) -> int | str:
    text = text_of(form, key)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else text or 0


def _copies(form: Form) -> list[dict[str, Any]]:
    found = []
    for n in range(MOST_COPIES):
        if not text_of(form, f"copy.{n}"):
            continue
        copy = {
            "kind": text_of(form, f"copy_kind.{n}"),
            "copy_no": _count(form, f"copy_no.{n}"),
            "blank_no": text_of(form, f"copy_blank.{n}"),
        }
        found.append({part: value for part, value in copy.items() if value not in ("", 0)})
    return found


def faults_by_field(faults: Sequence[Fault]) -> dict[str, list[Text]]:
    """What is wrong, by the field it stands beside."""
    found: dict[str, list[Text]] = {}
    for fault in faults:
        field = fault.path.split(".")[0]
        # A file that is missing may be chosen or sent: it is said beside both.
        for place in (field, "upload") if field in BRINGS_FILE.values() else (field,):
            found.setdefault(place, []).append(fault.message)
    return found

"""Rendering: one Jinja environment, the words of both languages, who is here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from catalogue.domain.days import local_day
from catalogue.domain.numbers import grouped
from catalogue.domain.problems import Problem
from catalogue.domain.registry.revision import Revision
from catalogue.domain.text import Language, Text
from catalogue.domain.vocabulary import label
from catalogue.service.sign_in import IDLE
from catalogue.web import language
from catalogue.web.access import Visitor, identify
from catalogue.web.answer import NO_STORE, Answer, Header, html_answer
from catalogue.web.api.session import doors
from catalogue.web.body import AnyRequest
from catalogue.web.edge import Edge, edge_of
from catalogue.web.headers import cookies
from catalogue.web.pages.static import static_address
from catalogue.web.qr import qr_svg

_environment = Environment(
    loader=PackageLoader("catalogue.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_environment.globals.update(
    qr=qr_svg, static_address=static_address, grouped=grouped, idle_seconds=int(IDLE.total_seconds())
)

_WEEKDAYS = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Words:
    """The words of a page in one language."""

    def __init__(self, tongue: Language) -> None:
        self.tongue = tongue

    def __call__(self, zh: str, en: str) -> str:
        """One of two phrases."""
        return zh if self.tongue == "zh" else en

    def of(self, value: Text | dict[str, str] | None) -> str:
        """A text of the house, or its JSON, in the reader's language; empty where unknown."""
        if value is None:
            return ""
        return value.in_language(self.tongue) if isinstance(value, Text) else value[self.tongue]

    def label(self, section: str, code: str) -> str:
        """The label of a code of the vocabulary."""
        return label(section, code).in_language(self.tongue)

    def day(self, value: date | str | None) -> str:
        """A day as people say it, with its weekday; a word where it is unknown."""
        if value is None:
            return self("未定", "not set")
        day = date.fromisoformat(value) if isinstance(value, str) else value
        if self.tongue == "zh":
            return f"{day.year} 年 {day.month} 月 {day.day} 日（周{_WEEKDAYS['zh'][day.weekday()]}）"
        return f"{_WEEKDAYS['en'][day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"

    def moment(self, value: str) -> str:
        """A moment in local time, to the minute."""
        at = datetime.fromisoformat(value)
        return f"{self.day(at.date())} {at:%H:%M}"


def language_of(request: AnyRequest) -> Language:
    """The language of a page: what the address says, else what was chosen before, else Chinese."""
    raw: bytes = request.scope["query_string"]
    for part in raw.split(b"&"):
        if part.startswith(b"lang="):
            chosen = language.known(part[5:].decode("latin-1"))
            if chosen:
                return chosen
    return language.known(cookies(request.scope).get(language.COOKIE)) or "zh"


async def caller(request: AnyRequest) -> Visitor | None:
    """Who is here, on pages that need nobody; a session that has ended is nobody."""
    held: Visitor | None = request.scope.get("visitor")  # type: ignore[assignment]
    if held is not None:
        return held
    try:
        found = await identify(edge_of(request), request.scope)  # type: ignore[arg-type]
    except Problem:
        return None
    request.scope["visitor"] = found  # type: ignore[typeddict-unknown-key]
    return found


def _revision(edge: Edge) -> Revision | None:
    try:
        return edge.house.in_force()
    except Problem:
        return None


def switch_address(request: AnyRequest, path: str, context: str = "") -> dict[str, Any]:
    """For a page that answers a form: the address to read it in the other language, which only GET has."""
    if request.scope["method"] in ("GET", "HEAD"):
        return {}
    other = "en" if language_of(request) == "zh" else "zh"
    return {"switch_to": f"{path}?{context}{'&' if context else ''}lang={other}"}


def _in_other_language(request: AnyRequest, tongue: Language) -> str:
    """The address of this page in the other language, with what else stood in the address."""
    raw: bytes = request.scope["query_string"]
    # Quoted, because a path that begins with two slashes would be another host's address.
    kept = [part for part in raw.decode("latin-1").split("&") if part and not part.startswith("lang=")]
    return f"{quote(request.scope['path'])}?{'&'.join([*kept, 'lang=' + ('en' if tongue == 'zh' else 'zh')])}"


def html(request: AnyRequest, template: str, **context: Any) -> str:
    """A template as text. Every page knows language, demo mode, who is here and today's date."""
    edge = edge_of(request)
    tongue = language_of(request)
    visitor: Visitor | None = request.scope.get("visitor")  # type: ignore[assignment]
    revision = _revision(edge)
    path = request.scope["path"]
    return _environment.get_template(template).render(
        {
            "t": Words(tongue),
            "tongue": tongue,
            "other": "en" if tongue == "zh" else "zh",
            "path": path,
            "switch_to": _in_other_language(request, tongue),
            "demo": edge.parts.demo,
            "visitor": visitor,
            "doors": doors(visitor.account) if visitor else (),
            "registry": revision.registry if revision else None,
            "revision": revision,
            "today": local_day(edge.house.clock.now()),
            **context,
        }
    )


def page_answer(
    request: AnyRequest, template: str, answered: int = 200, headers: Iterable[Header] = (), **context: Any
) -> Answer:
    """A page. No cache keeps it: it may show a case, and it shows who is signed in."""
    tongue = language_of(request)
    extra: list[Header] = [NO_STORE, (b"content-language", tongue.encode()), *headers]
    if b"lang=" in request.scope["query_string"]:
        extra.append((b"set-cookie", f"{language.COOKIE}={tongue}; Path=/; SameSite=Lax; Max-Age=31536000".encode()))
    return html_answer(html(request, template, **context), answered, extra)


def error_page(request: AnyRequest, problem: Problem) -> bytes:
    """The page of an error; plain where even that cannot be rendered."""
    return html(request, "error.html", problem=problem).encode()


def markup(build: Callable[..., str]) -> Callable[..., Markup]:
    """Mark what a function builds as safe; the function escapes what it is given."""

    def built(*args: Any, **kwargs: Any) -> Markup:
        return Markup(build(*args, **kwargs))  # noqa: S704 - the builder escapes

    return built

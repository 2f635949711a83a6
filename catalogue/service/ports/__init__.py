"""What the use cases need from outside, as protocols that ``catalogue.store`` implements.

One request or one job is one unit of work: the edge hands a function to ``Database.write`` or ``Database.read``;
inside it the function sees a ``Work`` and never commits. ``write`` answers after the commit is durable.
"""

from catalogue.service.ports.accounts import (
    Accounts,
    Cover,
    Covers,
    Credential,
    SavedFilter,
    SavedFilters,
    Session,
    Token,
)
from catalogue.service.ports.basics import Clock, IdempotencyKey, Message, Outcome
from catalogue.service.ports.cases import (
    CaseLine,
    CaseQuery,
    Cases,
    ChainLink,
    Change,
    Opening,
    Page,
    Projection,
    PublicCase,
    ReferenceTaken,
    RevisionChanged,
    SearchEntry,
)
from catalogue.service.ports.delivery import (
    Answers,
    Claimed,
    Difference,
    KeptAnswer,
    LineState,
    Outbox,
    Settled,
)
from catalogue.service.ports.drafts import (
    Draft,
    DraftPiece,
    Drafts,
    Feed,
    FeedEntry,
    Move,
    MovedCase,
    Moves,
    OpenCases,
)
from catalogue.service.ports.measures import Decision, Measures
from catalogue.service.ports.notices import Notices
from catalogue.service.ports.passing import Misroute, MisrouteRate, Passing
from catalogue.service.ports.press import Attachment, Press
from catalogue.service.ports.ratings import Rating, Ratings
from catalogue.service.ports.records import (
    AccessLog,
    Audit,
    AuditReport,
    BrokenEvent,
    Certificates,
    Documents,
    Files,
    Marks,
    Revisions,
    StoredFile,
    Throttle,
)
from catalogue.service.ports.signing import Signer
from catalogue.service.ports.work import Database, Work

__all__ = [
    "AccessLog",
    "Accounts",
    "Answers",
    "Attachment",
    "Audit",
    "AuditReport",
    "BrokenEvent",
    "CaseLine",
    "CaseQuery",
    "Cases",
    "Certificates",
    "ChainLink",
    "Change",
    "Claimed",
    "Clock",
    "Cover",
    "Covers",
    "Credential",
    "Database",
    "Decision",
    "Difference",
    "Documents",
    "Draft",
    "DraftPiece",
    "Drafts",
    "Feed",
    "FeedEntry",
    "Files",
    "IdempotencyKey",
    "KeptAnswer",
    "LineState",
    "Marks",
    "Measures",
    "Message",
    "Misroute",
    "MisrouteRate",
    "Move",
    "MovedCase",
    "Moves",
    "Notices",
    "OpenCases",
    "Opening",
    "Outbox",
    "Outcome",
    "Page",
    "Passing",
    "Press",
    "Projection",
    "PublicCase",
    "Rating",
    "Ratings",
    "ReferenceTaken",
    "RevisionChanged",
    "Revisions",
    "SavedFilter",
    "SavedFilters",
    "SearchEntry",
    "Session",
    "Settled",
    "Signer",
    "StoredFile",
    "Throttle",
    "Token",
    "Work",
]

"""Published revisions of the registry: immutable documents with the time they come into force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, text, update

from catalogue.domain.problems import RuleForbids
from catalogue.domain.registry.revision import Revision
from catalogue.domain.text import Text
from catalogue.store.codec import moment, read_moment
from catalogue.store.session import Session
from catalogue.store.tables import revisions

_PUBLISHING = 0x7265_7669_7369_6F6E
"""Key of the advisory lock under which one revision at a time is published on PostgreSQL."""


class StoredRevisions:
    """The port ``Revisions``."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._execute = session.connection.execute

    def publish(
        self,
        revision: Revision,
        document: str,
        based_on: int | None,
        *,
        publisher: str | None = None,
        draft: str | None = None,
        compiled: tuple[str, bytes] | None = None,
    ) -> None:
        """Raises RuleForbids when another revision was published since ``based_on``, or that one was withdrawn."""
        if not self._session.sqlite:
            self._execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _PUBLISHING})
        standing = select(func.max(revisions.c.number)).where(revisions.c.withdrawn_at.is_(None))
        newest = self._execute(standing).scalar()
        last = self._execute(select(func.max(revisions.c.number))).scalar()
        if newest != based_on or (last is not None and revision.number <= last):
            raise RuleForbids(
                Text(
                    f"草稿之后已有人发布第{newest}版，请在新版上重新修改",
                    f"Revision {newest} was published meanwhile; make the changes on it",
                ),
                extra={"rule": "newer-revision", "newest": newest},
            )
        self._execute(
            insert(revisions).values(
                number=revision.number,
                digest=revision.digest,
                author=revision.author,
                note=revision.note,
                effective_from=moment(revision.effective_from),
                published_at=moment(revision.published_at),
                document=document,
                publisher=publisher or revision.author,
                draft=draft,
                compiled_by=None if compiled is None else compiled[0],
                compiled=None if compiled is None else compiled[1],
            )
        )

    def list(self) -> Sequence[Mapping[str, Any]]:
        """Everything of each revision but its text, newest first; times aware."""
        columns = [column for column in revisions.c if column.name not in ("document", "compiled", "compiled_by")]
        rows = self._execute(select(*columns).order_by(revisions.c.number.desc())).mappings()
        times = ("effective_from", "published_at", "withdrawn_at")
        return [
            {key: read_moment(value) if key in times and value is not None else value for key, value in row.items()}
            for row in rows
        ]

    def document(self, number: int) -> str | None:
        """The published text."""
        return self._execute(select(revisions.c.document).where(revisions.c.number == number)).scalar()

    def compiled(self, number: int) -> tuple[str, bytes] | None:
        """(mark of the release that compiled it, the registry compiled), where it was kept."""
        row = self._execute(
            select(revisions.c.compiled_by, revisions.c.compiled).where(revisions.c.number == number)
        ).one_or_none()
        return None if row is None or row.compiled is None else (row.compiled_by, bytes(row.compiled))

    def schedule(self) -> Sequence[tuple[int, datetime]]:
        """(number, effective_from) of every revision that was not withdrawn, by number."""
        rows = self._execute(
            select(revisions.c.number, revisions.c.effective_from)
            .where(revisions.c.withdrawn_at.is_(None))
            .order_by(revisions.c.number)
        )
        return [(number, read_moment(start)) for number, start in rows]

    def withdraw(self, number: int, at: datetime, by: str | None = None) -> bool:
        """Take back a revision before its day; False where it is in force already, withdrawn or unknown."""
        statement = update(revisions).where(
            revisions.c.number == number,
            revisions.c.withdrawn_at.is_(None),
            revisions.c.effective_from > moment(at),
        )
        return self._execute(statement.values(withdrawn_at=moment(at), withdrawn_by=by)).rowcount == 1

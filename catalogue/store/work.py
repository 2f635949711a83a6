"""The unit of work: the ports over one connection, each made when it is first asked for."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from sqlalchemy import text

from catalogue.service.ports import IdempotencyKey, Outcome
from catalogue.store.access import StoredAccessLog, StoredMarks, StoredThrottle
from catalogue.store.accounts import StoredAccounts
from catalogue.store.answers import StoredAnswers
from catalogue.store.audit import StoredAudit
from catalogue.store.cases import StoredCases
from catalogue.store.certificates import StoredCertificates
from catalogue.store.codec import read_moment
from catalogue.store.desk import StoredCovers, StoredFilters
from catalogue.store.documents import StoredDocuments
from catalogue.store.drafts import StoredDrafts, StoredFeed, StoredMoves, StoredOpenCases
from catalogue.store.files import StoredFiles
from catalogue.store.idempotency import Outcomes
from catalogue.store.measures import StoredMeasures
from catalogue.store.notices import StoredNotices
from catalogue.store.outbox import StoredOutbox
from catalogue.store.passing import StoredPassing
from catalogue.store.ratings import StoredRatings
from catalogue.store.revisions import StoredRevisions
from catalogue.store.session import Session


class StoredWork:
    """The port ``Work``."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @cached_property
    def cases(self) -> StoredCases:
        return StoredCases(self.session, self._outcomes)

    @cached_property
    def accounts(self) -> StoredAccounts:
        return StoredAccounts(self.session)

    @cached_property
    def covers(self) -> StoredCovers:
        return StoredCovers(self.session)

    @cached_property
    def filters(self) -> StoredFilters:
        return StoredFilters(self.session)

    @cached_property
    def revisions(self) -> StoredRevisions:
        return StoredRevisions(self.session)

    @cached_property
    def drafts(self) -> StoredDrafts:
        return StoredDrafts(self.session)

    @cached_property
    def feed(self) -> StoredFeed:
        return StoredFeed(self.session)

    @cached_property
    def moves(self) -> StoredMoves:
        return StoredMoves(self.session)

    @cached_property
    def open_cases(self) -> StoredOpenCases:
        return StoredOpenCases(self.session)

    @cached_property
    def files(self) -> StoredFiles:
        return StoredFiles(self.session)

    @cached_property
    def documents(self) -> StoredDocuments:
        return StoredDocuments(self.session)

    @cached_property
    def notices(self) -> StoredNotices:
        return StoredNotices(self.session)

    @cached_property
    def ratings(self) -> StoredRatings:
        return StoredRatings(self.session)

    @cached_property
    def certificates(self) -> StoredCertificates:
        return StoredCertificates(self.session)

    @cached_property
    def outbox(self) -> StoredOutbox:
        return StoredOutbox(self.session)

    @cached_property
    def passing(self) -> StoredPassing:
        return StoredPassing(self.session)

    @cached_property
    def answers(self) -> StoredAnswers:
        return StoredAnswers(self.session)

    @cached_property
    def throttle(self) -> StoredThrottle:
        return StoredThrottle(self.session)

    @cached_property
    def access(self) -> StoredAccessLog:
        return StoredAccessLog(self.session)

    @cached_property
    def audit(self) -> StoredAudit:
        return StoredAudit(self.session)

    @cached_property
    def measures(self) -> StoredMeasures:
        return StoredMeasures(self.session)

    @cached_property
    def marks(self) -> StoredMarks:
        return StoredMarks(self.session)

    def now(self) -> datetime:
        """The present moment by the database's clock, which all workers share."""
        expression, parameters = self.session.database_now()
        return read_moment(self.session.connection.execute(text(f"SELECT {expression}"), parameters).scalar_one())

    def outcome(self, key: IdempotencyKey) -> Outcome | None:
        """The stored outcome of a key. Raises IdempotencyKeyReused for another body."""
        return self._outcomes.get(key)

    def keep_outcome(self, key: IdempotencyKey, outcome: Outcome) -> None:
        """Keep the outcome of an act that is on no case."""
        self._outcomes.keep(key, outcome)

    def prune(self) -> int:
        """Remove idempotency outcomes older than seven days, failures older than a day and sessions that ended."""
        return self._outcomes.prune() + self.throttle.prune() + self.accounts.prune()

    @cached_property
    def _outcomes(self) -> Outcomes:
        return Outcomes(self.session)

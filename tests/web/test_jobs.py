"""The repeating jobs over the running application."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from catalogue.domain.days import CHINA
from catalogue.service.delivery import to_desk
from catalogue.service.jobs import run_once
from tests.web.conftest import Browser, Town


def test_a_calendar_that_ends_keeps_no_other_job_from_its_turn(town: Town, clerk: Browser) -> None:
    """On the last day of the last year no limit can be counted ahead: the case is named, the messages leave."""
    reference = clerk.receive(matter="food-business-licence-new", particulars={}).json()["reference"]
    assert clerk.command(reference, "forward").status_code == 200
    try:
        town.clock.moved = datetime(2027, 12, 31, 12, tzinfo=CHINA) - datetime.now(UTC)
        done = run_once(town.database, town.house, {"desk": to_desk, "webhook": to_desk}, anchor=False)
    finally:
        town.clock.moved = timedelta()
    assert done.sent >= 1
    assert '"problem":"calendar-exhausted"' in town.logged()

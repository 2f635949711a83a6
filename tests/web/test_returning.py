"""Results on their way from the threads of the database into the event loop."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import Any

import pytest

from catalogue.domain.problems import NotFound
from catalogue.web.returning import Returning


class Counting(asyncio.SelectorEventLoop):
    """A loop that counts how often other threads woke it."""

    woken = 0

    def _write_to_self(self) -> None:
        self.woken += 1
        super()._write_to_self()  # type: ignore[misc]  # the one place by which a thread wakes a loop


def run(main: Any) -> Any:
    loop = Counting()
    try:
        return loop.run_until_complete(main(loop))
    finally:
        loop.close()


def test_results_that_are_ready_together_wake_the_loop_once() -> None:
    returning = Returning()

    async def main(loop: Counting) -> tuple[list[int], int]:
        futures: list[Future[int]] = [Future() for _ in range(16)]
        tasks = [loop.create_task(returning.result(future)) for future in futures]
        await asyncio.sleep(0)
        for n, future in enumerate(futures):
            future.set_result(n)
        return await asyncio.gather(*tasks), loop.woken

    assert run(main) == (list(range(16)), 1)


def test_what_a_thread_raised_is_raised_where_it_is_waited_for() -> None:
    async def main(loop: Counting) -> None:
        future: Future[int] = Future()
        future.set_exception(NotFound())
        with pytest.raises(NotFound):
            await Returning().result(future)

    run(main)


def test_who_no_longer_waits_cancels_what_has_not_begun() -> None:
    async def main(loop: Counting) -> bool:
        future: Future[int] = Future()
        task = loop.create_task(Returning().result(future))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return future.cancelled()

    assert run(main)


def test_one_loop_after_another_is_told() -> None:
    returning = Returning()

    async def left(loop: Counting) -> Future[int]:
        future: Future[int] = Future()
        task = loop.create_task(returning.result(future))
        await asyncio.sleep(0)
        future.set_running_or_notify_cancel()
        task.cancel()
        return future

    late = run(left)
    # Nobody is left in that loop, and the thread that works it out must not mind.
    late.set_result(1)

    async def main(loop: Counting) -> int:
        future: Future[int] = Future()
        task = loop.create_task(returning.result(future))
        await asyncio.sleep(0)
        future.set_result(2)
        return await task

    assert run(main) == 2

import asyncio

import pytest

from markethall_gateway.engine_client.single_flight import SingleFlight


class Question:
    """Counts how often it is asked, and answers when it is told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.answers: asyncio.Queue[int | Exception] = asyncio.Queue()

    async def ask(self) -> int:
        self.asked += 1
        answer = await self.answers.get()
        if isinstance(answer, Exception):
            raise answer
        return answer


async def settle() -> None:
    """Let every task run up to where it waits."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_those_who_ask_while_a_call_is_under_way_share_its_answer() -> None:
    question = Question()
    flight = SingleFlight(question.ask)
    callers = [asyncio.create_task(flight()) for _ in range(10)]
    await settle()
    question.answers.put_nowait(7)
    assert await asyncio.gather(*callers) == [7] * 10
    assert question.asked == 1


async def test_who_asks_afterwards_asks_anew() -> None:
    question = Question()
    flight = SingleFlight(question.ask)
    question.answers.put_nowait(1)
    question.answers.put_nowait(2)
    assert (await flight(), await flight()) == (1, 2)


async def test_a_failure_is_shared_and_then_forgotten() -> None:
    question = Question()
    flight = SingleFlight(question.ask)
    callers = [asyncio.create_task(flight()) for _ in range(3)]
    await settle()
    question.answers.put_nowait(LookupError())
    results = await asyncio.gather(*callers, return_exceptions=True)
    assert [type(result) for result in results] == [LookupError] * 3
    question.answers.put_nowait(1)
    assert await flight() == 1


async def test_a_caller_who_leaves_does_not_take_the_call_along() -> None:
    question = Question()
    flight = SingleFlight(question.ask)
    first, second = asyncio.create_task(flight()), asyncio.create_task(flight())
    await settle()
    first.cancel()
    await settle()
    question.answers.put_nowait(7)
    assert await second == 7
    with pytest.raises(asyncio.CancelledError):
        await first

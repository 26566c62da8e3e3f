import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from markethall_common.shutdown import Deadline, Shutdown

SERVICE = """
import asyncio, sys, time
from markethall_common.shutdown import Shutdown

def say(word):
    print(word, flush=True)

async def main():
    with Shutdown(grace_s=60.0) as shutdown:
        say("ready")
        deadline = await shutdown.requested()
        say(f"requested {shutdown.reason} {deadline.remaining_s() > 50}")
        AFTERWARDS
    say("closed")

asyncio.run(main())
"""
CLOSE_AT_ONCE = "pass"
HANG = "await asyncio.Event().wait()"
BLOCK_THE_LOOP = "time.sleep(3600)"


@contextmanager
def service(afterwards: str) -> Iterator[subprocess.Popen[str]]:
    code = SERVICE.replace("AFTERWARDS", afterwards)
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert heard(process) == "ready"
            yield process
        finally:
            process.kill()


def heard(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_the_process_close_in_order(number: signal.Signals) -> None:
    with service(CLOSE_AT_ONCE) as process:
        process.send_signal(number)
        assert heard(process) == f"requested {number.name} True"
        assert heard(process) == "closed"
        assert process.wait(30) == 0


@pytest.mark.parametrize(("second", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("afterwards", [HANG, BLOCK_THE_LOOP])
def test_a_second_signal_ends_the_process_at_once(
    afterwards: str, second: signal.Signals, status: int
) -> None:
    with service(afterwards) as process:
        process.send_signal(signal.SIGTERM)
        assert heard(process) == "requested SIGTERM True"
        process.send_signal(second)
        assert process.wait(30) == status
        assert process.stderr is not None
        assert process.stderr.read() == ""


async def test_a_process_may_ask_for_its_own_end() -> None:
    with Shutdown(grace_s=60.0) as shutdown:
        assert not shutdown.is_requested
        shutdown.request("journal failed")
        deadline = await shutdown.requested()
        assert shutdown.is_requested
        assert shutdown.reason == "journal failed"
        assert 50 < deadline.remaining_s() <= 60


async def test_the_first_reason_and_its_deadline_stand() -> None:
    with Shutdown(grace_s=60.0) as shutdown:
        shutdown.request("first")
        deadline = await shutdown.requested()
        shutdown.request("second")
        assert shutdown.reason == "first"
        assert await shutdown.requested() is deadline


async def test_everyone_who_waits_is_told() -> None:
    with Shutdown(grace_s=60.0) as shutdown:
        waiting = [asyncio.create_task(shutdown.requested()) for _ in range(3)]
        shutdown.request("done")
        assert len(set(await asyncio.gather(*waiting))) == 1


async def test_signals_go_back_to_whoever_had_them() -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    with Shutdown(grace_s=1.0):
        assert signal.getsignal(signal.SIGTERM) not in before
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


async def test_what_ends_before_the_deadline_is_left_to_end() -> None:
    async def work() -> str:
        return "done"

    tasks = [asyncio.create_task(work()) for _ in range(3)]
    assert await Deadline(60.0).finish(tasks) == 0
    assert [task.result() for task in tasks] == ["done", "done", "done"]


async def test_what_is_late_is_canceled_and_counted() -> None:
    tidied: list[str] = []

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            tidied.append("tidied")

    quick, slow = asyncio.create_task(asyncio.Event().wait()), asyncio.create_task(hang())
    quick.cancel()
    assert await Deadline(0.01).finish([quick, slow]) == 1
    assert slow.cancelled()
    assert tidied == ["tidied"]


async def test_nothing_under_way_is_finished_at_once() -> None:
    assert await Deadline(0.0).finish([]) == 0


async def test_a_deadline_passes() -> None:
    deadline = Deadline(0.01)
    with pytest.raises(TimeoutError):
        async with deadline.timeout():
            await asyncio.Event().wait()
    assert deadline.remaining_s() == 0.0

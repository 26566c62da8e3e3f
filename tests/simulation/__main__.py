"""The long run: `hatch run simulate`.

Thousands of seeds through the engine's domain and the oracle, each checked after every command and once more
when it is over; the same in other processes; every fault at every write; with `--damage` every cut and every
bit of a journal. A seed that fails is shrunk to what it takes, printed, and kept in `failed_seeds.txt`. Ends
with 0 if nothing failed, else with 1.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

from markethall_engine.compiled import why_python
from tests.simulation.failed_seeds import failed_seeds, keep
from tests.simulation.sqlite_files import CANNOT_WATCH
from tests.simulation.tasks import (
    Problem,
    ProcessCheck,
    Run,
    damage_tasks,
    try_damages,
    try_faults,
    try_processes,
    try_seed,
)

_SEEDS_A_PROCESS_CHECK = 20
_PROGRESS_S = 10
_ENOUGH_PROBLEMS = 5
"""After so many of a kind the rest is not tried."""
T = TypeVar("T")


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    core = f"in pure Python ({reason})" if (reason := why_python()) else "compiled"
    _say(f"the engine's core is {core}; {options.jobs} processes")
    kept = [Run(failed.seed, failed.commands) for failed in failed_seeds()]
    runs = [Run(seed, options.commands) for seed in range(options.first, options.first + options.seeds)]
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        failures = [
            *_tell("seeds", _each(pool, try_seed, [*kept, *runs])),
            *_tell("processes", _each(pool, try_processes, _process_checks(options))),
        ]
        if CANNOT_WATCH and (options.faults or options.damage):
            _say(f"no faults and no damage: {CANNOT_WATCH}")
        else:
            faults = range(options.first, options.first + options.faults)
            failures += _tell("seeds with every crash and fault", _each(pool, try_faults, faults))
            if options.damage:
                failures += _tell("parts of a journal damaged", _each(pool, try_damages, damage_tasks()))
        pool.shutdown(cancel_futures=True)
    return 1 if failures else 0


def _each(
    pool: ProcessPoolExecutor, work: Callable[[T], Problem | None], tasks: Iterable[T]
) -> tuple[int, Iterator[Problem | None]]:
    listed = list(tasks)
    return len(listed), pool.map(work, listed)


def _tell(name: str, results: tuple[int, Iterator[Problem | None]]) -> list[Problem]:
    """Print progress, and each problem as it comes, whose seed is kept; gives the problems."""
    count, done = results
    failures = []
    started = told = time.monotonic()
    for number, problem in enumerate(done, 1):
        if problem is not None:
            failures.append(problem)
            _say(problem.text)
            if problem.failed_seed is not None:
                keep(problem.failed_seed)
            if len(failures) == _ENOUGH_PROBLEMS:
                break
        if time.monotonic() - told > _PROGRESS_S:
            told = time.monotonic()
            _say(f"{number:,} of {count:,} {name}, {len(failures)} failed, {told - started:.0f} s")
    if count:
        _say(f"{count:,} {name}: {len(failures)} failed, {time.monotonic() - started:.0f} s")
    return failures


def _process_checks(options: argparse.Namespace) -> Iterator[ProcessCheck]:
    """One in so many seeds, many at a time."""
    seeds = max(options.seeds // 50, min(options.seeds, _SEEDS_A_PROCESS_CHECK))
    for start in range(options.first, options.first + seeds, _SEEDS_A_PROCESS_CHECK):
        count = min(_SEEDS_A_PROCESS_CHECK, options.first + seeds - start)
        yield ProcessCheck(start, count, options.commands)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hatch run simulate", description=__doc__.splitlines()[0])
    parser.add_argument("--first", type=int, default=0, help="the first seed (default: %(default)s)")
    parser.add_argument("--seeds", type=int, default=10_000, help="how many seeds (default: %(default)s)")
    parser.add_argument("--commands", type=int, default=300, help="commands a seed (default: %(default)s)")
    parser.add_argument(
        "--faults",
        type=int,
        default=10,
        help="seeds with a crash and all faults at every write (default: %(default)s)",
    )
    parser.add_argument("--damage", action="store_true", help="every cut and every bit of a journal's files")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="processes at a time (default: %(default)s)"
    )
    return parser


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

"""What the long run does in its processes: a task each, which gives a problem or nothing."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from tests.simulation.damage import MARK, Outcome, cuts, files_of, flips, outcome_of
from tests.simulation.disk import Disk
from tests.simulation.failed_seeds import FailedSeed
from tests.simulation.fault_runs import (
    Expectation,
    commands_of,
    faults_of,
    run_with_crashes,
    run_with_fault,
    scratch_directory,
)
from tests.simulation.shrinking import FILLER, Step, shrink
from tests.simulation.simulator import Simulation, simulate
from tests.simulation.traffic import SETUP, Traffic
from tests.simulation.whole_runs import check_processes, check_run

_DAMAGES_A_TASK = 4_096


class Problem(NamedTuple):
    """What went wrong, in as many lines as it takes, and the seed to keep if there is one."""

    text: str
    failed_seed: FailedSeed | None = None


class Run(NamedTuple):
    """One seed to try."""

    seed: int
    commands: int


class ProcessCheck(NamedTuple):
    """Seeds to try in other processes."""

    first: int
    seeds: int
    commands: int


class DamageTask(NamedTuple):
    """Some of the damages of one file, of a journal that was closed or killed, with its mark or without."""

    is_closed: bool
    has_mark: bool
    name: str
    start: int


def try_seed(run: Run) -> Problem | None:
    try:
        check_run(simulate(run.seed, run.commands))
    except Exception as failure:
        failed = FailedSeed(run.seed, run.commands, f"{type(failure).__name__}: {failure}")
        return Problem(f"seed {run.seed} failed: {failure!r}\n{_shrunk(run)}", failed)
    return None


def _shrunk(run: Run) -> str:
    """What a failure takes, in lines as they can be given to `Simulation.ask`."""
    simulation, traffic = Simulation("all"), Traffic(run.seed)
    try:
        for time_ns, asked in traffic.asked(run.commands):
            traffic.hear(simulation.ask(time_ns, *asked))
        check_run(simulation)
    except Exception:
        kept = len(SETUP)
        steps = shrink(simulation.asked, lambda tried: bool(_failure_of(tried)), kept=kept)
        taken = sum(commands != (FILLER,) for _, commands in steps[kept:])
        return "\n".join(
            (f"it takes {taken} steps after the setup:", *_lines(steps[kept:]), _failure_of(steps))
        )
    return "it does not fail again"


def _lines(steps: Sequence[Step]) -> Iterator[str]:
    """A line a step; those that only take a sequence in one."""
    for is_filler, group in groupby(steps, lambda step: step[1] == (FILLER,)):
        listed = list(group)
        if is_filler:
            yield f"{len(listed)} times {FILLER}"
        else:
            yield from (f"{time_ns}: {commands}" for time_ns, commands in listed)


def _failure_of(steps: Sequence[Step]) -> str:
    simulation = Simulation("shrunk")
    try:
        for time_ns, commands in steps:
            simulation.ask(time_ns, *commands)
        check_run(simulation)
    except Exception as failure:
        return repr(failure)
    return ""


def try_processes(check: ProcessCheck) -> Problem | None:
    try:
        check_processes(*check)
    except Exception as failure:
        return Problem(repr(failure))
    return None


def try_faults(seed: int) -> Problem | None:
    """A crash after every operation of a run, and every fault at each; ends with the first problem."""
    where = f"seed {seed}"
    try:
        expectation = Expectation.of(commands_of(seed))
        run_with_crashes(expectation, seed)
        for fault, at, operation in faults_of(expectation):
            where = f"seed {seed}, {fault.name} at operation {at} ({operation.kind.name} {operation.name})"
            run_with_fault(expectation, fault, at, seed)
    except Exception as failure:
        return Problem(f"{where}: {failure!r}")
    return None


def damage_tasks() -> Iterator[DamageTask]:
    """Every cut and every bit of every file."""
    expectation = _damaged_expectation()
    for is_closed in (False, True):
        for name, content in files_of(expectation, is_closed=is_closed).items():
            for has_mark in (True, False) if name != MARK else (True,):
                for start in range(0, 9 * len(content), _DAMAGES_A_TASK):
                    yield DamageTask(is_closed, has_mark, name, start)


def try_damages(task: DamageTask) -> Problem | None:
    expectation = _damaged_expectation()
    files = files_of(expectation, is_closed=task.is_closed)
    content = files[task.name]
    if not task.has_mark:
        del files[MARK]
    damages = [*cuts(task.name, content), *flips(task.name, content)]
    with scratch_directory() as directory, Disk(directory):
        for damage in damages[task.start : task.start + _DAMAGES_A_TASK]:
            try:
                outcome = outcome_of(damage, files, expectation)
            except Exception as failure:
                return Problem(f"{task}, {damage}: {failure!r}")
            if task.has_mark and outcome is Outcome.PREFIX:
                return Problem(f"{task}, {damage}: acknowledged records are gone, and nothing said so")
    return None


def _damaged_expectation() -> Expectation:
    return Expectation.of(commands_of(seed=1, count=24))

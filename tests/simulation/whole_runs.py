"""What is checked of a run once it is over: its journal gives the same again, from wherever it is begun."""

import os
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Literal

from markethall_engine.application.record import Record
from markethall_engine.domain.exchange import Exchange
from markethall_engine.journal.record_codec import encode_record
from tests.simulation.simulator import Divergence, JournalEntry, Simulation, run

_ROOT = Path(__file__).parents[2]
_POINTS = 3


def check_run(simulation: Simulation) -> None:
    """Raises `Divergence` where the journal does not give again what was lived."""
    journal, live = simulation.journal, simulation.exchange.digest()
    exchange = Exchange()
    snapshots: dict[int, bytes] = {}
    starts = {len(journal) * point // _POINTS for point in range(1, _POINTS)}
    for index, entry in enumerate(journal):
        if index in starts:
            snapshots[index] = exchange.snapshot()
        _decide_again(exchange, entry)
    if exchange.digest() != live:
        raise Divergence(f"{simulation.name}: the journal decided again gives another state than was lived")
    for index, snapshot in snapshots.items():
        restored = Exchange.restore(snapshot)
        if restored.digest() != blake2b(snapshot, digest_size=32).hexdigest():
            raise Divergence(
                f"{simulation.name}: the snapshot after {index} records restores to another state"
            )
        for sequence, time_ns, _, events in journal[index:]:
            restored.apply_all(events, sequence, time_ns)
        if restored.digest() != live:
            raise Divergence(
                f"{simulation.name}: the snapshot after {index} records and the rest give another state"
            )


def _decide_again(exchange: Exchange, entry: JournalEntry) -> None:
    sequence, time_ns, command, events = entry
    found = exchange.decide(command, sequence, time_ns)
    if found != events:
        raise Divergence(f"record {sequence}, {command}\nrecorded {events}\nfound    {found}")
    exchange.apply_all(events, sequence, time_ns)


def digest_of_runs(first: int, seeds: int, commands: int) -> str:
    """One value of all that these seeds' journals hold and lead to."""
    digest = blake2b(digest_size=16)
    for seed in range(first, first + seeds):
        exchange = Exchange()
        for entry in run(seed, commands):
            digest.update(encode_record(Record(*entry)))
            exchange.apply_all(entry[3], entry[0], entry[1])
        digest.update(exchange.digest().encode())
    return digest.hexdigest()


def digest_elsewhere(
    first: int, seeds: int, commands: int, *, hash_seed: str, core: Literal["auto", "compiled", "python"]
) -> str:
    """The same value from a process of its own, with another order of sets and maybe the other core."""
    asked = f"digest_of_runs({first}, {seeds}, {commands})"
    environment = {
        **os.environ,
        "PYTHONHASHSEED": hash_seed,
        "MARKETHALL_CORE": core,
        "PYTHONPATH": os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH")))),
    }
    done = subprocess.run(
        [sys.executable, "-c", f"from tests.simulation.whole_runs import *; print({asked})"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Divergence(f"core {core}, PYTHONHASHSEED={hash_seed}: {done.stderr.strip()}")
    return done.stdout.strip()


def processes() -> Sequence[tuple[str, Literal["auto", "python"]]]:
    """Hash seeds and cores to compare: compiled, where it is, and pure Python."""
    return [("0", "python"), ("1", "auto"), ("random", "auto")]


def check_processes(first: int, seeds: int, commands: int) -> None:
    """Raises `Divergence` where the same traffic gives something else in another process."""
    elsewhere = partial(digest_elsewhere, first, seeds, commands)
    found = {
        f"PYTHONHASHSEED={seed} {core}": elsewhere(hash_seed=seed, core=core) for seed, core in processes()
    }
    if len({digest_of_runs(first, seeds, commands), *found.values()}) != 1:
        raise Divergence(f"seeds {first} to {first + seeds - 1} give other journals elsewhere: {found}")

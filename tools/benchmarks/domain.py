"""Our matching and our whole domain, beside the order books of PyPI: one flow, one session.

Every contestant is a process of its own, kept for the whole session; they play in turn, several times, and
the best run of each counts, in processor time. Peers are installed into throw-away environments.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tools.benchmarks.figures import Figure
from tools.benchmarks.processes import ROOT, settings_free
from tools.benchmarks.throw_away import NotInstallableError, install

SECTION = "domain"
COMMANDS = 200_000
ROUNDS = 5
PYTHONS = ("3.12", "3.13", "3.11")
"""Of peers; the first has all of them. Newer Pythons are no faster with them, measured."""

PEERS = {
    "bourse": "bourse==0.4.0",
    "matching-engine": "matching-engine==0.1.1",
    "liquibook": "liquibook==2.0.1",
    "lightmatchingengine": "lightmatchingengine==2019.1.4",
    "pyorderbook": "pyorderbook==0.4.9",
    "akhil4n-orderbook": "akhil4n-orderbook==0.1.1",
    "orderly-chaos": "orderly-chaos==0.2.0",
}
MATCHING, DOMAIN = "our matching alone, compiled", "our whole domain, compiled"
PURE_MATCHING, PURE_DOMAIN = "our matching alone, pure Python", "our whole domain, pure Python"


class Contestant:
    """A process that plays the flow when asked."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.seconds: list[float] = []

    def play(self) -> None:
        """Play once, from an empty book to the last command."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{COMMANDS}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self._process.args!r} ended; see what it wrote above")
        self.seconds.append(json.loads(answer)["seconds"])

    @property
    def rate(self) -> float:
        """Commands a second in its best run."""
        return COMMANDS / min(self.seconds)


@contextmanager
def contestant(python: str | Path, module: str, environment: Mapping[str, str]) -> Iterator[Contestant]:
    command = [str(python), "-m", "tools.benchmarks.contest.contestant", module]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Contestant(process)


def measure(folder: Path) -> list[Figure]:
    """Play the flow with everyone who is there."""
    absent: list[Figure] = []
    with ExitStack() as running:
        contestants = {
            name: running.enter_context(contestant(sys.executable, module, _ours(core)))
            for name, module, core in (
                (MATCHING, "our_matching", "compiled"),
                (DOMAIN, "our_domain", "compiled"),
                (PURE_MATCHING, "our_matching", "python"),
                (PURE_DOMAIN, "our_domain", "python"),
            )
        }
        for name, requirement in PEERS.items():
            try:
                python = install(requirement, folder / name, PYTHONS)
            except NotInstallableError as problem:
                absent.append(Figure(SECTION, f"{name} not measured", 0, "", note=str(problem)))
                continue
            module = f"peers.{name.replace('-', '_')}"
            contestants[name] = running.enter_context(contestant(python, module, _theirs()))
        for _ in range(ROUNDS):
            for player in contestants.values():
                player.play()
    rates = {name: player.rate for name, player in contestants.items()}
    return [*_rates(rates), *absent, *_ratios(rates)]


def _ours(core: str) -> dict[str, str]:
    """The environment of our own contestants; `core` as in MARKETHALL_CORE."""
    return settings_free() | {"MARKETHALL_CORE": core}


def _theirs() -> dict[str, str]:
    """That of a peer, which finds the contest's modules and none of ours."""
    kept = {name: value for name, value in settings_free().items() if name != "VIRTUAL_ENV"}
    return kept | {"PYTHONPATH": str(ROOT)}


def _rates(rates: Mapping[str, float]) -> list[Figure]:
    figures = []
    for name, rate in sorted(rates.items(), key=lambda item: -item[1]):
        bar = 500_000 if name == DOMAIN else None
        figures.append(Figure(SECTION, name, rate, "commands/s", bar=bar, at_most=False))
    return figures


def _ratios(rates: Mapping[str, float]) -> list[Figure]:
    bars = (
        (MATCHING, "bourse", 1.0),
        (DOMAIN, "matching-engine", 1.5),
        (PURE_DOMAIN, "matching-engine", 0.4),
        (DOMAIN, PURE_DOMAIN, None),
    )
    return [
        Figure(SECTION, f"{one} / {other}", rates[one] / rates[other], "x", bar=bar, at_most=False)
        for one, other, bar in bars
        if other in rates
    ]

"""The corpus of seeds that ever failed."""

from pathlib import Path
from typing import NamedTuple

PATH = Path(__file__).with_name("failed_seeds.txt")


class FailedSeed(NamedTuple):
    seed: int
    commands: int
    problem: str


def failed_seeds(path: Path = PATH) -> list[FailedSeed]:
    lines = (line.split(maxsplit=2) for line in path.read_text().splitlines() if not line.startswith("#"))
    return [
        FailedSeed(int(seed), int(commands), " ".join(problem))
        for seed, commands, *problem in filter(None, lines)
    ]


def keep(failed: FailedSeed, path: Path = PATH) -> None:
    """Add a seed, unless it is there."""
    if all((kept.seed, kept.commands) != failed[:2] for kept in failed_seeds(path)):
        problem = " ".join(failed.problem.split())[:160]
        with path.open("a") as file:
            file.write(f"{failed.seed} {failed.commands} {problem}\n")

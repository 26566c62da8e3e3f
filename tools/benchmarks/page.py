"""The page of the documentation that says what was measured, and its plots."""

import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.benchmarks.figures import Figure, number

_HEAD = """# Benchmarks

Written by `hatch run benchmark --docs`, which measures and ends with status 1 when a bar is missed.
Rates and times are of this machine and of what else it did; ratios are of things measured in turn.
[Decision 92](decisions/0092-peers-are-measured-on-one-flow-in-one-run.md) says what is compared and how,
[decision 93](decisions/0093-attributes-of-structs-are-read-where-they-were.md) what made the domain fast.
"""


def machine() -> str:
    """What the figures are of."""
    return f"{_processor()}, {platform.system()}, Python {platform.python_version()}"


def write(folder: Path, figures: Sequence[Figure], plots: Mapping[str, tuple[str, str]]) -> None:
    """Write `benchmarks.md` and the plots beside it; `plots` has a title and an SVG by file name."""
    pictures = folder / "benchmarks"
    pictures.mkdir(exist_ok=True)
    lines = [_HEAD, f"Measured on {machine()}.", ""]
    for name, (title, drawing) in plots.items():
        (pictures / f"{name}.svg").write_text(drawing)
        lines += [f"![{title}](benchmarks/{name}.svg)", ""]
    lines += ["| | what | measured | bar | |", "| --- | --- | ---: | ---: | --- |"]
    lines += [_row(figure) for figure in figures]
    (folder / "benchmarks.md").write_text("\n".join(lines) + "\n")


def _row(figure: Figure) -> str:
    bar, verdict = "", ""
    if figure.bar is not None:
        bar = f"{'≤' if figure.at_most else '≥'} {number(figure.bar)}"
        verdict = "met" if figure.is_met else "**missed**"
    note = "; ".join(part for part in (verdict, figure.note) if part)
    return f"| {figure.section} | {figure.what} | {number(figure.value)} {figure.unit} | {bar} | {note} |"


def _processor() -> str:
    """The processor's name and the number of cores, as far as the system tells."""
    cores = f"{os.cpu_count()} cores of {platform.machine()}"
    facts = Path("/proc/cpuinfo")
    if facts.is_file():
        names = [line for line in facts.read_text().splitlines() if line.startswith("model name")]
        if names:
            return f"{cores}, {names[0].partition(':')[2].strip()}"
    return cores

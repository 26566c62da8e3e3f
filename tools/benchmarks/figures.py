"""What a benchmark found: figures in a table, each with the bar that it has to meet."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    section: str
    what: str
    value: float
    unit: str
    bar: float | None = None
    """What `value` must reach, or None where nothing was promised."""
    at_most: bool = True
    """Whether the bar is an upper limit (times) or a lower one (rates, ratios)."""
    note: str = ""

    @property
    def is_met(self) -> bool:
        """Whether the bar is met; true without one."""
        if self.bar is None:
            return True
        return self.value <= self.bar if self.at_most else self.value >= self.bar

    def as_json(self) -> dict[str, object]:
        """The figure as JSON-shaped values."""
        return {
            "section": self.section,
            "what": self.what,
            "value": self.value,
            "unit": self.unit,
            "bar": self.bar,
            "at_most": self.at_most,
            "met": self.is_met,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Series:
    """A curve of a plot: what was measured at each of several places."""

    name: str
    places: tuple[float, ...]
    values: tuple[float, ...]


def number(value: float) -> str:
    """Write a figure with as many digits as mean something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def show(figures: Sequence[Figure], title: str) -> None:
    """Print the figures as one table, the missed bars marked."""
    table = Table(title=title, title_justify="left")
    for heading in ("", "what", "measured", "bar", "note"):
        table.add_column(heading, justify="right" if heading in ("measured", "bar") else "left")
    section = ""
    for figure in figures:
        if figure.section != section and section:
            table.add_section()
        first = figure.section if figure.section != section else ""
        section = figure.section
        measured = f"{number(figure.value)} {figure.unit}"
        bar = ""
        if figure.bar is not None:
            bar = f"{'≤' if figure.at_most else '≥'} {number(figure.bar)}"
            measured = f"[{'green' if figure.is_met else 'bold red'}]{measured}[/]"
        table.add_row(first, figure.what, measured, bar, figure.note)
    Console().print(table)

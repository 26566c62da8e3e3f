"""Plots as SVG: a few curves over an axis of powers of ten or of a measure, written by hand.

What is drawn needs no library: axes, grid, curves, a legend. Colors are those of Okabe and Ito, told apart by
everybody; text and lines have the color of the page's text where the page has it, light or dark.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from tools.benchmarks.figures import Series

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 80, 20, 50, 60
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis says, and the places where it does."""

    label: str
    ticks: tuple[float, ...]
    is_logarithmic: bool = False

    def share(self, value: float) -> float:
        """How far along the axis a value is, 0 to 1."""
        low, high = self._of(self.ticks[0]), self._of(self.ticks[-1])
        return (self._of(value) - low) / (high - low)

    def _of(self, value: float) -> float:
        return math.log10(value) if self.is_logarithmic else value


def round_axis(label: str, most: float) -> Axis:
    """An axis from 0 to `most` or a little more, in about five round steps."""
    step = 10 ** math.floor(math.log10(most / 5))
    step *= next(times for times in (1, 2, 5, 10) if most / (step * times) <= 6)
    return Axis(label, tuple(step * i for i in range(math.ceil(most / step) + 1)))


def decades_axis(label: str, least: float, most: float) -> Axis:
    """A logarithmic axis of powers of ten that encloses the range."""
    powers = range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)
    return Axis(label, tuple(10.0**power for power in powers), is_logarithmic=True)


def svg(title: str, across: Axis, up: Axis, curves: Sequence[Series]) -> str:
    """The plot as the text of an SVG file."""
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'font-family="sans-serif" font-size="13"><title>{escape(title)}</title>'
        ),
        (
            "<style>text{fill:#333}.grid{stroke:#9994}.axis{stroke:#666}"
            "@media(prefers-color-scheme:dark){text{fill:#ddd}.axis{stroke:#aaa}}</style>"
        ),
        f'<text x="{LEFT}" y="24" font-size="16">{escape(title)}</text>',
        *_grid(across, up),
    ]
    for place, curve in enumerate(curves):
        parts += _curve(curve, across, up, COLORS[place % len(COLORS)], place)
    return "\n".join([*parts, "</svg>\n"])


def _x(axis: Axis, value: float) -> float:
    return LEFT + axis.share(value) * (WIDTH - LEFT - RIGHT)


def _y(axis: Axis, value: float) -> float:
    return HEIGHT - BOTTOM - axis.share(value) * (HEIGHT - TOP - BOTTOM)


def _grid(across: Axis, up: Axis) -> list[str]:
    left, right, top, bottom = LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM
    parts = []
    for tick in up.ticks:
        y = _y(up, tick)
        parts.append(f'<line class="grid" x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{_short(tick)}</text>')
    for tick in across.ticks:
        x = _x(across, tick)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 20}" text-anchor="middle">{_short(tick)}</text>')
    center, middle = (left + right) / 2, (top + bottom) / 2
    return [
        *parts,
        f'<path class="axis" d="M{left} {top}V{bottom}H{right}" fill="none"/>',
        f'<text x="{center}" y="{HEIGHT - 16}" text-anchor="middle">{escape(across.label)}</text>',
        (
            f'<text x="18" y="{middle}" text-anchor="middle" transform="rotate(-90 18 {middle})">'
            f"{escape(up.label)}</text>"
        ),
    ]


def _curve(curve: Series, across: Axis, up: Axis, color: str, place: int) -> list[str]:
    points = [(_x(across, at), _y(up, value)) for at, value in zip(curve.places, curve.values, strict=True)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    legend = TOP + 14 + 18 * place
    return [
        f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>',
        *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{color}"/>' for x, y in points),
        (
            f'<line x1="{LEFT + 12}" x2="{LEFT + 36}" y1="{legend}" y2="{legend}" stroke="{color}" '
            'stroke-width="2"/>'
        ),
        f'<text x="{LEFT + 42}" y="{legend + 4}">{escape(curve.name)}</text>',
    ]


def _short(value: float) -> str:
    """A tick's label: thousands as k, millions as M."""
    for unit, name in ((1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:g}{name}"
    return f"{value:g}"

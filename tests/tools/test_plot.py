from xml.etree import ElementTree

import pytest

from tools.benchmarks.figures import Series
from tools.benchmarks.plot import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, decades_axis, round_axis, svg

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("most", "ticks"), [(1.0, (0, 0.2, 0.4, 0.6, 0.8, 1.0)), (530_000, (0, 1e5, 2e5, 3e5, 4e5, 5e5, 6e5))]
)
def test_an_axis_has_round_ticks_up_to_what_it_must_show(most: float, ticks: tuple[float, ...]):
    assert round_axis("", most).ticks == pytest.approx(ticks)


def test_a_logarithmic_axis_has_powers_of_ten_around_its_range():
    assert decades_axis("", 1_000, 900_000).ticks == (1e3, 1e4, 1e5, 1e6)


def test_curves_are_drawn_from_corner_to_corner_of_their_axes():
    curve = Series("a & b", (1, 100), (0, 50))
    root = ElementTree.fromstring(svg("speed", decades_axis("n", 1, 100), round_axis("rate", 50), [curve]))
    line = root.find(f"{SVG}polyline")
    assert line is not None
    assert line.get("points") == f"{LEFT}.0,{HEIGHT - BOTTOM}.0 {WIDTH - RIGHT}.0,{TOP}.0"
    assert "a & b" in [text.text for text in root.iter(f"{SVG}text")]
    assert len(root.findall(f"{SVG}circle")) == 2

"""Every figure that Markethall claims, measured on this machine in one run.

    hatch run benchmark                 all of it, about ten minutes
    hatch run benchmark codec orders    some sections
    hatch run benchmark --json          for a program
    hatch run benchmark --docs          also writes docs/benchmarks.md and its plots

Rates and times depend on the machine and on what else runs on it; ratios are of things measured
in turn in the same run. The exit status is 1 when a bar is missed.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools.benchmarks import (
    codec,
    domain,
    latency,
    orders,
    page,
    ping,
    plot,
    recovery,
    resting,
    targets,
)
from tools.benchmarks.figures import Figure, show
from tools.benchmarks.processes import running_venue

DOCS = Path(__file__).parents[1] / "docs"


@dataclass(frozen=True, slots=True)
class Run:
    """What a section is given, and where it leaves its plots."""

    folder: Path
    servers: tuple[str, ...]
    plots: dict[str, tuple[str, str]]
    """Title and SVG, by name."""


def measure_targets(run: Run) -> list[Figure]:
    with running_venue(run.folder) as venue:
        return targets.measure(venue)


def measure_ping(run: Run) -> list[Figure]:
    with running_venue(run.folder) as venue:
        return ping.measure(venue, run.folder)


def measure_orders(run: Run) -> list[Figure]:
    with running_venue(run.folder) as venue:
        orders.prepare(venue)
        figures = orders.by_grpc(venue)
    return [*figures, *orders.by_http(run.folder, run.servers)]


def measure_latency(run: Run) -> list[Figure]:
    with running_venue(run.folder) as venue:
        orders.prepare(venue)
        figures, curves = latency.measure(venue)
    title = "Time of a unary order against load"
    across = plot.round_axis("orders a second", curves[0].places[-1])
    up = plot.decades_axis(
        "milliseconds", min(curves[0].values), max(value for curve in curves for value in curve.values)
    )
    run.plots["latency"] = (title, plot.svg(title, across, up, curves))
    return figures


def measure_resting(run: Run) -> list[Figure]:
    figures, curve = resting.measure()
    title = "Commands a second against resting orders"
    across = plot.decades_axis("resting orders", curve.places[0], curve.places[-1])
    up = plot.round_axis("commands a second", max(curve.values))
    run.plots["resting"] = (title, plot.svg(title, across, up, [curve]))
    return figures


def measure_codec(_run: Run) -> list[Figure]:
    return codec.figures()


def measure_domain(run: Run) -> list[Figure]:
    return domain.measure(run.folder)


def measure_recovery(run: Run) -> list[Figure]:
    return recovery.measure(run.folder)


SECTIONS: dict[str, Callable[[Run], list[Figure]]] = {
    "targets": measure_targets,
    "ping": measure_ping,
    "orders": measure_orders,
    "latency": measure_latency,
    "codec": measure_codec,
    "domain": measure_domain,
    "resting": measure_resting,
    "recovery": measure_recovery,
}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="benchmark", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "sections", nargs="*", metavar="section", help=f"of {', '.join(SECTIONS)}; none is all"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument(
        "--server",
        action="append",
        choices=("hypercorn", "uvicorn", "granian"),
        help="HTTP server of the gateway for the orders; may be given more than once",
    )
    parser.add_argument("--docs", action="store_true", help="write docs/benchmarks.md and its plots")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.sections if name not in SECTIONS]
    if unknown:
        parser.error(f"expected sections of {', '.join(SECTIONS)}, found {', '.join(unknown)}")
    servers = tuple(arguments.server or ("hypercorn", "uvicorn"))
    figures: list[Figure] = []
    plots: dict[str, tuple[str, str]] = {}
    for name in arguments.sections or SECTIONS:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="markethall-benchmark-") as folder:
            figures += SECTIONS[name](Run(Path(folder), servers, plots))
    machine = page.machine()
    if arguments.docs:
        page.write(DOCS, figures, plots)
    if arguments.json:
        json.dump(
            {"machine": machine, "figures": [figure.as_json() for figure in figures]}, sys.stdout, indent=1
        )
    else:
        show(figures, machine)
    return 0 if all(figure.is_met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())

"""Every figure that Markethall claims, measured on this machine in one run.

    hatch run benchmark                 all of it, about eight minutes
    hatch run benchmark codec orders    some sections
    hatch run benchmark --json          for a program

Rates and times depend on the machine and on what else runs on it; ratios are of things measured
in turn in the same run. The exit status is 1 when a bar is missed.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tools.benchmarks import codec, domain, orders, ping, recovery, targets
from tools.benchmarks.figures import Figure, show
from tools.benchmarks.processes import running_venue


def measure_targets(folder: Path, _servers: tuple[str, ...]) -> list[Figure]:
    with running_venue(folder) as venue:
        return targets.measure(venue)


def measure_ping(folder: Path, _servers: tuple[str, ...]) -> list[Figure]:
    with running_venue(folder) as venue:
        return ping.measure(venue, folder)


def measure_orders(folder: Path, servers: tuple[str, ...]) -> list[Figure]:
    with running_venue(folder) as venue:
        orders.prepare(venue)
        figures = orders.by_grpc(venue)
    return [*figures, *orders.by_http(folder, servers)]


def measure_codec(_folder: Path, _servers: tuple[str, ...]) -> list[Figure]:
    return codec.figures()


def measure_domain(folder: Path, _servers: tuple[str, ...]) -> list[Figure]:
    return domain.measure(folder)


def measure_recovery(folder: Path, _servers: tuple[str, ...]) -> list[Figure]:
    return recovery.measure(folder)


SECTIONS: dict[str, Callable[[Path, tuple[str, ...]], list[Figure]]] = {
    "targets": measure_targets,
    "ping": measure_ping,
    "orders": measure_orders,
    "codec": measure_codec,
    "domain": measure_domain,
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
    arguments = parser.parse_args()
    unknown = [name for name in arguments.sections if name not in SECTIONS]
    if unknown:
        parser.error(f"expected sections of {', '.join(SECTIONS)}, found {', '.join(unknown)}")
    servers = tuple(arguments.server or ("hypercorn", "uvicorn"))
    figures: list[Figure] = []
    for name in arguments.sections or SECTIONS:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="markethall-benchmark-") as folder:
            figures += SECTIONS[name](Path(folder), servers)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    if arguments.json:
        json.dump(
            {"machine": machine, "figures": [figure.as_json() for figure in figures]}, sys.stdout, indent=1
        )
    else:
        show(figures, machine)
    return 0 if all(figure.is_met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())

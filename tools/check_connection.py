"""Is the venue well, and as quick as it should be? `hatch run check-connection`.

Asks the engine and the gateway what they ask each other, and measures the four targets: a gRPC health check
under 1 ms at the median with one caller, HTTP under 10 ms at p99 with 16 requests in flight, connection
set-up under 100 ms, /health under 50 ms. Ends with 0 when all is well, with 1 when all works and a target is
missed, and with 2 when something does not answer or is not well.
"""

import argparse
import asyncio
import json
import ssl
import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tools.connection_checks.check import Check, Verdict
from tools.connection_checks.engine import check_engine
from tools.connection_checks.gateway import check_gateway

_STYLES = {Verdict.OK: "green", Verdict.SLOW: "yellow", Verdict.FAILED: "bold red", Verdict.SKIPPED: "dim"}


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    checks = asyncio.run(_ask(options))
    worst = max(check.verdict for check in checks)
    if options.json:
        print(json.dumps({"status": worst.name.lower(), "checks": [_as_json(check) for check in checks]}))
    else:
        for address, group in groupby(checks, lambda check: check.address):
            Console().print(_table(address, list(group)))
    return int(worst)


async def _ask(options: argparse.Namespace) -> list[Check]:
    """One after the other, so that no check slows down another."""
    tls = ssl.create_default_context(cafile=options.ca_file)
    engine = await check_engine(options.engine, calls=options.calls, timeout_s=options.timeout)
    gateway = await check_gateway(options.gateway, calls=options.calls, timeout_s=options.timeout, tls=tls)
    return engine + gateway


def _table(address: str, checks: Sequence[Check]) -> Table:
    table = Table(title=address, title_justify="left")
    for heading in ("", "check", "measured", "target", "answer"):
        table.add_column(heading, justify="right" if heading in ("measured", "target") else "left")
    for check in checks:
        style = _STYLES[check.verdict]
        table.add_row(
            f"[{style}]{check.verdict.name.lower()}",
            check.name,
            "" if check.measured_ms is None else f"[{style}]{check.measured_ms:.2f} ms",
            "" if check.target_ms is None else f"< {check.target_ms:g} ms",
            escape(check.detail),
        )
    return table


def _as_json(check: Check) -> dict[str, object]:
    return {
        "name": check.name,
        "address": check.address,
        "status": check.verdict.name.lower(),
        "detail": check.detail,
        "measured_ms": check.measured_ms,
        "target_ms": check.target_ms,
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hatch run check-connection", description=__doc__.splitlines()[0])
    parser.add_argument("--engine", default="127.0.0.1:50052", help="its host:port (default: %(default)s)")
    parser.add_argument("--gateway", default="http://127.0.0.1:8080", help="its URL (default: %(default)s)")
    parser.add_argument("--ca-file", type=Path, help="certificates that the gateway's is checked by")
    parser.add_argument("--calls", type=int, default=2000, help="calls to time (default: %(default)s)")
    parser.add_argument(
        "--timeout", type=float, default=10.0, help="seconds a check may take (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())

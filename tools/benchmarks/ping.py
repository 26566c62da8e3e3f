"""`GET /ping/core-engine` beside the plainest handler that could do it, interleaved in one run."""

import sys
from pathlib import Path
from statistics import median

from tools.benchmarks import http_load
from tools.benchmarks.figures import Figure
from tools.benchmarks.processes import Venue, running, settings_free, wait_for_port
from tools.loopback import free_port

SECTION = "ping through the gateway"
ROUNDS = 3
REQUESTS = 4_000
CONNECTIONS = 64


def measure(venue: Venue, folder: Path) -> list[Figure]:
    """Take turns between our gateway and the plain one, and compare the medians."""
    plain_port = free_port()
    command = [sys.executable, "-m", "tools.benchmarks.plain_gateway", venue.engine_address, str(plain_port)]
    rates: dict[int, list[float]] = {venue.gateway_port: [], plain_port: []}
    with running(command, cwd=folder, environment=settings_free()):
        wait_for_port(plain_port)
        for _ in range(ROUNDS):
            for port, found in rates.items():
                load = http_load.Load(
                    "127.0.0.1", port, "GET", "/ping/core-engine", "", REQUESTS, CONNECTIONS, warm_up=500
                )
                found.append(http_load.measure(load).rate)
    ours, plain = median(rates[venue.gateway_port]), median(rates[plain_port])
    return [
        Figure(SECTION, "GET /ping/core-engine, 64 connections", ours, "a second"),
        Figure(SECTION, "plain Starlette, Hypercorn, raw bytes", plain, "a second"),
        Figure(SECTION, "ratio", ours / plain, "x", bar=0.8, at_most=False),
    ]

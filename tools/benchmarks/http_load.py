"""A closed loop of HTTP/1.1 requests that costs the machine as little as Python can.

Each connection has one request under way; the next is sent when the answer is whole. Sockets
and a selector, no framework: about 20 µs of processor time a request, so that on a small
machine the server is what is measured. Run as a process of its own by `measure`.
"""

import json
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

_HEADER_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


class UnexpectedAnswerError(Exception):
    """The server answered with another status than asked for, or not in a form we read."""


@dataclass(frozen=True, slots=True)
class Load:
    """What to send: `requests` in all over `connections`, after `warm_up` that do not count."""

    host: str
    port: int
    method: str
    path: str
    body: str
    """`{i}` in it becomes a number that never repeats."""
    requests: int
    connections: int
    warm_up: int
    status: int = 200


@dataclass(frozen=True, slots=True)
class Timings:
    """What came of a load; latencies in seconds, sorted."""

    seconds: float
    latencies_s: list[float]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies_s) / self.seconds

    def percentile_ms(self, fraction: float) -> float:
        """The latency in milliseconds that `fraction` of the requests did not exceed (nearest rank)."""
        rank = min(len(self.latencies_s) - 1, int(fraction * len(self.latencies_s)))
        return self.latencies_s[rank] * 1e3


def measure(load: Load) -> Timings:
    """Run the load in a process of its own and return its timings."""
    command = [sys.executable, "-m", "tools.benchmarks.http_load"]
    finished = subprocess.run(
        command, input=json.dumps(asdict(load)), capture_output=True, text=True, check=False
    )
    if finished.returncode:
        raise UnexpectedAnswerError(finished.stderr.strip().splitlines()[-1])
    return Timings(**json.loads(finished.stdout))


def whole_answer(received: bytes) -> int | None:
    """Return the status of the answer in `received`, or None while it is not whole."""
    header_end = received.find(_HEADER_END)
    if header_end < 0:
        return None
    header = received[:header_end].lower()
    at = header.find(_LENGTH)
    if at < 0:
        raise UnexpectedAnswerError(f"an answer without content-length: {header!r}")
    line_end = header.find(b"\r\n", at)
    length = int(header[at + len(_LENGTH) : line_end if line_end >= 0 else None])
    if len(received) < header_end + len(_HEADER_END) + length:
        return None
    return int(header[9:12])


def request_source(load: Load) -> Callable[[], bytes]:
    """Return a function that gives the next request's bytes."""
    head = f"{load.method} {load.path} HTTP/1.1\r\nhost: {load.host}:{load.port}\r\n"
    if not load.body:
        fixed = f"{head}\r\n".encode()
        return lambda: fixed
    head += "content-type: application/json\r\ncontent-length: "
    numbers = iter(range(sys.maxsize))
    stamp = f"{time.time_ns():x}"

    def next_request() -> bytes:
        body = load.body
        while "{i}" in body:
            body = body.replace("{i}", f"{stamp}-{next(numbers)}", 1)
        return f"{head}{len(body)}\r\n\r\n{body}".encode()

    return next_request


@dataclass(slots=True, eq=False)
class _Connection:
    """One keep-alive connection and the request under way on it."""

    socket: socket.socket
    received: bytes = b""
    sent_at_s: float = 0.0

    def send(self, request: bytes) -> None:
        self.sent_at_s = time.perf_counter()
        self.socket.sendall(request)

    def receive(self, status: int) -> bool:
        """Take what has come and say whether the answer is whole; another than `status` raises."""
        chunk = self.socket.recv(262_144)
        if not chunk:
            raise UnexpectedAnswerError("the server closed a connection")
        self.received += chunk
        found = whole_answer(self.received)
        if found is None:
            return False
        if found != status:
            raise UnexpectedAnswerError(f"expected status {status}, found {self.received[:2000]!r}")
        self.received = b""
        return True


def _connect(load: Load) -> Iterator[_Connection]:
    for _ in range(load.connections):
        connection = socket.create_connection((load.host, load.port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield _Connection(connection)


def _exchange(
    load: Load, connections: list[_Connection], next_request: Callable[[], bytes], count: int
) -> Timings:
    """Send `count` requests over the open connections, one under way on each."""
    latencies: list[float] = []
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        started = time.perf_counter()
        to_send = count
        for connection in connections[:to_send]:
            connection.send(next_request())
            to_send -= 1
        while len(latencies) < count:
            for key, _ in selector.select():
                connection = key.data
                if not connection.receive(load.status):
                    continue
                latencies.append(time.perf_counter() - connection.sent_at_s)
                if to_send:
                    to_send -= 1
                    connection.send(next_request())
        seconds = time.perf_counter() - started
    return Timings(seconds, sorted(latencies))


def run(load: Load) -> Timings:
    """Warm up and run the load in this process."""
    connections = list(_connect(load))
    next_request = request_source(load)
    try:
        if load.warm_up:
            _exchange(load, connections, next_request, load.warm_up)
        return _exchange(load, connections, next_request, load.requests)
    finally:
        for connection in connections:
            connection.socket.close()


if __name__ == "__main__":
    json.dump(asdict(run(Load(**json.load(sys.stdin)))), sys.stdout)

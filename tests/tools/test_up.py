"""`hatch run up` with real processes: what a newcomer meets, from the first line to the last."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tools import up

ROOT = Path(__file__).parents[2]
NO_FIXED_PORTS = ("--engine-port=0", "--gateway-port=0")
END_TIMEOUT_S = 40


class Up:
    """A running `up`, whose output is read as it comes."""

    def __init__(self, data: Path) -> None:
        self.log = data / "up.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tools.up", *NO_FIXED_PORTS, f"--data-dir={data}"],
                cwd=ROOT,
                env={name: value for name, value in os.environ.items() if not name.startswith("MARKETHALL_")},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.url = ""
        self.welcome = ""

    def wait_for_welcome(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.welcome += line
            if "Ctrl-C" in line:
                break
        found = re.search(r"HTTP +(http://[\d.:]+)", self.welcome)
        assert found, f"it did not come up: {self.log.read_text()}"
        self.url = found[1]

    def get(self, path: str) -> Any:
        with urlopen(f"{self.url}{path}", timeout=10) as response:
            return json.load(response)

    def post(self, path: str, document: Any) -> Any:
        body = json.dumps(document).encode()
        request = Request(f"{self.url}{path}", body, {"content-type": "application/json"})
        with urlopen(request, timeout=10) as response:
            return json.load(response)

    def child(self, service: str) -> int:
        """The process id of a service."""
        listing = subprocess.run(
            ["ps", "-wwaxo", "pid=,ppid=,args="], capture_output=True, text=True, check=True
        ).stdout
        [pid] = [
            int(line.split()[0])
            for line in listing.splitlines()
            if line.split()[1] == str(self.process.pid) and f"markethall_{service}" in line
        ]
        return pid

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def end(self) -> int:
        return self.process.wait(END_TIMEOUT_S)


@contextmanager
def running_up(data: Path) -> Iterator[Up]:
    venue = Up(data)
    try:
        venue.wait_for_welcome()
        yield venue
    finally:
        if venue.process.poll() is None:
            venue.interrupt()
            try:
                venue.end()
            except subprocess.TimeoutExpired:
                venue.interrupt()
                venue.end()


def test_a_newcomer_can_do_what_the_welcome_says(tmp_path: Path) -> None:
    with running_up(tmp_path) as venue:
        assert venue.get("/health")["status"] == "healthy"
        assert f"curl {venue.url}/v1/orders" in venue.welcome
        order = re.search(r"--json '(.+)'", venue.welcome)
        assert order
        placed = venue.post("/v1/orders", json.loads(order[1]))
        assert placed["order"]["status"] == "FILLED"
        assert placed["order"]["account_id"] == "demo"
        depth = venue.get("/v1/instruments/BTC-USD/depth")
        assert len(depth["bids"]) == 3
        assert depth["asks"][0] == {"price": "65000.25", "quantity": "0.7", "order_count": 1}
        assert len(venue.get("/v1/instruments/ETH-USD/depth")["asks"]) == 3


def test_one_interrupt_ends_the_gateway_and_then_the_engine(tmp_path: Path) -> None:
    with running_up(tmp_path) as venue:
        venue.interrupt()
        assert venue.end() == 0
    events = re.findall(r"\w+_stopped", venue.log.read_text())
    assert events == ["gateway_stopped", "engine_stopped"]


def test_what_was_traded_is_there_at_the_next_start_and_nothing_is_given_twice(tmp_path: Path) -> None:
    order = {"symbol": "BTC-USD", "side": "BUY", "quantity": "0.5", "price": "65000.25"}
    with running_up(tmp_path) as venue:
        order_id = venue.post("/v1/orders", order)["order"]["order_id"]
        balances = venue.get("/v1/accounts/demo/balances")["balances"]
    with running_up(tmp_path) as venue:
        assert venue.get(f"/v1/orders/{order_id}")["status"] == "FILLED"
        assert venue.get("/v1/accounts/demo/balances")["balances"] == balances
        assert venue.get("/v1/instruments/BTC-USD/depth")["asks"][0]["quantity"] == "0.7"


@pytest.mark.parametrize(("dies", "other"), [("engine", "gateway"), ("gateway", "engine")])
def test_when_one_service_dies_the_other_ends_and_the_status_says_so(
    tmp_path: Path, dies: str, other: str
) -> None:
    with running_up(tmp_path) as venue:
        other_pid = venue.child(other)
        os.kill(venue.child(dies), signal.SIGKILL)
        assert venue.end() == up.EXIT_FAILED
        with pytest.raises(ProcessLookupError):
            os.kill(other_pid, 0)
    assert f"the {dies} ended by itself, with status -9; the venue went down" in venue.log.read_text()
    assert f"{other}_stopped" in venue.log.read_text()


def test_a_second_interrupt_ends_what_does_not_end(tmp_path: Path) -> None:
    with running_up(tmp_path) as venue:
        gateway = venue.child("gateway")
        os.kill(gateway, signal.SIGSTOP)
        venue.interrupt()
        with pytest.raises(subprocess.TimeoutExpired):
            venue.process.wait(0.5)
        venue.interrupt()
        assert venue.end() == up.EXIT_FORCED
        with pytest.raises(ProcessLookupError):
            os.kill(gateway, 0)


@pytest.mark.parametrize("service", ["engine", "gateway"])
def test_a_taken_port_is_named_with_the_flag_that_changes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], service: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        ports = {"engine": "0", "gateway": "0", service: str(port)}
        flags = [f"--{name}-port={number}" for name, number in ports.items()]
        assert up.main([*flags, f"--data-dir={tmp_path}"]) == up.EXIT_PORT_TAKEN
    problem = capsys.readouterr().err
    assert f"port {port} of 127.0.0.1 is taken" in problem
    assert f"--{service}-port" in problem

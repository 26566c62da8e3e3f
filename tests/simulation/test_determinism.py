"""The same traffic gives the same state in any process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from markethall_engine.domain.exchange import Exchange
from tests.simulation.simulator import run

_DIGEST_OF_A_RUN = """
from markethall_engine.domain.exchange import Exchange
from tests.simulation.simulator import run

exchange = Exchange()
for sequence, time_ns, command, events in run(7, 300):
    for event in events:
        exchange.apply(event, sequence, time_ns)
print(exchange.digest())
"""


@pytest.mark.parametrize("hash_seed", ["0", "1", "random"])
def test_the_digest_does_not_depend_on_python_s_hash_seed(hash_seed):
    exchange = Exchange()
    for sequence, time_ns, _, events in run(7, 300):
        for event in events:
            exchange.apply(event, sequence, time_ns)
    python_path = os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")])
    elsewhere = subprocess.run(
        [sys.executable, "-c", _DIGEST_OF_A_RUN],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": python_path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert elsewhere.stdout.strip() == exchange.digest()

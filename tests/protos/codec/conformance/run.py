"""Runs Google's conformance tests of proto3, binary and JSON, against the codec.

`hatch run conformance` fetches the runner if need be and exits with its status: 0 when no test fails
other than those that failures.txt lists with reasons, and all of those do. Tests that are only
recommended count too. `--where-obtainable` makes it a success not to get the runner. MARKETHALL_CODEC
chooses the codec, as everywhere.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from markethall_protos.codec import implementation
from tests.protos.codec.conformance.runner import Runner, Unobtainable, obtain_runner
from tests.protos.codec.generation import generate

FAILURES = Path(__file__).with_name("failures.txt")
PROTOS = ["google/protobuf/test_messages_proto3.proto", "conformance/conformance.proto"]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="conformance", description=__doc__)
    parser.add_argument("--where-obtainable", action="store_true", help="succeed without a runner")
    options = parser.parse_args(arguments)
    try:
        runner = obtain_runner()
    except Unobtainable as error:
        sys.stdout.write(f"no conformance runner: {error}\n")
        return 0 if options.where_obtainable else 1
    sys.stdout.write(f"testing the {implementation()} codec\n")
    completed = run_conformance(runner)
    sys.stdout.write(completed.stdout)
    return completed.returncode


def run_conformance(runner: Runner) -> subprocess.CompletedProcess[str]:
    """Run all tests; the return code is 0 when the failures are those that failures.txt lists."""
    with tempfile.TemporaryDirectory() as scratch:
        generate(runner.protos, PROTOS, Path(scratch), "generated_conformance")
        testee = Path(scratch, "testee")
        command = (
            f"'{sys.executable}' -m tests.protos.codec.conformance.testee '{scratch}' generated_conformance"
        )
        testee.write_text(f"#!/bin/sh\nexec {command}\n")
        testee.chmod(0o700)
        return subprocess.run(
            [
                *runner.command,
                *("--enforce_recommended", "--failure_list", str(FAILURES), "--output_dir", scratch),
                str(testee),
            ],
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Do the four packages install by themselves, and do both services start from them?

Builds a wheel of each package, installs the wheels into a fresh environment outside the
repository, starts the engine and the gateway from there on free ports with an empty data
directory, and waits until the gateway says that both are healthy. Exit status 0 when all of
it worked, 1 with the output of what failed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tools.loopback import free_port

ROOT = Path(__file__).parents[1]
PACKAGES = ("protos", "common", "core-engine", "gateway")
START_TIMEOUT_S = 60.0
POLL_S = 0.1


class CheckFailedError(Exception):
    """A step failed; the message is what to show."""


def run(command: Sequence[str | Path], *, cwd: Path) -> str:
    """Run `command` and return its standard output; a failure raises with all it printed."""
    finished = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if finished.returncode:
        printed = finished.stdout + finished.stderr
        raise CheckFailedError(f"{' '.join(map(str, command))}: exit status {finished.returncode}\n{printed}")
    return finished.stdout


def build_wheels(pip: Path, folder: Path) -> list[Path]:
    """Build one wheel a package into `folder`, each from its own directory alone."""
    folder.mkdir()
    for package in PACKAGES:
        source = ROOT / "packages" / package
        run([pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, source], cwd=folder)
    wheels = sorted(folder.glob("*.whl"))
    if len(wheels) != len(PACKAGES):
        raise CheckFailedError(f"expected {len(PACKAGES)} wheels, found {[wheel.name for wheel in wheels]}")
    return wheels


def create_environment(environment: Path) -> Path:
    """Make a fresh environment with pip alone and return its folder of programs."""
    venv.create(environment, with_pip=True)
    return environment / "bin"


@contextmanager
def service(command: Sequence[str | Path], *, cwd: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a service in `cwd`, without our settings in its environment, and end it by SIGTERM."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MARKETHALL_")}
    log = cwd / f"{Path(command[0]).name}.log"
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=cwd, env=environment, stdout=output, stderr=output, text=True)
        try:
            yield process
        except CheckFailedError as failure:
            raise CheckFailedError(f"{failure}\n{log.read_text('utf-8')}") from failure
        finally:
            process.terminate()
            status = process.wait(timeout=START_TIMEOUT_S)
    if status:
        raise CheckFailedError(f"{command[0]}: exit status {status} after SIGTERM\n{log.read_text('utf-8')}")


def wait_until_healthy(url: str, processes: Sequence[subprocess.Popen[str]]) -> None:
    """Return once `/health` answers 200 with every service healthy."""
    deadline = time.monotonic() + START_TIMEOUT_S
    last = "no answer"
    while time.monotonic() < deadline:
        for process in processes:
            if process.poll() is not None:
                raise CheckFailedError(f"{process.args!r} ended with status {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - a loopback http URL of ours
                health = json.load(response)
            if health["status"] == "healthy":
                return
        except urllib.error.HTTPError as error:
            last = f"{error.code}: {error.read().decode()}"
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            last = str(error)
        time.sleep(POLL_S)
    raise CheckFailedError(f"{url} is not healthy after {START_TIMEOUT_S:.0f} s: {last}")


def check(folder: Path) -> None:
    """Build, install, start and ask."""
    programs = create_environment(folder / "environment")
    wheels = build_wheels(programs / "pip", folder / "wheels")
    print("built", *(wheel.name for wheel in wheels), sep="\n  ")
    run([programs / "pip", "install", "--quiet", *wheels], cwd=folder)
    report = (
        "import markethall_engine as engine; from markethall_protos import codec; "
        "print(f'the codec is {codec.implementation()}, the engine {engine.implementation()}')"
    )
    print("installed;", run([programs / "python", "-c", report], cwd=folder).strip())
    engine_port, gateway_port = free_port(), free_port()
    engine: list[str | Path] = [programs / "markethall-engine", "--port", str(engine_port)]
    gateway: list[str | Path] = [programs / "markethall-gateway", "--port", str(gateway_port)]
    gateway += ["--engine-address", f"127.0.0.1:{engine_port}"]
    url = f"http://127.0.0.1:{gateway_port}/health"
    with service(engine, cwd=folder) as core, service(gateway, cwd=folder) as edge:
        wait_until_healthy(url, [core, edge])
    print("both services started, reported healthy and ended cleanly")


def main() -> int:
    argparse.ArgumentParser(prog="check-packages", description=__doc__).parse_args()
    with tempfile.TemporaryDirectory(prefix="markethall-packages-") as folder:
        try:
            check(Path(folder))
        except CheckFailedError as failure:
            print(failure, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

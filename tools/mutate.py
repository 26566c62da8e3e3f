"""Would the tests notice? `hatch run mutate [GROUP ...]` changes the domain in small ways and runs its tests.

Each mutant (a `<` for a `<=`, a 1 for a 0, a branch not taken) must make one of the domain's own tests fail.
Those that survive are printed; `tools/mutation/explained.toml` has the ones that do what the original does,
and why. Ends with 0 if no other survived, with 1 if one did, and with 2 where mutmut could not do its work.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.mutation.staging import ROOT, stage
from tools.mutation.survivors import Survivor, explained, unexplained

GROUPS = {
    "matching": ("matching.py", "careful_matching.py", "matches.py"),
    "ledger": ("ledger/*",),
    "risk": ("risk/*",),
}
"""Modules below the domain; a group takes some minutes."""

EXIT_SURVIVORS = 1
EXIT_IMPOSSIBLE = 2
_DIRECTORY = ROOT / "build" / "mutation"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="hatch run mutate", description=__doc__.splitlines()[0])
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)} (default: all)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="tests at a time")
    options = parser.parse_args(arguments)
    if unknown := set(options.groups) - GROUPS.keys():
        parser.error(f"expected groups of {', '.join(GROUPS)}, found {', '.join(sorted(unknown))}")
    known = explained()
    left: list[Survivor] = []
    for group in options.groups or GROUPS:
        directory = _DIRECTORY / group
        stage(directory, GROUPS[group])
        if _mutmut(directory, "run", "--max-children", str(options.jobs), shown=True).returncode:
            print(f"mutmut could not do its work in {directory}", file=sys.stderr)
            return EXIT_IMPOSSIBLE
        survivors = _survivors(directory)
        left += unexplained(survivors, known)
        print(f"{group}: {len(survivors)} mutants survived")
    for survivor in left:
        print(survivor)
    print(f"{len(left)} surviving mutants are not explained")
    return EXIT_SURVIVORS if left else 0


def _survivors(directory: Path) -> list[Survivor]:
    """Also those that no test ran into and those whose tests took too long."""
    results = _mutmut(directory, "results").stdout
    mutants = [line.partition(":")[0].strip() for line in results.splitlines() if "__mutmut_" in line]
    return [Survivor.of(mutant, _mutmut(directory, "show", mutant).stdout) for mutant in mutants]


def _mutmut(directory: Path, *command: str, shown: bool = False) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mutmut", *command],
        cwd=directory,
        env={**os.environ, "MARKETHALL_CORE": "python"},
        stdout=None if shown else subprocess.PIPE,
        text=True,
        check=False,
        preexec_fn=lambda: os.nice(10),
    )


if __name__ == "__main__":
    sys.exit(main())

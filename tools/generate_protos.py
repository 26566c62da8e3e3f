"""Write the Python of the contract's protos: `hatch run protos`, and `--check` to see that it is current.

Reads packages/protos/proto, writes packages/protos/src/markethall_protos: the packages `v1` and `google`
and `message_pool.py`. Whatever else is found in those is removed; the rest of the package is hand-written.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from tools.protos.descriptors import ProtoError
from tools.protos.package import Files, generate_package

PROTOS = Path(__file__).parents[1] / "packages" / "protos"
PROTO_ROOT = PROTOS / "proto"
PYTHON_PACKAGE = PROTOS / "src" / "markethall_protos"
PROTO_PACKAGE = "markethall.v1"
SCOPE_OPTION = "markethall.v1.scope"

GENERATED = ("v1/**/*", "google/**/*", "message_pool.py")


def main(arguments: Sequence[str] | None = None, *, package: Path = PYTHON_PACKAGE) -> int:
    parser = argparse.ArgumentParser(prog="hatch run protos", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 if something would change"
    )
    options = parser.parse_args(arguments)
    try:
        wanted = generate_package(PROTO_ROOT, PROTO_PACKAGE, scope_option=SCOPE_OPTION)
    except ProtoError as error:
        print(error, file=sys.stderr)
        return 1
    changes = list_changes(found=read_generated(package), wanted=wanted)
    if options.check:
        for change in changes:
            print(f"not current: {change}; run `hatch run protos`", file=sys.stderr)
        return 1 if changes else 0
    write_generated(package, wanted)
    print("\n".join(changes) if changes else f"current: {len(wanted)} files")
    return 0


def read_generated(package: Path) -> Files:
    """The generated files that `package` has now, by path relative to it."""
    paths = (path for pattern in GENERATED for path in package.glob(pattern))
    return {
        PurePosixPath(path.relative_to(package).as_posix()): path.read_bytes()
        for path in paths
        if path.is_file() and "__pycache__" not in path.parts
    }


def list_changes(*, found: Files, wanted: Files) -> list[str]:
    """What must be done to turn `found` into `wanted`, a line for each file."""
    changes = []
    for path in sorted(found.keys() | wanted.keys()):
        if path not in found:
            changes.append(f"{path} is missing")
        elif path not in wanted:
            changes.append(f"{path} is no longer generated")
        elif found[path] != wanted[path]:
            changes.append(f"{path} differs")
    return changes


def write_generated(package: Path, wanted: Files) -> None:
    for path in read_generated(package).keys() - wanted.keys():
        (package / path).unlink()
    for path, content in wanted.items():
        target = package / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


if __name__ == "__main__":
    sys.exit(main())

"""Check the contract: `hatch run check-protos`.

It must keep to the rules of naming and have HTTP rules that make sense, and it must not break anybody who
speaks the last released contract: on the wire, in JSON, in generated names, by HTTP route, scope or required
field. Each finding names the file, the element, what was and what is.

The last released contract is the descriptor set packages/protos/released/markethall.v1.binpb. Releasing
markethall-protos records the contract of that release there, with `hatch run check-protos --record-release`.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from tools.generate_protos import PROTO_PACKAGE, PROTO_ROOT, PROTOS, SCOPE_OPTION
from tools.protos import buf
from tools.protos.compatibility import compare_required, compare_services
from tools.protos.descriptors import ProtoError, compile_protos, proto_files, with_comments_only
from tools.protos.finding import Finding
from tools.protos.http_rules import check_http_rules
from tools.protos.services import read_services

RELEASED = PROTOS / "released" / f"{PROTO_PACKAGE}.binpb"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="hatch run check-protos",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--record-release", action="store_true", help="make the contract as it is the released one"
    )
    parser.add_argument(
        "--against", type=Path, default=RELEASED, help="another descriptor set to compare with"
    )
    options = parser.parse_args(arguments)
    try:
        contract = compile_protos(PROTO_ROOT, proto_files(PROTO_ROOT))
        findings = check_style(contract)
        if options.against.exists():
            findings += check_compatibility(
                contract, FileDescriptorSet.FromString(options.against.read_bytes())
            )
        else:
            print(f"no released contract at {options.against}: compatibility is not checked", file=sys.stderr)
    except ProtoError as error:
        print(error, file=sys.stderr)
        return 1
    for finding in findings:
        print(finding, file=sys.stderr)
    if findings:
        return 1
    if options.record_release:
        RELEASED.parent.mkdir(exist_ok=True)
        RELEASED.write_bytes(
            with_comments_only(contract, PROTO_PACKAGE).SerializeToString(deterministic=True)
        )
        print(f"recorded {RELEASED}")
    return 0


def check_style(contract: FileDescriptorSet, package: str = PROTO_PACKAGE) -> list[Finding]:
    """What is wrong with `contract` by itself: names, comments, HTTP rules."""
    services = read_services(contract, package, scope_option=SCOPE_OPTION)
    return sorted([*buf.lint(contract), *check_http_rules(services, contract, package)])


def check_compatibility(
    contract: FileDescriptorSet, released: FileDescriptorSet, package: str = PROTO_PACKAGE
) -> list[Finding]:
    """What in `contract` breaks somebody who speaks `released`."""
    services, old_services = (
        read_services(files, package, scope_option=SCOPE_OPTION) for files in (contract, released)
    )
    return sorted(
        [
            *buf.breaking(contract, released),
            *compare_services(services, old_services),
            *compare_required(contract, released, package),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())

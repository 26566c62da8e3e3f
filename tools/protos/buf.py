"""Lint and compatibility of wire, JSON and generated names, as the `buf` program sees them.

buf reads descriptor sets, so it needs neither the protos' folder nor its schema registry.
"""

import json
import subprocess
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from tools.protos.finding import Finding

LINT = {
    "use": ["STANDARD", "COMMENT_SERVICE", "COMMENT_RPC", "COMMENT_MESSAGE", "COMMENT_ENUM"],
    "ignore": ["google"],
}
"""Fields may speak for themselves; everything larger is documentation and has a comment."""

BREAKING = {"use": ["PACKAGE", "WIRE_JSON"], "ignore": ["google"]}
"""PACKAGE keeps what generated code names, and lets an element move to another file; WIRE_JSON the rest."""


def lint(contract: FileDescriptorSet) -> list[Finding]:
    """Breaches of buf's STANDARD rules, and missing comments."""
    return _run("lint", {"lint": LINT}, contract)


def breaking(contract: FileDescriptorSet, released: FileDescriptorSet) -> list[Finding]:
    """Changes since `released` that break somebody who speaks it, in bytes, JSON or generated code."""
    return _run("breaking", {"breaking": BREAKING}, contract, released)


def _run(
    command: str, rules: dict[str, Any], contract: FileDescriptorSet, *against: FileDescriptorSet
) -> list[Finding]:
    program = Path(sysconfig.get_path("scripts")) / "buf"
    with tempfile.TemporaryDirectory() as folder:
        images = []
        for index, files in enumerate((contract, *against)):
            image = Path(folder) / f"{index}.binpb"
            image.write_bytes(files.SerializeToString())
            images += ["--against", str(image)] if index else [str(image)]
        options = ["--error-format=json", f"--config={json.dumps({'version': 'v2', **rules})}"]
        finished = subprocess.run(
            [program, command, *images, *options], capture_output=True, text=True, check=False, cwd=folder
        )
    if finished.returncode not in (0, 100):  # 100: buf ran, and found something
        raise RuntimeError(f"buf {command} failed: {finished.stderr.strip()}")
    return [_finding(json.loads(line)) for line in finished.stdout.splitlines()]


def _finding(annotation: dict[str, Any]) -> Finding:
    return Finding(
        file=annotation.get("path", "the contract"),
        line=annotation.get("start_line", 0),
        rule=annotation["type"],
        message=annotation["message"],
    )

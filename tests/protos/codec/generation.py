"""Makes betterproto2 classes, and Google's for the same messages, from protos at test time."""

import importlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import grpc_tools
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

WELL_KNOWN_PROTOS = Path(grpc_tools.__file__).parent / "_proto"


@dataclass(frozen=True)
class Generated:
    """The two sets of classes; `package` is betterproto2's, below which each proto package has a module."""

    package: ModuleType
    pool: descriptor_pool.DescriptorPool

    def ours(self, full_name: str) -> type[Any]:
        url = f"type.googleapis.com/{full_name}"
        message_pool = importlib.import_module(f"{self.package.__name__}.message_pool").default_message_pool
        return message_pool.url_to_type[url]

    def google(self, full_name: str) -> type[Any]:
        return google_class(self.pool, full_name)


def generate(proto_root: Path, files: list[str], out: Path, name: str) -> Generated:
    """Generate both from `files` below `proto_root`; betterproto2's become the package `name` in `out`."""
    package = out / name
    package.mkdir(parents=True)
    descriptors = out / f"{name}.binpb"
    scripts = Path(sys.executable).parent
    subprocess.run(
        [
            *(sys.executable, "-m", "grpc_tools.protoc", f"-I{proto_root}", f"-I{WELL_KNOWN_PROTOS}"),
            f"--plugin=protoc-gen-python_betterproto2={scripts / 'protoc-gen-python_betterproto2'}",
            f"--python_betterproto2_out={package}",
            "--python_betterproto2_opt=client_generation=none,server_generation=none",
            *(f"--descriptor_set_out={descriptors}", "--include_imports", *files),
        ],
        check=True,
        capture_output=True,
        env=os.environ | {"PATH": f"{scripts}{os.pathsep}{os.environ.get('PATH', '')}"},
    )
    sys.path.insert(0, str(out))
    try:
        for file in files:
            importlib.import_module(".".join((name, *proto_package(proto_root / file).split("."))))
        return Generated(importlib.import_module(name), load_pool(descriptors.read_bytes()))
    finally:
        sys.path.remove(str(out))


def proto_package(path: Path) -> str:
    line = next(line for line in path.read_text().splitlines() if line.startswith("package "))
    return line.removeprefix("package ").rstrip("; ")


def load_pool(descriptor_set: bytes) -> descriptor_pool.DescriptorPool:
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(descriptor_set).file:
        pool.Add(file)
    return pool


def google_class(pool: descriptor_pool.DescriptorPool, full_name: str) -> type[Any]:
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(full_name))

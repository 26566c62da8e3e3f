"""Protos compiled to descriptors: the form in which every other tool reads the contract.

protoc does the parsing, once, with comments kept; nothing else here knows the proto language.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import google.api
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import (
    FileDescriptorProto,
    FileDescriptorSet,
    MethodDescriptorProto,
)

GOOGLEAPIS = Path(next(iter(google.api.__path__))).parents[1]
"""Where googleapis-common-protos keeps google/api and google/rpc."""


OptionReader = Callable[[MethodDescriptorProto], str]


class ProtoError(Exception):
    """The protos do not compile, or ask for something the generator does not do."""


def proto_files(root: Path) -> list[str]:
    """Every proto under `root`, as protoc names it, in alphabetical order."""
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*.proto"))


def compile_protos(root: Path, files: Iterable[str]) -> FileDescriptorSet:
    """`files` and all they import, each after what it imports, with comments and positions.

    Raises `ProtoError` with protoc's own messages.
    """
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "image.binpb"
        arguments = ["--include_imports", "--include_source_info", f"--descriptor_set_out={image}"]
        paths = [f"--proto_path={path}" for path in (root, GOOGLEAPIS)]  # grpc_tools adds google/protobuf
        command = [sys.executable, "-m", "grpc_tools.protoc", *paths, *arguments, *files]
        finished = subprocess.run(command, capture_output=True, text=True, check=False)
        if finished.returncode != 0:
            raise ProtoError(f"protoc refused the protos under {root}:\n{finished.stderr.strip()}")
        return FileDescriptorSet.FromString(image.read_bytes())


def in_package(files: FileDescriptorSet, package: str) -> Iterator[FileDescriptorProto]:
    return (file for file in files.file if file.package == package)


def with_comments_only(files: FileDescriptorSet, package: str) -> FileDescriptorSet:
    """A copy that keeps, of the source positions, those of commented elements of `package`.

    The rest (each token's line and column, the comments of google's own files) is three fifths of the
    size and of use to a compiler only.
    """
    lean = FileDescriptorSet()
    for file in files.file:
        copy = lean.file.add()
        copy.CopyFrom(file)
        copy.ClearField("source_code_info")
        if file.package != package:
            continue
        for location in file.source_code_info.location:
            if location.leading_comments or location.trailing_comments or location.leading_detached_comments:
                kept = copy.source_code_info.location.add()
                kept.CopyFrom(location)
    return lean


def comments(file: FileDescriptorProto) -> dict[tuple[int, ...], str]:
    """The comment above each element of `file`, by the element's path in its descriptor."""
    found = {}
    for location in file.source_code_info.location:
        lines = location.leading_comments.rstrip().split("\n")
        text = "\n".join(line.removeprefix(" ").rstrip() for line in lines).strip("\n")
        if text:
            found[tuple(location.path)] = text
    return found


def method_option(files: FileDescriptorSet, name: str) -> OptionReader:
    """A reader of the method option `name`, of type string, that `files` themselves declare.

    No module that could be imported knows the option, so a method's options are read again with
    descriptors made from `files`. Where nothing is set it reads "".
    """
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    extension = pool.FindExtensionByName(name)
    options: Any = message_factory.GetMessageClass(
        pool.FindMessageTypeByName("google.protobuf.MethodOptions")
    )

    def read(method: MethodDescriptorProto) -> str:
        return str(options.FromString(method.options.SerializeToString()).Extensions[extension])

    return read

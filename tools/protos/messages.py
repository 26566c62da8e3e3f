"""Dataclasses of a contract's messages, written by betterproto2's compiler.

The compiler is its own program with habits of its own, held here: it calls `ruff` by name and takes
the settings of the folder it stands in, so it gets a folder with ours; it lays a package out by its
proto name (`markethall/v1`), so its modules are moved to where the Python package wants them; and it
would turn google.api and custom options into some 3,000 lines of descriptor code, so it is shown
descriptors without them.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path, PurePosixPath

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from tools.protos.descriptors import ProtoError

LINE_LENGTH = 110

NOT_GENERATED = ("google/api/", "google/protobuf/descriptor.proto")
"""Files, by the start of their names, that describe protos themselves and never travel."""

MESSAGE_POOL_DOCSTRING = '"""Every message by its proto type name, as google.protobuf.Any needs it."""'

MessageModules = dict[PurePosixPath, str]


def generate_messages(files: FileDescriptorSet, package: str) -> MessageModules:
    """The modules with a dataclass for each message in `files`, by path in the Python package.

    `package`, such as `markethall.v1`, becomes `v1/messages.py`; google's packages become
    `google/rpc/__init__.py` and so on; `message_pool.py` is where all register under their proto names.
    """
    request = CodeGeneratorRequest(parameter="client_generation=none,server_generation=none")
    for file in files.file:
        if not file.name.startswith(NOT_GENERATED):
            request.proto_file.append(_plain(file))
            request.file_to_generate.append(file.name)
    modules: MessageModules = {}
    for written in _run_compiler(request).file:
        path = PurePosixPath(written.name)
        if path == PurePosixPath(*package.split("."), "__init__.py"):
            path = PurePosixPath(package.split(".")[-1], "messages.py")
            modules[path] = _one_level_up(written.content)
        elif path.parts[0] == "google":
            modules[path] = written.content
        elif path.name == "message_pool.py":
            modules[path] = f"{MESSAGE_POOL_DOCSTRING}\n\n{written.content}"
    return modules


def exported_names(module: str) -> list[str]:
    """The names in a generated module's `__all__`, in order."""
    listed = re.search(r"^__all__ = \((.*?)^\)", module, flags=re.MULTILINE | re.DOTALL)
    if listed is None:
        raise ProtoError("betterproto2's compiler wrote a module without __all__")
    return re.findall(r'"(\w+)"', listed.group(1))


def _plain(file: FileDescriptorProto) -> FileDescriptorProto:
    """`file` without services, custom options and what it imported only for them."""
    plain = FileDescriptorProto()
    plain.CopyFrom(file)
    plain.ClearField("service")
    plain.ClearField("extension")
    plain.ClearField("public_dependency")
    plain.ClearField("weak_dependency")
    kept = [name for name in file.dependency if not name.startswith(NOT_GENERATED)]
    plain.ClearField("dependency")
    plain.dependency.extend(kept)
    return plain


def _run_compiler(request: CodeGeneratorRequest) -> CodeGeneratorResponse:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "ruff.toml").write_text(f"line-length = {LINE_LENGTH}\n")
        finished = subprocess.run(
            [sys.executable, "-m", "betterproto2_compiler.plugin"],
            input=request.SerializeToString(),
            capture_output=True,
            cwd=folder,
            env={
                **os.environ,
                "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            },
            check=False,
        )
    if finished.returncode != 0:
        raise ProtoError(f"betterproto2's compiler failed:\n{finished.stderr.decode().strip()}")
    response = CodeGeneratorResponse.FromString(finished.stdout)
    if response.error:
        raise ProtoError(f"betterproto2's compiler refused the protos: {response.error}")
    return response


def _one_level_up(module: str) -> str:
    """`module` with its relative imports shortened by one level, as its proto package lost its first part."""
    return re.sub(r"^from \.\.\.", "from ..", module, flags=re.MULTILINE)

"""The whole generated package of one version of the contract, as files in memory.

Nothing is written here: the generator writes what this returns, and its `--check` compares it.
"""

import json
import subprocess
import sys
from itertools import groupby
from pathlib import Path, PurePosixPath

import jinja2

from tools.protos.descriptors import compile_protos, proto_files, with_comments_only
from tools.protos.messages import LINE_LENGTH, exported_names, generate_messages
from tools.protos.services import Service, read_services

GOOGLE_RPC = ("google/rpc/error_details.proto", "google/rpc/status.proto")
"""Errors travel as these, so the package has them, though no proto of the contract imports them."""

Files = dict[PurePosixPath, bytes]


def generate_package(root: Path, package: str, *, scope_option: str | None = None) -> Files:
    """Every generated file for the protos of `package` (such as `markethall.v1`) under `root`.

    Paths are relative to the Python package; the proto package's last part is its subpackage. The
    same protos give the same bytes. Raises `ProtoError` where they do not compile.
    """
    contract = compile_protos(root, proto_files(root))
    services = read_services(contract, package, scope_option=scope_option)
    modules = generate_messages(compile_protos(root, [*proto_files(root), *GOOGLE_RPC]), package)
    version = PurePosixPath(package.rpartition(".")[2])
    exports = {"messages": exported_names(modules[version / "messages.py"])}

    for module, group in groupby(services, key=lambda service: service.module):
        in_module = list(group)
        exports[module] = [name for service in in_module for name in _exports(service)]
        modules[version / f"{module}.py"] = _render(
            "service_grpc.py.j2",
            file=in_module[0].file,
            services=in_module,
            message_types=sorted({name for service in in_module for name in service.message_types}),
            exports=exports[module],
        )
    exports["routes"] = ["ROUTES", "RPCS"]
    modules[version / "routes.py"] = _render(
        "routes.py.j2",
        package=package,
        services=services,
        message_types=sorted({name for service in services for name in service.message_types}),
    )
    modules[version / "__init__.py"] = _render(
        "package.py.j2",
        package=package,
        modules=exports,
        exports=sorted(name for names in exports.values() for name in names),
    )
    files = {path: module.encode() for path, module in modules.items()}
    descriptor_set = with_comments_only(contract, package)
    files[version / "descriptor_set.binpb"] = descriptor_set.SerializeToString(deterministic=True)
    return files


def _exports(service: Service) -> list[str]:
    return [f"{service.name}Servicer", f"{service.name}Stub", f"add_{service.snake_name}_servicer"]


def _render(template: str, **context: object) -> str:
    """`template` filled in and formatted, without regard to the settings of any folder."""
    source = _TEMPLATES.get_template(template).render(context)
    return _ruff("format", source=_ruff("check", *_SORT_IMPORTS, source=source))


def _ruff(command: str, *arguments: str, source: str) -> str:
    finished = subprocess.run(
        [
            sys.executable,
            "-m",
            "ruff",
            command,
            "--isolated",
            f"--line-length={LINE_LENGTH}",
            *arguments,
            "-",
        ],
        input=source,
        capture_output=True,
        text=True,
        check=True,
    )
    return finished.stdout


def _docstring(comment: str, indent: int) -> str:
    """`comment` as the inside of a docstring whose quotes stand `indent` columns to the right."""
    text = comment.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if text.endswith('"'):
        text = f'{text[:-1]}\\"'
    lines = [f"{' ' * indent}{line}" if line else "" for line in text.split("\n")]
    closing = f"\n{' ' * indent}" if len(lines) > 1 else ""
    return "\n".join(lines).lstrip() + closing


_SORT_IMPORTS = ("--select=I", "--fix", '--config=lint.isort.known-first-party=["markethall_protos"]')

_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # noqa: S701 - the output is Python, not HTML
)
_TEMPLATES.filters["docstring"] = _docstring
_TEMPLATES.filters["quoted"] = json.dumps

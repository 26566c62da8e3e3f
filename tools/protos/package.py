"""The whole generated package of one version of the contract, as files in memory.

Nothing is written here: the generator writes what this returns, and its `--check` compares it.
"""

from itertools import groupby
from pathlib import Path, PurePosixPath

from tools.protos.descriptors import compile_protos, proto_files, with_comments_only
from tools.protos.messages import exported_names, generate_messages
from tools.protos.rendering import render
from tools.protos.services import Service, message_types, read_services

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
        modules[version / f"{module}.py"] = render(
            "service_grpc.py.j2",
            file=in_module[0].file,
            services=in_module,
            message_types=message_types(in_module),
            exports=exports[module],
        )
    exports["routes"] = ["ROUTES", "RPCS"]
    modules[version / "routes.py"] = render(
        "routes.py.j2",
        package=package,
        services=services,
        message_types=message_types(services),
    )
    modules[version / "__init__.py"] = render(
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

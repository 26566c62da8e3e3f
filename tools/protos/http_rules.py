"""Whether the HTTP rules of a contract make sense: what protoc and buf take as text, and a gateway binds."""

import re
from collections.abc import Iterator

from betterproto2_compiler.compile.naming import pythonize_class_name
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorSet

from tools.protos.descriptors import in_package
from tools.protos.finding import Finding
from tools.protos.services import Method, Service

VARIABLE = re.compile(r"\{([a-z0-9_.]+)(?:=[^}]*)?\}")
"""A variable of a path template, such as `{order_id}` or `{name=orders/*}`."""

WHOLE = "*"
"""The body that holds every field which the path does not bind."""


def check_http_rules(services: list[Service], contract: FileDescriptorSet, package: str) -> Iterator[Finding]:
    """Routes that two calls share, that leave the version's path, or that name fields which are not there."""
    messages = {
        pythonize_class_name(message.name): message
        for file in in_package(contract, package)
        for message in file.message_type
    }
    version = package.rpartition(".")[2]
    taken: dict[tuple[str, str], Method] = {}
    for service in services:
        for method in service.methods:
            request, response = messages[method.request], messages[method.response]
            for binding in method.bindings:
                route = f"{binding.method} {binding.path}"
                shape = (binding.method, VARIABLE.sub("{}", binding.path))
                other = taken.setdefault(shape, method)
                if other is not method:
                    yield _finding(
                        service, "ROUTE_UNIQUE", f"{route} reaches {other.path[1:]} and {method.path[1:]}"
                    )
                if not binding.path.startswith(f"/{version}/"):
                    yield _finding(service, "ROUTE_VERSION", f"{route} should start with /{version}/")
                for variable in VARIABLE.findall(binding.path):
                    yield from _check_field(service, route, "path variable", request, variable)
                if binding.body not in ("", WHOLE):
                    yield from _check_field(service, route, "body", request, binding.body)
                if binding.response_body:
                    yield from _check_field(service, route, "response_body", response, binding.response_body)


def _check_field(
    service: Service, route: str, what: str, message: DescriptorProto, name: str
) -> Iterator[Finding]:
    field: FieldDescriptorProto | None = next((field for field in message.field if field.name == name), None)
    if field is None:
        yield _finding(service, "ROUTE_FIELD", f"{what} {name!r} of {route} is no field of {message.name}")
    elif what == "path variable" and field.label == FieldDescriptorProto.LABEL_REPEATED:
        yield _finding(
            service, "ROUTE_FIELD", f"{what} {name!r} of {route} is repeated, and a path holds one value"
        )


def _finding(service: Service, rule: str, message: str) -> Finding:
    return Finding(service.file, 0, rule, message)

"""What buf does not know of: HTTP routes, scopes and required fields, compared with a released contract."""

from collections.abc import Iterator

from google.api import field_behavior_pb2
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorSet

from tools.protos.descriptors import in_package
from tools.protos.finding import Finding
from tools.protos.services import Binding, Method, Service

Calls = dict[str, tuple[Service, Method]]


def compare_services(services: list[Service], released: list[Service]) -> Iterator[Finding]:
    """Routes that are gone or changed, and scopes that changed, of calls that `released` had."""
    calls, old_calls = _calls(services), _calls(released)
    routes = {(binding.method, binding.path): (method, binding) for _, method, binding in _bindings(calls)}
    for service, method, binding in _bindings(old_calls):
        route = f"{binding.method} {binding.path}"
        reached = routes.get((binding.method, binding.path))
        if reached is None:
            message = f"{method.path[1:]} was reached by {route}, which is gone"
            yield Finding(service.file, 0, "ROUTE_NO_DELETE", message)
        elif reached[0].path != method.path:
            message = f"{route} reached {method.path[1:]} and reaches {reached[0].path[1:]}"
            yield Finding(service.file, 0, "ROUTE_SAME_CALL", message)
        elif reached[1] != binding:
            message = f"{route} had {_bodies(binding)} and has {_bodies(reached[1])}"
            yield Finding(service.file, 0, "ROUTE_SAME_BODY", message)
    for path, (service, method) in old_calls.items():
        if path in calls and calls[path][1].scope != method.scope:
            message = f"{path[1:]} asked for scope {method.scope!r} and asks for {calls[path][1].scope!r}"
            yield Finding(service.file, 0, "SCOPE_SAME", message)


def compare_required(
    contract: FileDescriptorSet, released: FileDescriptorSet, package: str
) -> Iterator[Finding]:
    """Fields of requests that were optional or absent in `released`, and are required."""
    old_messages = _messages(released, package)
    old_fields = {
        (name, field.number): field for name, (_, message) in old_messages.items() for field in message.field
    }
    messages = _messages(contract, package)
    for name in sorted(_requested(contract, package, messages) & old_messages.keys()):
        file, message = messages[name]
        for field in message.field:
            before = old_fields.get((name, field.number))
            if _is_required(field) and (before is None or not _is_required(before)):
                was = "did not exist" if before is None else "was not required"
                yield Finding(file, 0, "FIELD_NOT_REQUIRED", f"{name[1:]}.{field.name} {was} and is required")


def _calls(services: list[Service]) -> Calls:
    return {method.path: (service, method) for service in services for method in service.methods}


def _bindings(calls: Calls) -> Iterator[tuple[Service, Method, Binding]]:
    for service, method in calls.values():
        for binding in method.bindings:
            yield service, method, binding


def _bodies(binding: Binding) -> str:
    return f"body {binding.body!r} and response_body {binding.response_body!r}"


def _messages(files: FileDescriptorSet, package: str) -> dict[str, tuple[str, DescriptorProto]]:
    """Every message of `package` by full name with a leading dot, and the file that it is in."""

    def walk(prefix: str, messages: list[DescriptorProto]) -> Iterator[tuple[str, DescriptorProto]]:
        for message in messages:
            name = f"{prefix}.{message.name}"
            yield name, message
            yield from walk(name, list(message.nested_type))

    return {
        name: (file.name, message)
        for file in in_package(files, package)
        for name, message in walk(f".{package}", list(file.message_type))
    }


def _requested(
    files: FileDescriptorSet, package: str, messages: dict[str, tuple[str, DescriptorProto]]
) -> set[str]:
    """The messages that a caller writes: requests, and what they hold."""
    found: set[str] = set()
    waiting = [
        method.input_type
        for file in in_package(files, package)
        for service in file.service
        for method in service.method
    ]
    while waiting:
        name = waiting.pop()
        if name in messages and name not in found:
            found.add(name)
            waiting += [field.type_name for field in messages[name][1].field if field.type_name]
    return found


def _is_required(field: FieldDescriptorProto) -> bool:
    return field_behavior_pb2.REQUIRED in field.options.Extensions[field_behavior_pb2.field_behavior]

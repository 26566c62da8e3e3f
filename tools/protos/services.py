"""What the templates need to know of a contract's services, read from its descriptors."""

from collections.abc import Iterator
from dataclasses import dataclass

from betterproto2_compiler.compile.naming import pythonize_class_name, pythonize_method_name
from google.api import annotations_pb2
from google.api.http_pb2 import HttpRule
from google.protobuf.descriptor_pb2 import (
    FileDescriptorProto,
    FileDescriptorSet,
    MethodDescriptorProto,
)

from tools.protos.descriptors import OptionReader, ProtoError, comments, in_package, method_option

SERVICE_FIELD = 6
"""Number of `service` in FileDescriptorProto: the first part of a service's path (see `comments`)."""

METHOD_FIELD = 2
"""Number of `method` in ServiceDescriptorProto."""


@dataclass(frozen=True, slots=True)
class Binding:
    """One HTTP request that reaches a method, in the words of google.api.http."""

    method: str
    path: str
    body: str
    response_body: str


@dataclass(frozen=True, slots=True)
class Method:
    """A method as the templates write it; `name`, `request` and `response` are Python names."""

    proto_name: str
    name: str
    path: str
    comment: str
    request: str
    response: str
    client_streaming: bool
    server_streaming: bool
    scope: str
    bindings: tuple[Binding, ...]

    @property
    def kind(self) -> str:
        """The infix of grpcio's names, such as `unary_stream`."""
        return f"{_arity(self.client_streaming)}_{_arity(self.server_streaming)}"

    @property
    def callable_kind(self) -> str:
        """The same for class names, such as `UnaryStream`."""
        return f"{_arity(self.client_streaming).title()}{_arity(self.server_streaming).title()}"


@dataclass(frozen=True, slots=True)
class Service:
    """A service; `module` is the Python module that its stub lives in, `name` the proto's and Python's."""

    file: str
    module: str
    name: str
    snake_name: str
    full_name: str
    comment: str
    methods: tuple[Method, ...]


def message_types(services: list[Service]) -> list[str]:
    """Every request and response type of `services`, once, in alphabetical order."""
    methods = [method for service in services for method in service.methods]
    return sorted({name for method in methods for name in (method.request, method.response)})


def read_services(files: FileDescriptorSet, package: str, *, scope_option: str | None) -> list[Service]:
    """The services of `package` in the order of their files' names, then as written.

    `scope_option` is the full name of the method option that names the scope a call needs, None where
    the contract has no such option.
    """
    read_scope = method_option(files, scope_option) if scope_option else lambda _: ""
    return [
        _service(file, index, read_scope)
        for file in sorted(in_package(files, package), key=lambda file: file.name)
        for index in range(len(file.service))
    ]


def _service(file: FileDescriptorProto, index: int, read_scope: OptionReader) -> Service:
    service, texts = file.service[index], comments(file)
    full_name = f"{file.package}.{service.name}"

    def comment(position: int, method: MethodDescriptorProto) -> str:
        return texts.get((SERVICE_FIELD, index, METHOD_FIELD, position), method.name)

    return Service(
        file=file.name,
        module=f"{file.name.rpartition('/')[2].removesuffix('.proto')}_grpc",
        name=service.name,
        snake_name=pythonize_method_name(service.name),
        full_name=full_name,
        comment=texts.get((SERVICE_FIELD, index), f"The service {full_name}."),
        methods=tuple(
            Method(
                proto_name=method.name,
                name=pythonize_method_name(method.name),
                path=f"/{full_name}/{method.name}",
                comment=comment(position, method),
                request=_python_type(method.input_type, file.package),
                response=_python_type(method.output_type, file.package),
                client_streaming=method.client_streaming,
                server_streaming=method.server_streaming,
                scope=read_scope(method),
                bindings=tuple(_bindings(method)),
            )
            for position, method in enumerate(service.method)
        ),
    )


def _arity(streaming: bool) -> str:
    return "stream" if streaming else "unary"


def _python_type(full_name: str, package: str) -> str:
    prefix = f".{package}."
    if not full_name.startswith(prefix):
        raise ProtoError(f"a method takes or returns {full_name}; each has messages of its own in {package}")
    return pythonize_class_name(full_name.removeprefix(prefix))


def _bindings(method: MethodDescriptorProto) -> Iterator[Binding]:
    """The method's google.api.http rule and its additional bindings, in the order written."""
    if not method.options.HasExtension(annotations_pb2.http):
        return
    rule = method.options.Extensions[annotations_pb2.http]
    for each in (rule, *rule.additional_bindings):
        yield _binding(each, method.name)


def _binding(rule: HttpRule, name: str) -> Binding:
    match rule.WhichOneof("pattern"):
        case "custom":
            verb, path = rule.custom.kind, rule.custom.path
        case "get" | "put" | "post" | "delete" | "patch" as field:
            verb, path = field.upper(), getattr(rule, field)
        case _:
            raise ProtoError(f"the google.api.http rule of {name} has no path")
    return Binding(verb, path, rule.body, rule.response_body)

"""Server reflection, v1 and v1alpha, from the contract's own descriptor set.

Our messages are betterproto2's, which no protobuf descriptor pool knows. The pool that the servicer reads is
made of the descriptor set that is generated with them. The two versions differ in their package only, so one
servicer answers both.
"""

from collections.abc import Iterable
from importlib import resources

import grpc
import grpc.aio
from google.protobuf import descriptor_pb2, descriptor_pool
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection, reflection_pb2

_V1 = "grpc.reflection.v1"
_V1ALPHA = "grpc.reflection.v1alpha"

REFLECTION_SERVICES = (f"{_V1}.ServerReflection", f"{_V1ALPHA}.ServerReflection")


def add_reflection(services: Iterable[str], server: grpc.aio.Server) -> None:
    """Let `server` tell which `services` it has and what their messages are."""
    servicer = reflection.aio.ReflectionServicer((*services, *REFLECTION_SERVICES), pool=_descriptor_pool())
    handler = grpc.stream_stream_rpc_method_handler(
        servicer.ServerReflectionInfo,
        reflection_pb2.ServerReflectionRequest.FromString,
        reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    for name in REFLECTION_SERVICES:
        server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(name, {"ServerReflectionInfo": handler}),)
        )


def _descriptor_pool() -> descriptor_pool.DescriptorPool:
    contract = resources.files("markethall_protos.v1").joinpath("descriptor_set.binpb").read_bytes()
    files = list(descriptor_pb2.FileDescriptorSet.FromString(contract).file)
    for standard in (health_pb2.DESCRIPTOR, reflection_pb2.DESCRIPTOR):
        file = descriptor_pb2.FileDescriptorProto()
        standard.CopyToProto(file)
        files.append(file)
    files.append(_reflection_v1(files[-1]))
    pool = descriptor_pool.DescriptorPool()
    for file in files:
        pool.AddSerializedFile(file.SerializeToString())
    return pool


def _reflection_v1(v1alpha: descriptor_pb2.FileDescriptorProto) -> descriptor_pb2.FileDescriptorProto:
    """Describe reflection v1, which the installed package does not have, by moving v1alpha to its package."""
    file = descriptor_pb2.FileDescriptorProto()
    file.CopyFrom(v1alpha)
    file.name = "grpc/reflection/v1/reflection.proto"
    file.package = _V1
    for field in (field for message in file.message_type for field in message.field):
        if field.HasField("type_name"):
            field.type_name = field.type_name.replace(_V1ALPHA, _V1)
    for method in (method for service in file.service for method in service.method):
        method.input_type = method.input_type.replace(_V1ALPHA, _V1)
        method.output_type = method.output_type.replace(_V1ALPHA, _V1)
    return file

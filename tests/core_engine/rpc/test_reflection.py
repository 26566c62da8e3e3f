"""Server reflection: what a tool such as grpcurl learns of the engine."""

import grpc
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from grpc_reflection.v1alpha import reflection_pb2

from markethall_engine.rpc.services import Services
from tests.engine_process import running_engine

VERSIONS = ["v1", "v1alpha"]


async def ask(
    channel: grpc.aio.Channel, version: str, **question: object
) -> reflection_pb2.ServerReflectionResponse:
    call = channel.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        reflection_pb2.ServerReflectionRequest.SerializeToString,
        reflection_pb2.ServerReflectionResponse.FromString,
    )()
    await call.write(reflection_pb2.ServerReflectionRequest(**question))
    await call.done_writing()
    return await call.read()


@pytest.mark.parametrize("version", VERSIONS)
async def test_reflection_lists_what_is_served_and_nothing_else(version: str):
    async with running_engine() as engine:
        response = await ask(engine.channel, version, list_services="")
    listed = {service.name for service in response.list_services_response.service}
    assert listed == {
        *Services.names,
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    }


@pytest.mark.parametrize("version", VERSIONS)
async def test_every_listed_service_can_be_described_with_all_that_it_needs(version: str):
    async with running_engine() as engine:
        listed = await ask(engine.channel, version, list_services="")
        for service in listed.list_services_response.service:
            response = await ask(engine.channel, version, file_containing_symbol=service.name)
            files = [
                descriptor_pb2.FileDescriptorProto.FromString(data)
                for data in response.file_descriptor_response.file_descriptor_proto
            ]
            assert described(files, service.name)


def described(files: list[descriptor_pb2.FileDescriptorProto], name: str) -> list[str]:
    """The methods of a service, from nothing but `files`, which come in any order."""
    pool = descriptor_pool.DescriptorPool()
    waiting = {file.name: file for file in files}
    while waiting:
        ready = [file for file in waiting.values() if not waiting.keys() & set(file.dependency)]
        assert ready
        for file in ready:
            pool.AddSerializedFile(waiting.pop(file.name).SerializeToString())
    return [method.name for method in pool.FindServiceByName(name).methods]

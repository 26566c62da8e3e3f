"""The engine answers every call of the contract that is its own."""

import typing

import grpc

from markethall_engine.rpc.services import Services
from markethall_protos import v1
from markethall_protos.commands import COMMANDS
from markethall_protos.v1 import RPCS
from tests.engine_process import running_engine

IDENTITY = "markethall.v1.IdentityService"
"""The gateway's own."""


def test_every_service_but_that_of_identity_is_the_engines():
    assert set(Services.names) == {rpc.service for rpc in RPCS.values()} - {IDENTITY}


def test_every_call_of_the_engines_services_is_built():
    servicers = [kind for kind in typing.get_type_hints(Services).values() if isinstance(kind, type)]
    assert len(servicers) == len(Services.names)
    inherited = {
        f"{servicer.__name__}.{name}"
        for servicer in servicers
        for name in vars(servicer.__mro__[1])
        if not name.startswith("_") and name not in vars(servicer)
    }
    assert inherited == set()


async def test_every_command_can_be_carried_by_a_message():
    messages = [
        v1.EngineMessage(message_id=name, **{name: rpc.request_type()}) for name, rpc in COMMANDS.items()
    ]
    async with running_engine() as engine:
        core = v1.CoreEngineServiceStub(engine.channel)
        response = await core.batch_process_messages(v1.BatchProcessMessagesRequest(messages))
    unimplemented = grpc.StatusCode.UNIMPLEMENTED.value[0]
    internal = grpc.StatusCode.INTERNAL.value[0]
    for outcome in response.outcomes:
        assert outcome.error is None or outcome.error.code not in (unimplemented, internal), outcome

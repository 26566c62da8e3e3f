"""Which calls of the contract are commands, and under which name the shared stream carries them.

Nothing is written down here: a call is a command when its request is a member of `EngineMessage.command`, and
its reply is the member of the same name in `MessageOutcome.outcome`.
"""

from collections.abc import Iterable, Mapping

import betterproto2

from markethall_protos.codec.schema import schema_of
from markethall_protos.routes import Rpc
from markethall_protos.v1 import EngineMessage, MessageOutcome


def command_fields(rpcs: Iterable[Rpc]) -> Mapping[str, str]:
    """Map the path of each call that is a command to its field in `EngineMessage` and `MessageOutcome`."""
    names = {request_type: name for name, request_type in _oneof_members(EngineMessage).items()}
    replies = _oneof_members(MessageOutcome)
    fields: dict[str, str] = {}
    for rpc in rpcs:
        name = names.get(rpc.request_type)
        if name is not None and not (rpc.client_streaming or rpc.server_streaming):
            assert replies[name] is rpc.response_type, (
                f"the outcome {name} is no {rpc.response_type.__name__}"
            )
            fields[rpc.path] = name
    return fields


def _oneof_members(message: type[betterproto2.Message]) -> dict[str, type[betterproto2.Message]]:
    return {
        field.attribute: field.message_type
        for field in schema_of(message).fields
        if field.siblings and field.message_type is not None
    }

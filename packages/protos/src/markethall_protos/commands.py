"""The commands of markethall.v1: what an `EngineMessage` carries, each with the call that does the same.

Nothing is written down here. A command is the request of a call; its name is that of the member of
`EngineMessage.command`, and its reply is the member of the same name in `MessageOutcome.outcome`. So what a
caller must be allowed for a command in a message is `COMMANDS[name].scope`, as it is for the call, whichever
scope the call asks for that took the message.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import betterproto2

from markethall_protos.codec.schema import schema_of
from markethall_protos.routes import Rpc
from markethall_protos.v1 import RPCS, EngineMessage, MessageOutcome


def carried(message: EngineMessage) -> tuple[str, betterproto2.Message] | None:
    """The name and the request of the message's command; None where none is set."""
    for name in _NAMES:
        request: betterproto2.Message | None = getattr(message, name)
        if request is not None:
            return name, request
    return None


def scopes_of(messages: Iterable[EngineMessage]) -> frozenset[str]:
    """What a caller must be allowed to have all these messages carried out."""
    commands = (carried(message) for message in messages)
    return frozenset(COMMANDS[command[0]].scope for command in commands if command is not None)


def _commands(rpcs: Iterable[Rpc]) -> Mapping[str, Rpc]:
    """The unary call of each command, in the order of the contract; there is exactly one."""
    calls: dict[type[betterproto2.Message], Rpc] = {}
    for rpc in rpcs:
        if not (rpc.client_streaming or rpc.server_streaming):
            assert rpc.request_type not in calls, f"{rpc.request_type.__name__} is of two calls"
            calls[rpc.request_type] = rpc
    replies = _oneof_members(MessageOutcome)
    commands = {name: calls[request] for name, request in _oneof_members(EngineMessage).items()}
    for name, rpc in commands.items():
        assert replies[name] is rpc.response_type, f"the outcome {name} is no {rpc.response_type.__name__}"
    return commands


def _oneof_members(message: type[betterproto2.Message]) -> dict[str, type[betterproto2.Message]]:
    return {
        field.attribute: field.message_type
        for field in schema_of(message).fields
        if field.siblings and field.message_type is not None
    }


COMMANDS: Final[Mapping[str, Rpc]] = _commands(RPCS.values())
"""The call that each command is the request of, by the command's name in `EngineMessage`."""

_NAMES: Final = tuple(COMMANDS)

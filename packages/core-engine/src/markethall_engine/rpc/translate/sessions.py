"""Orders of a connection that asked for cancel on disconnect."""

from typing import TypeVar

import msgspec

from markethall_engine.domain.commands import Command, PlaceOrder
from markethall_engine.domain.instructions import NO_INSTRUCTIONS

AnyCommand = TypeVar("AnyCommand", bound=Command)


def in_session(command: AnyCommand, session_id: str) -> AnyCommand:
    """The command, which if it places an order now ends with the session; unchanged without one."""
    if not session_id or not isinstance(command, PlaceOrder):
        return command
    instructions = msgspec.structs.replace(command.instructions or NO_INSTRUCTIONS, session_id=session_id)
    return msgspec.structs.replace(command, instructions=instructions)

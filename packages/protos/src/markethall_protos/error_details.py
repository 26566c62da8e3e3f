"""What an error says beyond its code and message: the google.rpc details in gRPC's trailing metadata."""

from typing import TypeVar

import betterproto2
import grpc.aio

from markethall_protos.codec import decode
from markethall_protos.google.rpc import Status
from markethall_protos.message_pool import default_message_pool

STATUS_DETAILS_KEY = "grpc-status-details-bin"
"""The metadata key that holds a serialized google.rpc.Status; every gRPC library uses this one."""

M = TypeVar("M", bound=betterproto2.Message)


def error_status(error: grpc.aio.AioRpcError) -> Status | None:
    """The google.rpc.Status that came with `error`; None if the server sent only a code and a message.

    Raises `markethall_protos.codec.DecodeError` when what came is no Status.
    """
    for key, value in error.trailing_metadata():
        if key == STATUS_DETAILS_KEY:
            return decode(Status, value if isinstance(value, bytes) else value.encode())
    return None


def error_detail(error: grpc.aio.AioRpcError, kind: type[M]) -> M | None:
    """The first detail of `error` that is a `kind`, such as `BadRequest` or `ErrorInfo`; None without one."""
    status = error_status(error)
    type_url = default_message_pool.type_to_url[kind]
    for packed in status.details if status is not None else ():
        if packed.type_url == type_url:
            return decode(kind, packed.value)
    return None

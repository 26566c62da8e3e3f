"""The one channel to the engine, tuned to find it again quickly.

gRPC connects when the first call is made, and again by itself after each loss. Left alone it waits a second
before it tries again, and up to two minutes later on; a gateway whose engine restarts would answer 503 for
seconds after the engine is back.
"""

from typing import Final

import grpc.aio

FIRST_RECONNECT_MS: Final = 50
LAST_RECONNECT_MS: Final = 400
"""gRPC adds up to a fifth at random, so that an open port is noticed within 0.48 s."""

CONNECT_TIMEOUT_MS: Final = 2_000
KEEPALIVE_TIME_MS: Final = 30_000
KEEPALIVE_TIMEOUT_MS: Final = 5_000
"""A peer that vanished without a word is noticed within the sum of both."""

MAX_RECEIVE_BYTES: Final = 64 * 1024 * 1024
"""One message of outcomes answers the commands of many clients, each with its fills."""

_OPTIONS: Final = (
    ("grpc.initial_reconnect_backoff_ms", FIRST_RECONNECT_MS),
    ("grpc.max_reconnect_backoff_ms", LAST_RECONNECT_MS),
    # Despite its name this bounds one attempt to connect, and not the wait between attempts.
    ("grpc.min_reconnect_backoff_ms", CONNECT_TIMEOUT_MS),
    ("grpc.keepalive_time_ms", KEEPALIVE_TIME_MS),
    ("grpc.keepalive_timeout_ms", KEEPALIVE_TIMEOUT_MS),
    ("grpc.max_receive_message_length", MAX_RECEIVE_BYTES),
    # What another channel of this process met at the address, and its wait, are not ours.
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.enable_http_proxy", 0),  # an engine is a neighbor, whatever https_proxy says
)


def open_channel(address: str, credentials: grpc.ChannelCredentials | None = None) -> grpc.aio.Channel:
    """Make the channel to `address` (`host:port`); connects later, so that the engine may be absent."""
    if credentials is None:
        return grpc.aio.insecure_channel(address, options=_OPTIONS)
    return grpc.aio.secure_channel(address, credentials, options=_OPTIONS)

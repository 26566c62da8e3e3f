"""Keeps the connection to the engine up while nobody calls, and tells the log when it comes and goes."""

import grpc
import grpc.aio

from markethall_common.logs import logger


async def keep_connected(channel: grpc.aio.Channel) -> None:
    """Connect, and connect again whenever the connection is lost, until canceled."""
    is_there: bool | None = None
    while True:
        state = channel.get_state(try_to_connect=True)
        is_lost = bool(is_there) and state is grpc.ChannelConnectivity.IDLE
        if state is grpc.ChannelConnectivity.READY and not is_there:
            logger.info("engine_connected")
            is_there = True
        elif (state is grpc.ChannelConnectivity.TRANSIENT_FAILURE or is_lost) and is_there is not False:
            logger.warning("engine_away")
            is_there = False
        await channel.wait_for_state_change(state)

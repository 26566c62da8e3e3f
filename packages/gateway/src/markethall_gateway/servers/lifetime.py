"""How long a server runs: until the process is asked to end, and then no longer than the deadline."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from markethall_common.shutdown import Shutdown


async def serve_until(
    shutdown: Shutdown, server: Coroutine[Any, Any, None], stop: Callable[[], object] = lambda: None
) -> None:
    """Run `server`; once the shutdown is requested, call `stop`, and cancel what is left at the deadline.

    The servers have time limits of their own, which do not hold on every Python. Raises what `server` raises.
    """
    serving = asyncio.create_task(server, name="server")
    ending = asyncio.create_task(shutdown.requested(), name="shutdown")
    try:
        await asyncio.wait((serving, ending), return_when=asyncio.FIRST_COMPLETED)
        if not serving.done():
            stop()
            await ending.result().finish([serving])
    finally:
        ending.cancel()
        serving.cancel()
    if not serving.cancelled():
        serving.result()

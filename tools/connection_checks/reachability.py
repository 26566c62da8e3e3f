"""Whether anything listens at an address, in the operating system's words."""

import asyncio
import os


async def why_unreachable(host: str, port: int, timeout_s: float) -> str:
    """Why no connection can be made, or "" if one can."""
    try:
        async with asyncio.timeout(timeout_s):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        return f"did not answer: no connection in {timeout_s:g} s"
    except OSError as error:
        return f"did not answer: {os.strerror(error.errno) if error.errno else error}"
    writer.close()
    return ""

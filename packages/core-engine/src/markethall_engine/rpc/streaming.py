"""Streams that may be silent for long: how their client learns that they are open."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

from markethall_common import request_context
from markethall_engine.rpc.calls import Context

T = TypeVar("T")


async def opened(items: AsyncGenerator[T, None], context: Context) -> AsyncGenerator[T, None]:
    """Yield `items`, which subscribe in their first step, and close them at the end.

    The response headers are sent once that step was made, without waiting for the first item. A client that
    has them misses nothing that happens afterwards.
    """
    async with aclosing(items):
        first = asyncio.create_task(_next(items))
        try:
            await asyncio.sleep(0)
            if not first.done():
                request = request_context.current()
                await context.send_initial_metadata(() if request is None else request.headers())
            yield await first
        finally:
            first.cancel()
        async for item in items:
            yield item


async def _next(items: AsyncGenerator[T, None]) -> T:
    return await anext(items)

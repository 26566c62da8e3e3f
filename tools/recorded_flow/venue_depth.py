"""The book that the venue publishes: the depth stream of one instrument, followed one delta at a time."""

from bisect import bisect_left, insort
from types import TracebackType
from typing import Self

import grpc.aio

from markethall_common.decimals import parse_decimal
from markethall_protos.v1 import (
    Depth,
    Level,
    MarketDataServiceStub,
    StreamDepthRequest,
    StreamDepthResponse,
)
from tools.recorded_flow.market import Market
from tools.recorded_flow.recording import Levels, Scales, Side


class DepthError(Exception):
    """The depth stream is not what it promises to be."""


class VenueDepth:
    """Levels by price, in the recording's units. To be used as an asynchronous context manager."""

    def __init__(self, channel: grpc.aio.Channel, market: Market) -> None:
        self._call: grpc.aio.UnaryStreamCall[StreamDepthRequest, StreamDepthResponse] = MarketDataServiceStub(
            channel
        ).stream_depth(StreamDepthRequest(symbol=market.symbol))
        self._sides = (_LevelSide(Side.BUY, market.scales), _LevelSide(Side.SELL, market.scales))
        self._sequence = 0

    async def __aenter__(self) -> Self:
        update = await self._call.read()
        if not isinstance(update, StreamDepthResponse) or update.snapshot is None:
            raise DepthError(f"expected a snapshot at the start of the depth stream, found {update!r}")
        self._apply(update.snapshot)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._call.cancel()

    async def advance(self) -> None:
        """Wait for the next delta and apply it. Raises `DepthError` if there is a gap."""
        update = await self._call.read()
        if not isinstance(update, StreamDepthResponse) or update.delta is None:
            raise DepthError(f"expected a delta in the depth stream, found {update!r}")
        if update.delta.sequence != self._sequence + 1:
            raise DepthError(
                f"expected the delta {self._sequence + 1} of the depth stream, found {update.delta.sequence}"
            )
        self._apply(update.delta)

    def top(self, side: Side, depth: int) -> Levels:
        """The best `depth` levels, best first."""
        return self._sides[side].top(depth)

    def _apply(self, depth: Depth) -> None:
        self._sequence = depth.sequence
        self._sides[Side.BUY].set(depth.bids)
        self._sides[Side.SELL].set(depth.asks)


class _LevelSide:
    """All bids or all asks."""

    def __init__(self, side: Side, scales: Scales) -> None:
        self._sign = -1 if side is Side.BUY else 1
        self._scales = scales
        self._quantities: dict[int, int] = {}
        self._keys: list[int] = []
        """Prices so signed that the best comes first."""
        self._keys_by_text: dict[str, int] = {}

    def set(self, levels: list[Level]) -> None:
        for level in levels:
            key = self._keys_by_text.get(level.price)
            if key is None:
                key = self._sign * parse_decimal(level.price, self._scales.price)
                self._keys_by_text[level.price] = key
            quantity = parse_decimal(level.quantity, self._scales.quantity)
            if quantity:
                if key not in self._quantities:
                    insort(self._keys, key)
                self._quantities[key] = quantity
            elif self._quantities.pop(key, None) is not None:
                del self._keys[bisect_left(self._keys, key)]

    def top(self, depth: int) -> Levels:
        return tuple((key * self._sign, self._quantities[key]) for key in self._keys[:depth])

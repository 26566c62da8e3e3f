"""The place of a replay at a venue: instrument, accounts and funds, set up through the contract."""

from dataclasses import dataclass

import grpc
import grpc.aio

from markethall_common.decimals import DecimalError, format_decimal, parse_multiple, parse_unscaled
from markethall_protos.v1 import (
    AdministrationServiceStub,
    Asset,
    CancelAllOrdersRequest,
    CoreEngineServiceStub,
    CreateAccountRequest,
    CreateAssetRequest,
    CreateInstrumentRequest,
    GetDepthRequest,
    GetInstrumentRequest,
    GetStatusRequest,
    Instrument,
    InstrumentStatus,
    ListAssetsRequest,
    MarketDataServiceStub,
    OrderServiceStub,
)
from tools.local_venue.demonstration import USD_SCALE
from tools.recorded_flow.recording import Recording, Scales

MAKERS = "replay-makers"
"""Owns every order that rests."""
TAKERS = "replay-takers"
"""Owns the orders that fill on arrival, so that no account trades with itself."""

_CALL_TIMEOUT_S = 10.0


class MarketError(Exception):
    """The venue is not fit for the replay; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Market:
    """Where the orders go."""

    symbol: str
    base_asset: str
    quote_asset: str
    scales: Scales
    """Of the recording: what its integers mean."""
    run: str
    """Begins every client order id; no other replay at this venue has it."""


async def open_market(
    channel: grpc.aio.Channel, recording: Recording, *, symbol: str, quote_asset: str
) -> Market:
    """Create what is missing and cancel what an earlier replay left behind.

    Raises `MarketError`, and `grpc.aio.AioRpcError` where the venue itself fails.
    """
    instrument = await _find_instrument(channel, symbol)
    if instrument is None:
        instrument = await _create_instrument(channel, recording, symbol, quote_asset)
    _check_instrument(instrument, recording)
    administration = AdministrationServiceStub(channel)
    for account_id in (MAKERS, TAKERS):
        await administration.create_account(
            CreateAccountRequest(account_id=account_id, display_name="Recorded order flow"),
            timeout=_CALL_TIMEOUT_S,
        )
        await OrderServiceStub(channel).cancel_all_orders(
            CancelAllOrdersRequest(account_id=account_id, symbol=symbol), timeout=_CALL_TIMEOUT_S
        )
    await _check_book_is_empty(channel, symbol)
    status = await CoreEngineServiceStub(channel).get_status(GetStatusRequest(), timeout=_CALL_TIMEOUT_S)
    return Market(
        symbol,
        instrument.base_asset,
        instrument.quote_asset,
        recording.scales,
        run=str(status.sequence),
    )


async def _create_instrument(
    channel: grpc.aio.Channel, recording: Recording, symbol: str, quote_asset: str
) -> Instrument:
    """Create the instrument without fees, and its assets."""
    scales = recording.scales
    lot_size = format_decimal(recording.lot, scales.quantity)
    _, lot_scale = parse_unscaled(lot_size)
    least = format_decimal(recording.tick * recording.lot, scales.price + scales.quantity)
    _, least_scale = parse_unscaled(least)
    base_asset = symbol.split("-")[0]
    await _provide_asset(channel, quote_asset, max(USD_SCALE, least_scale), least_scale)
    await _provide_asset(channel, base_asset, lot_scale, lot_scale)
    response = await AdministrationServiceStub(channel).create_instrument(
        CreateInstrumentRequest(
            symbol=symbol,
            base_asset=base_asset,
            quote_asset=quote_asset,
            tick_size=format_decimal(recording.tick, scales.price),
            lot_size=lot_size,
        ),
        timeout=_CALL_TIMEOUT_S,
    )
    assert response.instrument is not None
    return response.instrument


async def _find_instrument(channel: grpc.aio.Channel, symbol: str) -> Instrument | None:
    try:
        response = await MarketDataServiceStub(channel).get_instrument(
            GetInstrumentRequest(symbol=symbol), timeout=_CALL_TIMEOUT_S
        )
    except grpc.aio.AioRpcError as error:
        if error.code() is grpc.StatusCode.NOT_FOUND:
            return None
        raise
    return response.instrument


def _check_instrument(instrument: Instrument, recording: Recording) -> None:
    """Raise `MarketError` unless the recording's orders can be placed in `instrument`."""
    advice = "choose another --symbol"
    if instrument.status is not InstrumentStatus.OPEN:
        raise MarketError(f"{instrument.symbol} is not open; {advice}")
    for name, needed, has in (
        ("tick size", format_decimal(recording.tick, recording.scales.price), instrument.tick_size),
        ("lot size", format_decimal(recording.lot, recording.scales.quantity), instrument.lot_size),
    ):
        step, scale = parse_unscaled(has)
        try:
            parse_multiple(needed, step, scale)
        except DecimalError:
            raise MarketError(
                f"the recording needs a {name} of {needed}, {instrument.symbol} has {has}; {advice}"
            ) from None


async def _provide_asset(channel: grpc.aio.Channel, asset: str, scale: int, least_scale: int) -> None:
    """Create `asset` with `scale`, or be content with one of at least `least_scale`."""
    known = await _find_asset(channel, asset)
    if known is None:
        await AdministrationServiceStub(channel).create_asset(
            CreateAssetRequest(asset=asset, scale=scale), timeout=_CALL_TIMEOUT_S
        )
    elif known.scale < least_scale:
        raise MarketError(
            f"the recording needs {least_scale} decimal places of {asset}, the venue has {known.scale}; "
            "choose another --quote-asset or --symbol"
        )


async def _find_asset(channel: grpc.aio.Channel, asset: str) -> Asset | None:
    token = ""
    while True:
        page = await AdministrationServiceStub(channel).list_assets(
            ListAssetsRequest(page_size=1000, page_token=token), timeout=_CALL_TIMEOUT_S
        )
        for known in page.assets:
            if known.asset == asset:
                return known
        token = page.next_page_token
        if not token:
            return None


async def _check_book_is_empty(channel: grpc.aio.Channel, symbol: str) -> None:
    response = await MarketDataServiceStub(channel).get_depth(
        GetDepthRequest(symbol=symbol, levels=1), timeout=_CALL_TIMEOUT_S
    )
    if response.depth is not None and (response.depth.bids or response.depth.asks):
        raise MarketError(
            f"others have orders in {symbol}, so its book cannot be the recorded one; choose another --symbol"
        )

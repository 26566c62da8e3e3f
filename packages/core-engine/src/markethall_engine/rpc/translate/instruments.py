"""Instruments: requests to create and change one, and instruments as they are."""

from collections.abc import Callable, Mapping
from functools import partial

from markethall_common.decimals import (
    DecimalError,
    parse_multiple,
    parse_unscaled,
)
from markethall_engine.domain.amounts import MAX_AMOUNT, MAX_SCALE, MILLION
from markethall_engine.domain.commands import CreateInstrument, UpdateInstrument
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.instrument import (
    SECOND_NS,
    VOLATILITY_AUCTION_NS,
    FeeRates,
    Instrument,
    InstrumentStatus,
    Step,
)
from markethall_engine.domain.names import FEE_TIER_FORM, SYMBOL_FORM, is_fee_tier, is_symbol
from markethall_engine.rpc.errors import NotFound
from markethall_engine.rpc.translate.assets import read_asset_code
from markethall_engine.rpc.translate.faults import Faults
from markethall_engine.rpc.translate.parts_per_million import read_ppm, write_ppm
from markethall_engine.rpc.translate.times import timestamp
from markethall_engine.rpc.translate.update_masks import read_changes
from markethall_engine.rpc.translate.vocabulary import INSTRUMENT_STATUS, INSTRUMENT_STATUS_READ
from markethall_protos import v1

_STAND_IN = Step(1, 0)
_STATUSES = "OPEN, AUCTION, HALTED or CLOSED"
_FIRST_STATUSES = (InstrumentStatus.OPEN, InstrumentStatus.AUCTION, InstrumentStatus.HALTED)
_DEFAULT_AUCTION_SECONDS = VOLATILITY_AUCTION_NS // SECOND_NS
_MAX_AUCTION_SECONDS = 86_400
_CHANGEABLE = (
    "status",
    "maker_fee",
    "taker_fee",
    "min_quantity",
    "max_quantity",
    "price_band",
    "tick_size",
    "market_protection",
    "reference_price",
    "volatility_band",
    "volatility_auction_seconds",
    "fee_tiers",
)


def unknown_instrument(symbol: str) -> NotFound:
    return NotFound("UNKNOWN_INSTRUMENT", f"there is no instrument {symbol!r}")


def read_symbol(symbol: str, faults: Faults, field: str = "symbol") -> str:
    if not is_symbol(symbol):
        faults.expected(field, f"a symbol, {SYMBOL_FORM}", symbol)
    return symbol


def read_create_instrument(request: v1.CreateInstrumentRequest) -> CreateInstrument:
    faults = Faults()
    tick_size = _read_step(request.tick_size, "tick_size", faults)
    lot_size = _read_step(request.lot_size, "lot_size", faults)
    command = CreateInstrument(
        symbol=read_symbol(request.symbol, faults),
        base_asset=read_asset_code(request.base_asset, faults, "base_asset"),
        quote_asset=read_asset_code(request.quote_asset, faults, "quote_asset"),
        tick_size=tick_size,
        lot_size=lot_size,
        min_quantity_lots=_read_min_quantity(request.min_quantity, lot_size, "min_quantity", faults),
        max_quantity_lots=_read_steps(request.max_quantity, lot_size, "max_quantity", faults),
        price_band_ppm=_read_fraction(request.price_band, "price_band", faults),
        maker_fee_ppm=_read_fee(request.maker_fee, "maker_fee", faults),
        taker_fee_ppm=_read_fee(request.taker_fee, "taker_fee", faults),
        reference_price_ticks=_read_steps(request.reference_price, tick_size, "reference_price", faults),
        market_protection_ppm=_read_band(request.market_protection, "market_protection", faults),
        volatility_band_ppm=_read_band(request.volatility_band, "volatility_band", faults),
        volatility_auction_ns=_read_auction(
            request.volatility_auction_seconds, "volatility_auction_seconds", faults
        ),
        fee_tiers=_read_fee_tiers(request.fee_tiers, "fee_tiers", faults),
        status=_read_first_status(request.status, faults),
    )
    faults.check()
    return command


class InstrumentRequests:
    """Reads changes of instruments, whose quantities are counted in the lots that they have now."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def update_instrument(self, request: v1.UpdateInstrumentRequest) -> UpdateInstrument:
        """Read the fields that the mask names, or where it names none, each changeable field that is set.

        A field that the mask names and that is not set goes back to what it is where a creation leaves it
        out. Raises `NotFound` for an unknown symbol.
        """
        faults = Faults()
        symbol = read_symbol(request.symbol, faults)
        changed, named = read_changes(
            "instrument", request.instrument, request.update_mask, _CHANGEABLE, faults
        )
        instrument = self._exchange.instrument(symbol)
        command = _update(changed, named, symbol, instrument, faults)
        faults.check()
        if instrument is None:
            raise unknown_instrument(symbol)
        return command


def _update(
    changed: v1.Instrument, named: set[str], symbol: str, instrument: Instrument | None, faults: Faults
) -> UpdateInstrument:
    """Read the named fields; quantities only where the instrument is known, whose lots they count."""
    status = None
    if "status" in named:
        status = INSTRUMENT_STATUS_READ.get(changed.status)
        if status is None:
            faults.not_a_member("instrument.status", changed.status, v1.InstrumentStatus, _STATUSES)
    min_lots = max_lots = band_ppm = maker_fee_ppm = taker_fee_ppm = None
    tick_size = None
    if "tick_size" in named:
        tick_size = _read_step(changed.tick_size, "instrument.tick_size", faults)
    reference_ticks = protection_ppm = volatility_ppm = auction_ns = fee_tiers = None
    if instrument is not None and "min_quantity" in named:
        min_lots = _read_min_quantity(
            changed.min_quantity, instrument.lot_size, "instrument.min_quantity", faults
        )
    if instrument is not None and "max_quantity" in named:
        max_lots = _read_steps(changed.max_quantity, instrument.lot_size, "instrument.max_quantity", faults)
    if instrument is not None and "reference_price" in named:
        reference_ticks = _read_steps(
            changed.reference_price, tick_size or instrument.tick_size, "instrument.reference_price", faults
        )
    if "price_band" in named:
        band_ppm = _read_fraction(changed.price_band, "instrument.price_band", faults)
    if "maker_fee" in named:
        maker_fee_ppm = _read_fee(changed.maker_fee, "instrument.maker_fee", faults)
    if "taker_fee" in named:
        taker_fee_ppm = _read_fee(changed.taker_fee, "instrument.taker_fee", faults)
    if "market_protection" in named:
        protection_ppm = _read_band(changed.market_protection, "instrument.market_protection", faults)
    if "volatility_band" in named:
        volatility_ppm = _read_band(changed.volatility_band, "instrument.volatility_band", faults)
    if "volatility_auction_seconds" in named:
        auction_ns = _read_auction(
            changed.volatility_auction_seconds, "instrument.volatility_auction_seconds", faults
        )
    if "fee_tiers" in named:
        fee_tiers = _read_fee_tiers(changed.fee_tiers, "instrument.fee_tiers", faults)
    return UpdateInstrument(
        symbol=symbol,
        instrument_revision=0 if instrument is None else instrument.revision,
        status=status,
        min_quantity_lots=min_lots,
        max_quantity_lots=max_lots,
        price_band_ppm=band_ppm,
        maker_fee_ppm=maker_fee_ppm,
        taker_fee_ppm=taker_fee_ppm,
        reference_price_ticks=reference_ticks,
        market_protection_ppm=protection_ppm,
        volatility_band_ppm=volatility_ppm,
        volatility_auction_ns=auction_ns,
        fee_tiers=fee_tiers,
        tick_size=tick_size,
    )


def instrument_message(instrument: Instrument) -> v1.Instrument:
    tick, lot = instrument.tick_size, instrument.lot_size
    return v1.Instrument(
        symbol=instrument.symbol,
        base_asset=instrument.base_asset,
        quote_asset=instrument.quote_asset,
        tick_size=tick.format(1),
        lot_size=lot.format(1),
        min_quantity=lot.format(instrument.min_quantity_lots),
        max_quantity=lot.format(instrument.max_quantity_lots),
        price_band=write_ppm(instrument.price_band_ppm),
        maker_fee=write_ppm(instrument.maker_fee_ppm),
        taker_fee=write_ppm(instrument.taker_fee_ppm),
        status=INSTRUMENT_STATUS[instrument.status],
        revision=instrument.revision,
        create_time=timestamp(instrument.create_time_ns),
        update_time=timestamp(instrument.update_time_ns),
        market_protection=write_ppm(instrument.market_protection_ppm),
        reference_price=tick.format(instrument.reference_price_ticks)
        if instrument.reference_price_ticks
        else "",
        volatility_band=write_ppm(instrument.volatility_band_ppm),
        volatility_auction_seconds=instrument.volatility_auction_ns // SECOND_NS,
        fee_tiers={
            tier: v1.FeeRates(
                maker_fee=write_ppm(rates.maker_fee_ppm),
                taker_fee=write_ppm(rates.taker_fee_ppm),
            )
            for tier, rates in instrument.fee_tiers.items()
        },
    )


def _read_first_status(asked: v1.InstrumentStatus, faults: Faults) -> InstrumentStatus:
    """Read what an instrument begins with; OPEN where nothing is said."""
    status = INSTRUMENT_STATUS_READ.get(asked or v1.InstrumentStatus.OPEN)
    if status is None or status not in _FIRST_STATUSES:
        faults.not_a_member("status", asked, v1.InstrumentStatus, "OPEN, AUCTION or HALTED")
        return InstrumentStatus.OPEN
    return status


def _read_step(text: str, field: str, faults: Faults) -> Step:
    try:
        coefficient, scale = parse_unscaled(text)
    except DecimalError as error:
        faults.add(field, str(error) if text else "required: a positive decimal")
        return _STAND_IN
    if not 0 < coefficient <= MAX_AMOUNT or scale > MAX_SCALE:
        faults.expected(field, f"a positive decimal with at most {MAX_SCALE} places", text)
        return _STAND_IN
    return Step(coefficient, scale)


def _read_min_quantity(text: str, lot_size: Step, field: str, faults: Faults) -> int:
    """Read lots; one where nothing is said."""
    return faults.number(field, text, _steps_reader(lot_size)) if text else 1


def _read_steps(text: str, step: Step, field: str, faults: Faults) -> int:
    """Read lots or ticks; 0, for none, where nothing is said."""
    return faults.number(field, text, _steps_reader(step), positive=False) if text else 0


def _read_fraction(text: str, field: str, faults: Faults) -> int:
    """Read a fraction as parts per million; 0 where nothing is said."""
    return faults.number(field, text, read_ppm, positive=False) if text else 0


def _read_fee(text: str, field: str, faults: Faults) -> int:
    fee_ppm = _read_fraction(text, field, faults)
    if fee_ppm > MILLION:
        faults.expected(field, "a fraction from 0 to 1", text)
    return fee_ppm


def _read_band(text: str, field: str, faults: Faults) -> int:
    band_ppm = _read_fraction(text, field, faults)
    if band_ppm >= MILLION:
        faults.expected(field, "a fraction below 1", text)
    return band_ppm


def _read_auction(seconds: int, field: str, faults: Faults) -> int:
    """Read how long an auction takes, as nanoseconds; the default where nothing is said."""
    if not 0 <= seconds <= _MAX_AUCTION_SECONDS:
        faults.expected(field, f"1 to {_MAX_AUCTION_SECONDS} seconds", str(seconds))
    return (seconds or _DEFAULT_AUCTION_SECONDS) * SECOND_NS


def _read_fee_tiers(tiers: Mapping[str, v1.FeeRates], field: str, faults: Faults) -> dict[str, FeeRates]:
    for tier in tiers:
        if not is_fee_tier(tier):
            faults.add(field, f"expected names of tiers, {FEE_TIER_FORM}, found {tier!r}")
    return {
        tier: FeeRates(
            _read_fee(rates.maker_fee, f"{field}.{tier}.maker_fee", faults),
            _read_fee(rates.taker_fee, f"{field}.{tier}.taker_fee", faults),
        )
        for tier, rates in tiers.items()
    }


def _steps_reader(step: Step) -> Callable[[str], int]:
    return partial(parse_multiple, step=step.coefficient, scale=step.scale)

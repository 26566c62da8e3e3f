"""Assets and instruments: what may be defined, what may be changed."""

import pytest

from markethall_engine.domain.commands import CreateAsset, UpdateInstrument
from markethall_engine.domain.events import (
    AssetCreated,
    CommandRejected,
    InstrumentCreated,
    InstrumentUpdated,
    OrderCanceled,
)
from markethall_engine.domain.instrument import Asset, FeeRates, Instrument, InstrumentStatus, Step
from markethall_engine.domain.reasons import CancelReason, RejectReason
from tests.core_engine.domain.builders import (
    BUY,
    SELL,
    SYMBOL,
    Venue,
    create_instrument,
    order,
    rejection,
    venue,
)


def refused(at: Venue, command) -> tuple[RejectReason, str]:
    (event,) = at.submit(command)
    assert isinstance(event, CommandRejected), event
    return event.reason, event.detail


def test_an_asset_is_created_with_its_sequence_and_time():
    at = Venue()
    assert at.submit(CreateAsset("USD", 2)) == [AssetCreated(Asset("USD", 2, 1, at.time_ns))]
    assert at.exchange.assets() == [Asset("USD", 2, 1, at.time_ns)]
    assert at.exchange.asset("USD") == Asset("USD", 2, 1, at.time_ns)


def test_an_asset_that_is_there_is_not_created_again():
    at = venue()
    assert refused(at, CreateAsset("USD", 2)) == (
        RejectReason.ALREADY_EXISTS,
        "there is an asset 'USD' already",
    )


@pytest.mark.parametrize(
    ("command", "detail"),
    [
        (CreateAsset("usd", 2), "an asset's code is 1 to 16 of A-Z 0-9 . _, found 'usd'"),
        (CreateAsset("", 2), "an asset's code is 1 to 16 of A-Z 0-9 . _, found ''"),
        (CreateAsset("ETH", 19), "an asset's scale is 0 to 18, found 19"),
        (CreateAsset("ETH", -1), "an asset's scale is 0 to 18, found -1"),
    ],
)
def test_a_senseless_asset_is_refused(command, detail):
    assert refused(venue(), command) == (RejectReason.INVALID_PARAMETERS, detail)


def test_an_instrument_is_open_at_once_and_knows_what_a_tick_and_a_lot_are_worth():
    at = Venue()
    at.submit(CreateAsset("BTC", 8))
    at.submit(CreateAsset("USD", 2))
    command = create_instrument(
        symbol="BTC-USD", base_asset="BTC", tick_size=Step(25, 2), lot_size=Step(4, 2), max_quantity_lots=9
    )
    created = Instrument(
        symbol="BTC-USD",
        base_asset="BTC",
        quote_asset="USD",
        tick_size=Step(25, 2),
        lot_size=Step(4, 2),
        tick_value=1,  # 0.25 USD a BTC times 0.04 BTC is one cent
        lot_units=4_000_000,
        min_quantity_lots=1,
        max_quantity_lots=9,
        price_band_ppm=0,
        maker_fee_ppm=0,
        taker_fee_ppm=0,
        status=InstrumentStatus.OPEN,
        revision=1,
        create_time_ns=at.time_ns + 1_000_000_000,
        update_time_ns=at.time_ns + 1_000_000_000,
    )
    assert at.submit(command) == [InstrumentCreated(created)]
    assert at.exchange.instruments() == [created]
    assert at.exchange.instrument("BTC-USD") == created
    assert (created.format_price(3), created.format_quantity(3)) == ("0.75", "0.12")


@pytest.mark.parametrize(
    ("terms", "reason", "detail"),
    [
        ({"symbol": SYMBOL}, RejectReason.ALREADY_EXISTS, "there is an instrument 'GOLD-USD' already"),
        (
            {"symbol": "gold/usd"},
            RejectReason.INVALID_PARAMETERS,
            "a symbol is 1 to 32 of A-Z 0-9 . _ -, found 'gold/usd'",
        ),
        ({"base_asset": "TIN"}, RejectReason.UNKNOWN_ASSET, "there is no asset 'TIN'"),
        ({"quote_asset": "EUR"}, RejectReason.UNKNOWN_ASSET, "there is no asset 'EUR'"),
        (
            {"base_asset": "USD"},
            RejectReason.INVALID_PARAMETERS,
            "an asset cannot trade for itself, found USD twice",
        ),
        (
            {"tick_size": Step(0, 2)},
            RejectReason.INVALID_PARAMETERS,
            "the tick size must be positive with at most 18 places, found Step(coefficient=0, scale=2)",
        ),
        (
            {"tick_size": Step(1, 3)},
            RejectReason.INVALID_PARAMETERS,
            (
                "tick size times lot size must be a whole number of minor units of USD (scale 2), "
                "at most 9223372036854775807, found 0.001 times 1"
            ),
        ),
        (
            {"tick_size": Step(10, 2), "lot_size": Step(1, 1)},
            RejectReason.INVALID_PARAMETERS,
            (
                "the lot size must be a whole number of minor units of GOLD (scale 0), "
                "at most 9223372036854775807, found 0.1"
            ),
        ),
        (
            {"min_quantity_lots": 0},
            RejectReason.INVALID_PARAMETERS,
            "the minimum quantity must be 1 lot or more, found 0",
        ),
        (
            {"min_quantity_lots": 5, "max_quantity_lots": 4},
            RejectReason.INVALID_PARAMETERS,
            "the maximum quantity must be 0 (none) or at least the minimum, 5 lots, found 4",
        ),
        (
            {"price_band_ppm": -1},
            RejectReason.INVALID_PARAMETERS,
            "the price band must be 0 (none) or more ppm, found -1",
        ),
        (
            {"reference_price_ticks": -1},
            RejectReason.INVALID_PARAMETERS,
            "the reference price must be 0 (none) to 9223372036854775807 ticks, found -1",
        ),
        (
            {"market_protection_ppm": 1_000_000},
            RejectReason.INVALID_PARAMETERS,
            "the market protection must be 0 (none) or more and less than 1000000 ppm, found 1000000",
        ),
        (
            {"volatility_band_ppm": -1},
            RejectReason.INVALID_PARAMETERS,
            "the volatility band must be 0 (none) or more and less than 1000000 ppm, found -1",
        ),
        (
            {"volatility_auction_ns": 0},
            RejectReason.INVALID_PARAMETERS,
            "a volatility auction must take at most 86400000000000 ns, found 0",
        ),
        (
            {"fee_tiers": {"": FeeRates(0, 0)}},
            RejectReason.INVALID_PARAMETERS,
            "a fee tier's name is 1 to 32 of a-z A-Z 0-9 . _ -, found ''",
        ),
        (
            {"fee_tiers": {"vip": FeeRates(-1, 0)}},
            RejectReason.INVALID_PARAMETERS,
            "fees must be 0 to 1000000 ppm, found -1 (maker) and 0 (taker)",
        ),
        (
            {"taker_fee_ppm": 1_000_001},
            RejectReason.INVALID_PARAMETERS,
            "fees must be 0 to 1000000 ppm, found 0 (maker) and 1000001 (taker)",
        ),
    ],
)
def test_a_senseless_instrument_is_refused(terms, reason, detail):
    assert refused(venue(), create_instrument(**{"symbol": "NEW", **terms})) == (reason, detail)


def test_a_change_keeps_what_it_does_not_name():
    at = venue(maker_fee_ppm=5, taker_fee_ppm=7)
    before = at.exchange.instrument(SYMBOL)
    (event,) = at.submit(UpdateInstrument(SYMBOL, taker_fee_ppm=9, price_band_ppm=50))
    assert isinstance(event, InstrumentUpdated)
    after = event.instrument
    assert at.exchange.instrument(SYMBOL) == after
    assert (after.maker_fee_ppm, after.taker_fee_ppm, after.price_band_ppm) == (5, 9, 50)
    assert (after.status, after.revision, after.create_time_ns) == (
        before.status,
        before.revision,
        before.create_time_ns,
    )
    assert after.update_time_ns == at.time_ns


def test_a_change_that_makes_no_sense_is_refused_whole():
    at = venue()
    before = at.exchange.instrument(SYMBOL)
    nonsense = UpdateInstrument(SYMBOL, maker_fee_ppm=5, taker_fee_ppm=-1)
    assert refused(at, nonsense)[0] is RejectReason.INVALID_PARAMETERS
    assert at.exchange.instrument(SYMBOL) == before


def test_a_change_of_bounds_names_the_revision_that_its_lots_are_of():
    at = venue()
    assert refused(at, UpdateInstrument(SYMBOL, 2, max_quantity_lots=5))[0] is RejectReason.INSTRUMENT_CHANGED
    at.submit(UpdateInstrument(SYMBOL, 1, min_quantity_lots=2, max_quantity_lots=5))
    assert rejection(at.submit(order("maker", BUY, 6, 100))).reason is RejectReason.QUANTITY_TOO_HIGH


def test_a_reference_price_names_the_revision_that_its_ticks_are_of():
    at = venue()
    change = UpdateInstrument(SYMBOL, 2, reference_price_ticks=5)
    assert refused(at, change)[0] is RejectReason.INSTRUMENT_CHANGED
    at.submit(UpdateInstrument(SYMBOL, 1, reference_price_ticks=5))
    assert at.exchange.instrument(SYMBOL).reference_price_ticks == 5


def test_fee_tiers_are_replaced_whole_and_kept_by_name():
    at = venue(fee_tiers={"vip": FeeRates(0, 5), "basic": FeeRates(9, 9)})
    assert list(at.exchange.instrument(SYMBOL).fee_tiers.items()) == [
        ("basic", FeeRates(9, 9)),
        ("vip", FeeRates(0, 5)),
    ]
    at.submit(UpdateInstrument(SYMBOL, fee_tiers={"vip": FeeRates(1, 5)}))
    assert at.exchange.instrument(SYMBOL).fee_tiers == {"vip": FeeRates(1, 5)}


def test_an_unknown_instrument_cannot_be_changed():
    assert refused(venue(), UpdateInstrument("NONE"))[0] is RejectReason.UNKNOWN_INSTRUMENT


def test_closing_cancels_what_rests_oldest_first_and_is_for_good():
    at = venue()
    bid_id, ask_id = at.place("maker", BUY, 10, 100), at.place("taker", SELL, 5, 101)
    events = at.submit(UpdateInstrument(SYMBOL, status=InstrumentStatus.CLOSED))
    assert isinstance(events[0], InstrumentUpdated)
    assert events[1:] == [
        OrderCanceled(
            bid_id, "maker", SYMBOL, BUY, 100, 10, was_resting=True, reason=CancelReason.INSTRUMENT_CLOSED
        ),
        OrderCanceled(
            ask_id, "taker", SYMBOL, SELL, 101, 5, was_resting=True, reason=CancelReason.INSTRUMENT_CLOSED
        ),
    ]
    assert rejection(at.submit(order("maker", BUY, 1, 100))).reason is RejectReason.INSTRUMENT_CLOSED
    assert refused(at, UpdateInstrument(SYMBOL, status=InstrumentStatus.OPEN)) == (
        RejectReason.INSTRUMENT_CLOSED,
        "GOLD-USD is closed",
    )

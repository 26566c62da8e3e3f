"""Prices, quantities and money, read and written exactly."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markethall_common.decimals import DecimalError
from markethall_engine.domain.amounts import half_to_even
from markethall_engine.domain.commands import CreateAsset, CreateInstrument, UpdateInstrument
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.instrument import Instrument, InstrumentStatus, Step
from markethall_engine.rpc.translate.quotation import Quotation, Quotations

TICK = Step(5, 2)
LOT = Step(1, 3)


def quotation(tick: Step = TICK, lot: Step = LOT, quote_scale: int = 5) -> Quotation:
    """Of an instrument with ticks of 0.05 and lots of 0.001, in a quote asset of 5 places."""
    instrument = Instrument(
        symbol="BTC-USD",
        base_asset="BTC",
        quote_asset="USD",
        tick_size=tick,
        lot_size=lot,
        tick_value=5,
        lot_units=100_000,
        min_quantity_lots=1,
        max_quantity_lots=0,
        price_band_ppm=0,
        maker_fee_ppm=0,
        taker_fee_ppm=0,
        status=InstrumentStatus.OPEN,
        revision=1,
        create_time_ns=0,
        update_time_ns=0,
    )
    return Quotation(instrument, quote_scale)


amounts = st.integers(0, 2**63 - 1)
steps = st.builds(Step, st.integers(1, 10**6), st.integers(0, 18))


@given(steps, amounts)
def test_what_is_written_reads_back_the_same(step: Step, count: int):
    written = quotation(tick=step, lot=step)
    assert written.read_price(written.price(count)) == count
    assert written.read_quantity(written.quantity(count)) == count


def test_what_falls_between_two_ticks_is_refused_also_the_second_time():
    for _ in range(2):
        with pytest.raises(DecimalError, match=r"a multiple of 0\.05"):
            quotation().read_price("100.01")


@given(st.integers(-(10**12), 10**12), st.integers(-(10**9), 10**9).filter(bool), st.integers(0, 18))
def test_an_average_price_is_the_exact_one_rounded_half_to_even_to_two_more_places_than_a_tick(
    notional: int, quantity_lots: int, quote_scale: int
):
    written = quotation(quote_scale=quote_scale).average_price(notional, quantity_lots)
    exact = Fraction(notional, 10**quote_scale) / Fraction(quantity_lots, 10**3)
    assert Fraction(written) == Fraction(round(exact * 10**4), 10**4)


def test_an_average_price_of_nothing_is_empty():
    assert quotation().average_price(0, 0) == ""


@given(st.integers(), st.integers().filter(bool))
def test_half_to_even_is_what_fractions_round_to(numerator: int, denominator: int):
    assert half_to_even(numerator, denominator) == round(Fraction(numerator, denominator))


def test_a_quotation_follows_the_instrument_as_it_changes():
    exchange = Exchange()
    commands = [
        CreateAsset("BTC", 8),
        CreateAsset("USD", 5),
        CreateInstrument("BTC-USD", "BTC", "USD", Step(1, 2), Step(1, 3), 1, 0, 0, 0, 0),
    ]
    quotations = Quotations(exchange)
    assert quotations.find("BTC-USD") is None
    for sequence, command in enumerate(commands, 1):
        carry_out(exchange, command, sequence)
    first = quotations.of("BTC-USD")
    assert first is quotations.of("BTC-USD")
    carry_out(exchange, UpdateInstrument("BTC-USD", maker_fee_ppm=5), 4)
    assert quotations.of("BTC-USD").instrument.maker_fee_ppm == 5


def carry_out(
    exchange: Exchange, command: CreateAsset | CreateInstrument | UpdateInstrument, sequence: int
) -> None:
    events = exchange.decide(command, sequence, sequence)
    assert isinstance(events, list)
    for event in events:
        exchange.apply(event, sequence, sequence)

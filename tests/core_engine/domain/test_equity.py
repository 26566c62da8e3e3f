"""What holdings are worth in the assets that they trade against."""

import pytest

from markethall_engine.domain.amounts import half_to_even
from markethall_engine.domain.instrument import Instrument, Step
from markethall_engine.domain.ledger.equity import equities
from tests.core_engine.domain.builders import create_instrument, venue


def instrument(symbol: str, **terms) -> Instrument:
    at = venue()
    at.submit(create_instrument(symbol=symbol, **terms))
    found = at.exchange.instrument(symbol)
    assert found is not None
    return found


A = instrument("A", lot_size=Step(4, 0))
B = instrument("B")
REVERSE = instrument("C", base_asset="USD", quote_asset="GOLD", tick_size=Step(100, 0))


def worth(held: dict[str, int], prices: dict[str, int], *instruments: Instrument) -> dict[str, int]:
    return equities(held, instruments, lambda symbol: prices.get(symbol, 0))


def test_cash_is_worth_what_it_is():
    assert worth({"USD": 50}, {}, A, B) == {"USD": 50}


def test_what_nothing_is_traded_for_counts_nowhere():
    assert worth({"EUR": 50}, {}, A) == {}


def test_a_holding_counts_at_the_last_price_a_part_of_a_lot_included():
    assert worth({"USD": 50, "GOLD": 6}, {"A": 100}, A) == {"USD": 50 + 150}


def test_a_holding_that_has_never_traded_counts_as_nothing_in_its_quote_asset():
    assert worth({"GOLD": 6}, {}, A) == {"USD": 0}


def test_a_holding_counts_once_at_the_first_instrument_that_has_a_price():
    assert worth({"GOLD": 4}, {"A": 100, "B": 7}, A, B) == {"USD": 100}
    assert worth({"GOLD": 4}, {"B": 7}, A, B) == {"USD": 28}


def test_two_assets_that_trade_against_each_other_are_worth_something_in_both():
    assert worth({"GOLD": 4, "USD": 10}, {"B": 7, "C": 300}, B, REVERSE) == {"USD": 38, "GOLD": 34}


def test_an_instrument_whose_base_is_not_held_hides_none_after_it():
    assert worth({"GOLD": 4}, {"B": 7}, REVERSE, B) == {"GOLD": 4, "USD": 28}


def test_what_is_owed_lowers_equity():
    assert worth({"GOLD": -3, "USD": 100}, {"B": 7}, B) == {"USD": 79}


@pytest.mark.parametrize(
    ("numerator", "denominator", "quotient"),
    [(5, 2, 2), (7, 2, 4), (-5, 2, -2), (-7, 2, -4), (5, -2, -2), (8, 3, 3), (7, 3, 2), (6, 3, 2)],
)
def test_a_quotient_is_rounded_half_to_even(numerator, denominator, quotient):
    assert half_to_even(numerator, denominator) == quotient

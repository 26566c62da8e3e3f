"""Average cost, realized and unrealized profit and loss."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from markethall_engine.domain.ledger.position import Position
from markethall_engine.domain.ledger.records import PositionRecord
from tests.core_engine.domain.builders import BUY, SELL, SYMBOL, venue


def position(*fills: tuple[int, int]) -> PositionRecord:
    """After fills of `(signed lots, price)`, at one minor unit a tick and no fees."""
    built = Position("alice", SYMBOL)
    for lots, price in fills:
        built.fill(lots, lots * price, 0)
    return built.record()


def held(quantity_lots: int, cost: int, realized_pnl: int) -> PositionRecord:
    return PositionRecord("alice", SYMBOL, quantity_lots, cost, realized_pnl, 0)


def test_buying_adds_to_quantity_and_cost():
    assert position((10, 100), (10, 120)) == held(20, 2_200, 0)


def test_selling_part_realizes_against_the_average_cost():
    assert position((10, 100), (10, 120), (-5, 130)) == held(15, 1_650, 5 * (130 - 110))


def test_selling_all_leaves_no_cost():
    assert position((10, 100), (-10, 90)) == held(0, 0, -100)


def test_selling_first_is_a_short_position():
    assert position((-10, 100)) == held(-10, -1_000, 0)


def test_buying_back_part_of_a_short_realizes_against_what_it_was_sold_for():
    assert position((-10, 100), (4, 90)) == held(-6, -600, 40)


def test_a_fill_through_zero_closes_what_was_open_and_opens_the_rest_at_its_own_price():
    assert position((10, 100), (-15, 110)) == held(-5, -550, 100)
    assert position((-10, 100), (15, 90)) == held(5, 450, 100)


def test_the_closed_cost_is_rounded_up_so_that_profit_is_not_shown_early():
    assert position((3, 100), (1, 101), (-1, 101)) == held(3, 300, 0)  # average 100.25: cost 101 of 401
    assert position((-3, 100), (-1, 101), (1, 100)) == held(-3, -301, 0)  # 100.25 again: 100 of 401


def test_unrealized_profit_is_what_closing_now_would_realize():
    long, short = position((10, 100)), position((-10, 100))
    assert (long.unrealized_pnl(110), short.unrealized_pnl(110)) == (100, -100)


def test_both_sides_of_a_trade_have_their_position_and_their_fees():
    at = venue(maker_fee_ppm=1_000, taker_fee_ppm=2_000)
    at.place("maker", SELL, 10, 100)
    at.place("taker", BUY, 10, 100)
    assert at.exchange.positions("maker") == [PositionRecord("maker", SYMBOL, -10, -1_000, 0, 1)]
    assert at.exchange.position("taker", SYMBOL) == PositionRecord("taker", SYMBOL, 10, 1_000, 0, 2)


def test_depositing_the_base_asset_is_no_position():
    at = venue()
    assert at.exchange.positions("maker") == []
    assert at.exchange.position("maker", SYMBOL) == PositionRecord("maker", SYMBOL, 0, 0, 0, 0)


@given(
    fills=st.lists(
        st.tuples(st.integers(-50, 50).filter(bool), st.integers(1, 1_000)), min_size=1, max_size=40
    )
)
def test_realized_profit_is_understated_by_less_than_a_unit_a_fill_and_exact_when_flat(fills):
    built = Position("alice", SYMBOL)
    lots, cost, realized = 0, Fraction(0), Fraction(0)
    for count, (signed_lots, price) in enumerate(fills, 1):
        built.fill(signed_lots, signed_lots * price, 0)
        closing = 0
        if lots * signed_lots < 0:
            closing = min(abs(lots), abs(signed_lots)) * (1 if lots > 0 else -1)
            realized += closing * price - cost * closing / lots
            cost -= cost * closing / lots
        cost += (signed_lots + closing) * price
        lots += signed_lots
        assert built.quantity_lots == lots
        assert built.cost - built.realized_pnl == cost - realized, "no money appears or vanishes"
        assert realized - count < built.realized_pnl <= realized
        if lots == 0:
            assert (built.cost, cost) == (0, 0)
            assert built.realized_pnl == realized

"""The prices of a side, best first, whatever comes and goes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markethall_engine.domain.book.price_ladder import PriceLadder
from markethall_engine.domain.order import Side


@given(st.sampled_from(Side), st.lists(st.integers(1, 12), max_size=60), st.integers(1, 12))
def test_a_ladder_is_a_sorted_set_of_prices(side, toggled, limit):
    ladder, prices = PriceLadder(side), set()
    for price in toggled:
        if price in prices:
            prices.remove(price)
            ladder.remove(price)
        else:
            prices.add(price)
            ladder.insert(price)
        best_first = sorted(prices, reverse=side is Side.BUY)
        reached = [price for price in best_first if (price >= limit if side is Side.BUY else price <= limit)]
        assert list(ladder) == list(ladder.within(0)) == best_first
        assert len(ladder) == len(prices)
        assert ladder.best() == (best_first[0] if best_first else None)
        assert list(ladder.within(limit)) == reached
        assert ladder.reaches(limit) is bool(reached)


def test_a_price_that_is_not_there_cannot_be_taken_out():
    ladder = PriceLadder(Side.SELL)
    ladder.insert(5)
    ladder.insert(7)
    with pytest.raises(AssertionError):
        ladder.remove(6)

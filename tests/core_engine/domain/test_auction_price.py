"""The price of an auction: Xetra's published examples, and any book against a search over all prices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markethall_engine.domain.auction_price import AuctionPrice, auction_price


@pytest.mark.parametrize(
    ("bids", "asks", "reference", "outcome"),
    [
        # The examples of the market model's chapter on price determination in auctions.
        pytest.param(
            [(202, 200), (201, 200), (200, 300)],
            [(200, 100), (198, 200), (197, 400)],
            0,
            AuctionPrice(200, 700, 0),
            id="one limit has the highest volume and no surplus",
        ),
        pytest.param(
            [(202, 400), (201, 200)],
            [(199, 300), (198, 200)],
            0,
            AuctionPrice(201, 500, 100),
            id="a surplus of bids takes the highest limit",
        ),
        pytest.param(
            [(202, 300), (201, 200)],
            [(199, 400), (198, 200)],
            0,
            AuctionPrice(199, 500, -100),
            id="a surplus of asks takes the lowest limit",
        ),
        pytest.param(
            [(202, 500), (201, 100)],
            [(199, 100), (198, 500)],
            200,
            AuctionPrice(201, 600, 0),
            id="between two limits that are equally near the reference the higher one",
        ),
        pytest.param(
            [(202, 500), (201, 100)],
            [(199, 100), (198, 500)],
            199,
            AuctionPrice(199, 600, 0),
            id="the limit nearest to the reference",
        ),
        pytest.param(
            [(202, 500)],
            [(198, 500)],
            0,
            AuctionPrice(198, 500, 0),
            id="without a reference the lowest limit",
        ),
        pytest.param([(198, 500)], [(199, 500)], 200, None, id="nothing crosses"),
        pytest.param([], [(199, 500)], 200, None, id="there are no bids"),
        pytest.param([], [], 200, None, id="there is nobody"),
    ],
)
def test_the_maximum_volume_rule(bids, asks, reference, outcome):
    assert auction_price(bids, asks, reference) == outcome


levels = st.lists(st.tuples(st.integers(1, 15), st.integers(1, 9)), max_size=8)


@given(levels, levels, st.integers(0, 16))
def test_no_price_executes_more_and_no_limit_that_does_leaves_a_smaller_surplus(bids, asks, reference):
    outcome = auction_price(bids, asks, reference)
    at_each_price = [
        (
            sum(lots for limit, lots in bids if limit >= price),
            sum(lots for limit, lots in asks if limit <= price),
        )
        for price in range(17)
    ]
    most = max(min(bid, ask) for bid, ask in at_each_price)
    if outcome is None:
        assert most == 0
        return
    limits = {limit for limit, _ in (*bids, *asks)}
    assert outcome.price_ticks in limits
    bid, ask = at_each_price[outcome.price_ticks]
    assert (outcome.quantity_lots, outcome.surplus_lots) == (min(bid, ask), bid - ask)
    assert outcome.quantity_lots == most > 0
    assert abs(outcome.surplus_lots) == min(
        abs(bid - ask)
        for price, (bid, ask) in enumerate(at_each_price)
        if price in limits and min(bid, ask) == most
    )


@given(levels, levels, st.integers(0, 16))
def test_levels_that_the_other_side_does_not_reach_change_nothing(bids, asks, reference):
    best_bid = max((limit for limit, _ in bids), default=0)
    best_ask = min((limit for limit, _ in asks), default=16)
    reached = auction_price(
        [level for level in bids if level[0] >= best_ask],
        [level for level in asks if level[0] <= best_bid],
        reference,
    )
    assert reached == auction_price(bids, asks, reference)

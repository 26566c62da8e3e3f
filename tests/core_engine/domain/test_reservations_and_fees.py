"""What orders hold back, what trades cost, and that the venue's fee account gets exactly that."""

from hypothesis import given
from hypothesis import strategies as st

from markethall_engine.domain.commands import UpdateInstrument
from markethall_engine.domain.events import TradeExecuted
from markethall_engine.domain.ledger.fees import fee_credit_after, fee_due
from markethall_engine.domain.ledger.ledger import EXTERNAL, FEES
from tests.core_engine.domain.builders import BUY, SELL, SYMBOL, Venue, cancel, order, replace, venue


def held(at: Venue, account_id: str) -> tuple[int, int, int, int]:
    """USD available and reserved, GOLD available and reserved."""
    usd, gold = at.exchange.balance(account_id, "USD"), at.exchange.balance(account_id, "GOLD")
    return usd.available, usd.reserved, gold.available, gold.reserved


def test_a_buy_holds_back_its_notional_and_the_fee_at_the_higher_rate():
    at = venue(funds=10_000, maker_fee_ppm=1_000, taker_fee_ppm=2_000)
    at.place("maker", BUY, 10, 100)
    assert held(at, "maker") == (10_000 - 1_002, 1_002, 10_000, 0)
    at = venue(funds=10_000, maker_fee_ppm=3_000, taker_fee_ppm=2_000)
    at.place("maker", BUY, 10, 100)
    assert held(at, "maker") == (10_000 - 1_003, 1_003, 10_000, 0)


def test_a_sell_holds_back_its_base():
    at = venue(funds=10_000, maker_fee_ppm=1_000, taker_fee_ppm=2_000)
    at.place("maker", SELL, 10, 100)
    assert held(at, "maker") == (10_000, 0, 9_990, 10)


def test_a_trade_moves_base_and_notional_and_both_pay_in_quote():
    at = venue(funds=10_000, maker_fee_ppm=1_000, taker_fee_ppm=2_000)
    at.place("maker", SELL, 10, 100)
    at.place("taker", BUY, 10, 100)
    assert held(at, "maker") == (10_000 + 1_000 - 1, 0, 9_990, 0)
    assert held(at, "taker") == (10_000 - 1_000 - 2, 0, 10_010, 0)
    assert at.available(FEES, "USD") == 3


def test_a_fill_at_a_better_price_frees_what_it_saved():
    at = venue(funds=10_000)
    at.place("maker", SELL, 10, 90)
    at.place("taker", BUY, 20, 100)
    assert held(at, "taker") == (10_000 - 900 - 1_000, 1_000, 10_010, 0)


def test_a_resting_buy_that_pays_the_lower_maker_rate_frees_the_difference():
    at = venue(funds=10_000, maker_fee_ppm=1_000, taker_fee_ppm=2_000)
    at.place("maker", BUY, 10, 100)
    at.place("taker", SELL, 10, 100)
    assert held(at, "maker") == (10_000 - 1_000 - 1, 0, 10_010, 0)


def test_what_is_left_of_a_taker_holds_back_the_fee_at_the_higher_rate():
    at = venue(funds=10_000, maker_fee_ppm=5_000, taker_fee_ppm=1_000)
    at.place("maker", SELL, 4, 100)
    at.place("taker", BUY, 10, 100)
    assert held(at, "taker") == (10_000 - 401 - 603, 603, 10_004, 0)  # 0.4 and 3 cents: 0.6 are paid ahead


def test_what_an_order_held_back_is_free_again_when_it_ends():
    at = venue(funds=10_000, maker_fee_ppm=1_000, taker_fee_ppm=2_000)
    bid_id = at.place("maker", BUY, 10, 100)
    at.place("taker", SELL, 4, 100)
    at.submit(cancel("maker", bid_id))
    assert held(at, "maker") == (10_000 - 400 - 1, 0, 10_004, 0)


def test_an_order_s_fee_is_rounded_up_once_however_many_fills_it_took():
    at = venue(maker_fee_ppm=0, taker_fee_ppm=1_500)
    for _ in range(10):
        at.place("maker", SELL, 1, 100)
    events = at.submit(order("taker", BUY, 10, 100))
    # 0.15 cents a fill: 1.5 in all, charged as 2, each when the sum passes a whole cent.
    assert [event.taker_fee for event in events if isinstance(event, TradeExecuted)] == [
        1, 0, 0, 0, 0, 0, 1, 0, 0, 0,
    ]  # fmt: skip
    assert at.exchange.order(at.sequence).fees_paid == 2


def test_maker_and_taker_fills_of_one_order_are_summed_before_rounding():
    at = venue(maker_fee_ppm=1_000, taker_fee_ppm=2_000)
    at.place("maker", SELL, 1, 100)
    bid_id = at.place("taker", BUY, 3, 100)  # takes 1: 0.2 cents
    at.place("maker", SELL, 2, 100)  # makes 2: 0.2 cents
    assert at.exchange.order(bid_id).fees_paid == 1


def test_an_order_keeps_the_rates_of_the_moment_it_was_accepted():
    at = venue(maker_fee_ppm=1_000, taker_fee_ppm=1_000)
    ask_id = at.place("maker", SELL, 10, 1_000)
    at.submit(UpdateInstrument(SYMBOL, maker_fee_ppm=0, taker_fee_ppm=5_000))
    bid_id = at.place("taker", BUY, 10, 1_000)
    assert (at.exchange.order(ask_id).fees_paid, at.exchange.order(bid_id).fees_paid) == (10, 50)


def test_a_replaced_order_keeps_its_rates_and_its_fee_so_far():
    at = venue(maker_fee_ppm=1_500, taker_fee_ppm=1_500)
    bid_id = at.place("taker", BUY, 10, 100)
    at.place("maker", SELL, 1, 100)
    at.submit(replace("taker", bid_id, price_ticks=110))
    at.place("maker", SELL, 9, 110)
    assert at.exchange.order(bid_id).fees_paid == 2  # 0.15 + 1.485 = 1.635 cents


def test_a_fee_of_everything_leaves_a_seller_nothing_and_takes_no_more():
    at = venue(funds=1_000, maker_fee_ppm=1_000_000, taker_fee_ppm=1_000_000)
    at.place("maker", SELL, 3, 7)
    at.place("taker", BUY, 3, 7)
    assert (at.available("maker", "USD"), at.available("taker", "USD")) == (1_000, 1_000 - 42)
    assert at.available(FEES, "USD") == 42


def test_the_world_outside_is_short_of_what_is_on_deposit():
    at = venue(funds=500, taker_fee_ppm=100_000)
    at.place("maker", SELL, 3, 7)
    at.place("taker", BUY, 3, 7)
    assert at.available(EXTERNAL, "USD") == at.available(EXTERNAL, "GOLD") == -1_000


@given(
    fills=st.lists(st.tuples(st.integers(1, 10**12), st.integers(0, 1_000_000)), max_size=30),
)
def test_fees_of_fills_sum_to_the_exact_fee_rounded_up(fills):
    """Whatever the fills and their rates: never less than the exact fee, and less than one unit more."""
    paid = credit = exact = 0
    for notional, rate_ppm in fills:
        fee = fee_due(notional, rate_ppm, credit)
        credit = fee_credit_after(notional, rate_ppm, credit, fee)
        paid += fee
        exact += notional * rate_ppm
        assert 0 <= fee <= notional
        assert 0 <= credit < 1_000_000
        assert paid * 1_000_000 - exact == credit

"""All-or-none batches: each order would rest, or all are refused."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from markethall_engine.domain.commands import (
    CreateAccount,
    Deposit,
    PlaceOrder,
    UpdateInstrument,
    UpdateRiskLimits,
    same_request,
)
from markethall_engine.domain.exchange import Duplicate
from markethall_engine.domain.instructions import Instructions, SelfTradePrevention
from markethall_engine.domain.instrument import InstrumentStatus
from markethall_engine.domain.margin import Margin
from markethall_engine.domain.order import Side, TimeInForce
from markethall_engine.domain.reasons import RejectReason
from tests.core_engine.domain.builders import (
    BUY,
    FIRST_TIME_NS,
    FOK,
    IOC,
    SECOND_NS,
    SELL,
    SYMBOL,
    Venue,
    kinds,
    order,
    rejection,
    venue,
)


def tried(at: Venue, orders: list[PlaceOrder]) -> str:
    """Why the batch is refused; the trial has left no trace."""
    before = at.exchange.digest()
    why = at.exchange.why_batch_is_refused(orders, at.sequence + 1, at.time_ns)
    assert at.exchange.digest() == before
    assert not at.exchange.violations()
    return why


def bid(price_ticks: int, quantity_lots: int = 1, account_id: str = "maker", **terms: Any) -> PlaceOrder:
    return order(account_id, BUY, quantity_lots, price_ticks, **terms)


def ask(price_ticks: int, quantity_lots: int = 1, account_id: str = "maker", **terms: Any) -> PlaceOrder:
    return order(account_id, SELL, quantity_lots, price_ticks, **terms)


def test_quotes_that_rest_pass():
    at = venue()
    at.place("taker", BUY, 5, 95)
    assert tried(at, [bid(99), ask(101), bid(98, client_order_id="b"), ask(102)]) == ""


def test_orders_of_several_accounts_and_of_accounts_that_held_nothing_before():
    at = venue("maker", "taker", funds=0)
    at.submit(Deposit("taker", "USD", 99))
    assert tried(at, [bid(99, account_id="taker")]) == ""
    assert tried(at, [bid(99, account_id="taker"), bid(99)]) == (
        "order 1 would be refused: 0 USD available, 0.99 USD needed"
    )


def test_funds_are_counted_over_the_whole_batch():
    at = venue(funds=1_000)
    assert tried(at, [bid(100, 5), bid(100, 5)]) == ""
    assert tried(at, [bid(100, 5), bid(100, 6)]) == (
        "order 1 would be refused: 5 USD available, 6 USD needed"
    )


def test_limits_are_counted_over_the_whole_batch():
    at = venue()
    at.submit(UpdateRiskLimits("maker", max_orders_per_second=2, max_open_orders=3))
    assert tried(at, [bid(90), bid(91)]) == ""
    assert "max_orders_per_second" in tried(at, [bid(90), bid(91), bid(92)])
    at.submit(UpdateRiskLimits("maker", max_orders_per_second=0))
    assert "max_open_orders" in tried(at, [bid(90), bid(91), bid(92), bid(93)])


def test_an_order_that_would_take_refuses_all():
    at = venue()
    at.place("taker", SELL, 5, 105)
    assert tried(at, [bid(99), bid(105)]) == (
        "order 1 would not rest whole: it meets an order of the other side"
    )


def test_an_order_that_would_meet_another_of_the_batch_refuses_all():
    assert tried(venue(), [bid(99), ask(99)]) == (
        "order 1 would not rest whole: it meets an order of the other side"
    )


@pytest.mark.parametrize(
    ("unfit", "why"),
    [
        (order("maker", BUY, 1), "must be a LIMIT order of a time in force that lets it rest"),
        (bid(90, time_in_force=IOC), "must be a LIMIT order of a time in force that lets it rest"),
        (bid(90, time_in_force=FOK), "must be a LIMIT order of a time in force that lets it rest"),
        (
            bid(90, instructions=Instructions(min_quantity_lots=1)),
            "must not have a minimum quantity or a price that slides",
        ),
        (
            bid(90, instructions=Instructions(post_only=True, slide=True)),
            "must not have a minimum quantity or a price that slides",
        ),
    ],
)
def test_orders_that_do_not_just_rest_refuse_all(unfit: PlaceOrder, why: str):
    assert tried(venue(), [bid(80), unfit]) == f"order 1 {why}"


def test_a_repeated_batch_is_not_refused():
    at = venue()
    batch = [bid(90, client_order_id="a"), bid(91, client_order_id="b")]
    for command in batch:
        at.submit(command)
    assert tried(at, batch) == ""


def test_a_batch_with_one_order_placed_before_is_refused():
    at = venue()
    at.submit(bid(91, client_order_id="b"))
    assert tried(at, [bid(90, client_order_id="a"), bid(91, client_order_id="b")]) == (
        "order 1 was placed before"
    )


def test_a_client_order_id_used_twice_in_a_batch_refuses_it():
    assert tried(venue(), [bid(90, client_order_id="a"), bid(91, client_order_id="a")]) == (
        "order 1 has the client order id of another one of the batch"
    )


def test_a_trial_forgets_its_own_client_order_ids_and_no_others():
    at = venue()
    at.submit(bid(80, client_order_id="kept"))
    assert tried(at, [bid(90, client_order_id="tried")]) == ""
    assert at.exchange.order_id_of("maker", "kept") == at.sequence
    assert at.exchange.order_id_of("maker", "tried") is None


def test_each_order_of_a_refused_batch_is_refused_with_the_reason_and_for_ever():
    at = venue()
    asked = bid(90, client_order_id="a")
    refused = msgspec.structs.replace(asked, refused_because="order 1 would not rest")
    event = rejection(at.submit(refused))
    assert (event.reason, event.detail) == (RejectReason.BATCH_REFUSED, "order 1 would not rest")
    assert isinstance(at.decide(asked), Duplicate)
    assert same_request(refused, asked)


def batch_instructions() -> st.SearchStrategy[Instructions | None]:
    return st.none() | st.builds(
        Instructions,
        self_trade_prevention=st.none() | st.sampled_from(SelfTradePrevention),
        post_only=st.booleans(),
        display_lots=st.sampled_from([0, 0, 2]),
        reduce_only=st.sampled_from([False, False, True]),
        order_group_id=st.sampled_from(["", "", "g"]),
        session_id=st.sampled_from(["", "s"]),
        take_profit_ticks=st.sampled_from([0, 0, 200]),
        expire_time_ns=st.sampled_from([0, 0, 0, FIRST_TIME_NS + 1_000 * SECOND_NS]),
    )


def quotes(accounts: tuple[str, ...]) -> st.SearchStrategy[list[PlaceOrder]]:
    one = st.builds(
        order,
        st.sampled_from(accounts),
        st.sampled_from([Side.BUY, Side.SELL]),
        st.integers(0, 40),
        st.integers(1, 110),
        client_order_id=st.sampled_from(["", "", "a", "b", "c"]),
        instructions=batch_instructions(),
    )
    timed = one.map(
        lambda placed: (
            msgspec.structs.replace(placed, time_in_force=TimeInForce.GTD)
            if placed.instructions is not None and placed.instructions.expire_time_ns
            else placed
        )
    )
    return st.lists(timed, min_size=1, max_size=6)


ACCOUNTS = ("maker", "taker", "borrower", "poor")


@given(quotes(ACCOUNTS), quotes((*ACCOUNTS, "nobody")), st.booleans())
def test_what_passes_the_trial_rests_and_what_does_not_had_a_reason(
    before: list[PlaceOrder], batch: list[PlaceOrder], in_auction: bool
):
    at = venue(funds=2_000, maker_fee_ppm=1_234)
    at.submit(UpdateRiskLimits("taker", max_orders_per_second=3, max_open_orders=4))
    at.submit(CreateAccount("poor"))
    at.submit(CreateAccount("borrower", margin=Margin(500_000, 250_000)))
    at.submit(Deposit("borrower", "USD", 500))
    for command in before:
        at.decide(command)
    if in_auction:
        at.submit(UpdateInstrument(SYMBOL, status=InstrumentStatus.AUCTION))
    why = tried(at, batch)
    time_ns = at.time_ns
    outcomes = []
    for sequence, command in enumerate(batch, start=at.sequence + 1):
        decision = at.exchange.decide(command, sequence, time_ns)
        outcomes.append("Duplicate" if isinstance(decision, Duplicate) else "+".join(kinds(decision)))
        for event in [] if isinstance(decision, Duplicate) else decision:
            at.exchange.apply(event, sequence, time_ns)
    all_rest = all(outcome == "OrderAccepted+OrderRested" for outcome in outcomes)
    all_repeat = all(outcome == "Duplicate" for outcome in outcomes)
    assert (why == "") == (all_rest or all_repeat)

"""What events move between the accounts of the ledger."""

from collections import Counter

import pytest

from markethall_engine.domain.commands import Deposit, Withdraw
from markethall_engine.domain.instrument import Instrument, Step
from markethall_engine.domain.ledger.ledger import EXTERNAL, FEES
from markethall_engine.domain.ledger.movements import movements_of
from markethall_engine.domain.ledger.records import Movement, MovementKind
from tests.core_engine.domain.builders import BUY, SELL, Venue, order, venue

TRADE, FEE = MovementKind.TRADE, MovementKind.FEE


def moved(at: Venue, command) -> list[Movement]:
    """What a command moves."""

    def instrument_of(symbol: str) -> Instrument:
        instrument = at.exchange.instrument(symbol)
        assert instrument is not None
        return instrument

    return [movement for event in at.submit(command) for movement in movements_of(event, instrument_of)]


def test_a_deposit_comes_from_outside_and_a_withdrawal_goes_there():
    at = venue()
    assert moved(at, Deposit("maker", "USD", 50, "wire 1")) == [
        Movement(EXTERNAL, "maker", "USD", 50, MovementKind.DEPOSIT, "wire 1")
    ]
    assert moved(at, Withdraw("maker", "USD", 20, "wire 2")) == [
        Movement("maker", EXTERNAL, "USD", 20, MovementKind.WITHDRAWAL, "wire 2")
    ]


@pytest.mark.parametrize("maker_side", [BUY, SELL])
def test_a_trade_moves_base_and_notional_and_both_fees(maker_side):
    at = venue(lot_size=Step(5, 0), maker_fee_ppm=1_000, taker_fee_ppm=2_000)
    assert moved(at, order("maker", maker_side, 4, 1_000)) == []
    taker_side = SELL if maker_side is BUY else BUY
    buyer, seller = ("maker", "taker") if maker_side is BUY else ("taker", "maker")
    fees = {"maker": 20, "taker": 40}
    assert moved(at, order("taker", taker_side, 4, 1_000)) == [
        Movement(seller, buyer, "GOLD", 20, TRADE, "1"),
        Movement(buyer, seller, "USD", 20_000, TRADE, "1"),
        Movement(buyer, FEES, "USD", fees[buyer], FEE, "1"),
        Movement(seller, FEES, "USD", fees[seller], FEE, "1"),
    ]


def test_no_fee_is_no_movement():
    at = venue()
    at.place("maker", SELL, 1, 100)
    assert [movement.kind for movement in moved(at, order("taker", BUY, 1, 100))] == [TRADE, TRADE]


def test_what_is_set_aside_for_an_order_stays_in_its_account():
    assert moved(venue(), order("maker", BUY, 1, 100)) == []


def test_all_movements_together_are_the_balances():
    at = venue(maker_fee_ppm=1_000, taker_fee_ppm=2_000, funds=0)
    movements = moved(at, Deposit("maker", "GOLD", 50)) + moved(at, Deposit("taker", "USD", 100_000))
    movements += moved(at, order("maker", SELL, 4, 1_000))
    movements += moved(at, order("taker", BUY, 3, 1_000)) + moved(at, Withdraw("maker", "USD", 10))
    totals: Counter[tuple[str, str]] = Counter()
    for movement in movements:
        totals[movement.payer, movement.asset] -= movement.amount
        totals[movement.payee, movement.asset] += movement.amount
    assert totals == {
        (account_id, balance.asset): balance.available + balance.reserved
        for account_id in ("maker", "taker", EXTERNAL, FEES)
        for balance in at.exchange.balances(account_id)
    }

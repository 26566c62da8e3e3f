"""A state that is broken by hand is found out: otherwise the simulator would prove nothing."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from markethall_engine.domain.invariants import violations
from markethall_engine.domain.reasons import CancelReason
from markethall_engine.domain.risk.account_risk import AccountRisk
from markethall_engine.domain.risk.limits import RiskLimits
from markethall_engine.domain.risk.trading_switch import TradingState, TradingSwitch
from markethall_engine.domain.state import ExchangeState
from tests.core_engine.domain.builders import BUY, SELL, SYMBOL, venue


def some_state() -> tuple[ExchangeState, int, int]:
    """A venue with a trade behind it, a bid (partly filled) and an ask, and their ids."""
    at = venue(maker_fee_ppm=1_000, taker_fee_ppm=2_000)
    bid_id = at.place("maker", BUY, 10, 100)
    at.place("taker", SELL, 4, 100)
    ask_id = at.place("maker", SELL, 5, 101)
    return at.exchange._state, bid_id, ask_id


def broken(state: ExchangeState, bid_id: int, ask_id: int) -> dict[str, Callable[[], object]]:
    market = state.markets[SYMBOL]
    bid = state.live_orders[bid_id]
    usd = state.ledger.balance("maker", "USD")
    positions = {name: state.accounts[name].position(SYMBOL) for name in ("maker", "taker")}

    def set_(thing: object, **changes: object) -> Callable[[], None]:
        def change() -> None:
            for name, value in changes.items():
                setattr(thing, name, value)

        return change

    def cross() -> None:
        market.book.asks.remove(state.live_orders[ask_id])
        state.live_orders[ask_id].price_ticks = 99
        market.book.asks.add(state.live_orders[ask_id])

    def switch(trading_state: TradingState) -> TradingSwitch:
        return TradingSwitch("", SYMBOL, trading_state, "", 0)

    def limit() -> AccountRisk:
        account = state.accounts["maker"]
        account.risk = AccountRisk(RiskLimits(max_open_orders=9), account.live_orders.values())
        return account.risk

    def overdraw() -> None:
        state.ledger.balance("taker", "USD").available -= 10_000_000
        usd.available += 10_000_000

    return {
        "not what its live orders hold back": set_(
            usd, reserved=usd.reserved - 1, available=usd.available + 1
        ),
        "is overdrawn": overdraw,
        "sums to 1, not to zero": set_(usd, available=usd.available + 1),
        "do not sum to zero lots": set_(positions["maker"], quantity_lots=5),
        "less realized profit": set_(positions["maker"], cost=401),
        "flat position": set_(positions["maker"], quantity_lots=0),
        "positions paid": set_(positions["maker"], fees_paid=0),
        "alive": lambda: state.live_orders.pop(bid_id),
        "both alive and closed": lambda: state.keep_closed(bid.record()),
        "closed order OrderRecord(order_id=99": lambda: state.keep_closed(
            replace(bid.canceled_record(CancelReason.REQUESTED), order_id=99, canceled_lots=5)
        ),
        "are not in order": lambda: state.accounts["maker"].order_ids.append(1),
        "is crossed": cross,
        "rests where it does not belong": set_(bid, is_resting=False),
        "out of order": lambda: market.book.bids.ladder._keys.append(100),
        "takes care of 1": set_(market.book.bids.level(100), careful_orders=1),
        "the reduce-only orders of maker are noted": lambda: state.accounts["maker"].add_reduce_only(bid),
        "exceed its position": lambda: state.accounts["maker"].add_reduce_only(bid),
        "the groups of maker": lambda: state.accounts["maker"].join_group(bid, "pair"),
        "counts": set_(market.book.bids.level(100), order_count=2),
        "wrong sum": set_(market.book.bids.level(100), quantity_lots=7),
        "another price": set_(bid, price_ticks=98),
        "does not add up": set_(bid, filled_lots=5),
        "lots and hides": set_(bid, hidden_lots=2),
        "fee credit": set_(bid, fee_credit=1_000_000),
        "holds back": set_(bid, reserved=1),
        "not those of its live orders": lambda: limit().change_open_lots(bid, 1),
        "kept without a limit": lambda: limit().order_times_ns.append(1),
        "is not noted under its session ''": lambda: state.sessions.update({"s": {bid_id: bid}}),
        "session 's' has order 99, which": lambda: state.sessions.update({"s": {99: bid}}),
        "said to stop trading": set_(state.switches, stopped=1),
        "GOLD-USD: stop orders set() wait": set_(bid, is_pending=True),
        f"stop order {bid_id} holds back": set_(bid, is_pending=True),
        f"lives while instrument {SYMBOL} is HALTED": lambda: state.switches.set(switch(TradingState.HALTED)),
        f"lives while instrument {SYMBOL} is REDUCING": lambda: state.switches.set(
            switch(TradingState.REDUCING)
        ),
    }


def test_all_is_well_to_begin_with():
    assert violations(some_state()[0]) == []


@pytest.mark.parametrize("problem", list(broken(*some_state())))
def test_what_is_broken_is_found(problem):
    state, bid_id, ask_id = some_state()
    broken(state, bid_id, ask_id)[problem]()
    assert any(problem in found for found in violations(state)), violations(state)

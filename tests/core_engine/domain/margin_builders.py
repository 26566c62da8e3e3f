"""An account that may borrow, and what it owes."""

from markethall_engine.domain.commands import CreateAccount, Deposit
from markethall_engine.domain.margin import Margin
from tests.core_engine.domain.builders import BUY, SELL, SYMBOL, Venue, order, venue

HALF = Margin(500_000, 250_000)


def margin_venue(cash: int = 1_000, price: int = 100, margin: Margin = HALF, **terms: object) -> Venue:
    """`trader` may borrow and has `cash` cents; GOLD-USD last traded at `price`; `maker` has plenty."""
    at = venue("maker", "other", **terms)
    at.submit(CreateAccount("trader", margin=margin))
    if cash:
        at.submit(Deposit("trader", "USD", cash))
    if price:
        at.place("maker", SELL, 1, price)
        at.place("other", BUY, 1, price)
    return at


def short_seller(lots: int = 10, cash: int = 1_000, margin: Margin = HALF, **terms: object) -> Venue:
    """`trader` came with `cash` cents and sold `lots` short at 100; `maker` and `other` have plenty."""
    at = margin_venue(cash, margin=margin, **terms)
    at.place("maker", BUY, lots, 100)
    at.submit(order("trader", SELL, lots, 100))
    assert at.exchange.position("trader", SYMBOL).quantity_lots == -lots
    return at

"""Positions by average cost.

A position is what trading has brought: lots bought less lots sold, and what the open lots cost. A fill in
its direction adds to both. A fill against it takes out the closed share of the cost, and the difference to
what was paid or received is realized; a fill through zero closes what was open and opens the rest at its
own price. The closed share, `cost * closed / open`, is rounded up (towards plus infinity), so that realized
profit is never shown early: the account's profit is understated, by less than one minor unit a fill, until
the position is flat, when the whole remaining cost goes and the sum is exact. Nobody gains by it: it is
bookkeeping over cash flows that the ledger has settled to the unit.

Fees are counted beside it and are not in cost or profit.
"""

from typing import Final

from markethall_engine.domain.ledger.records import PositionRecord

_DAY_NS: Final = 86_400 * 1_000_000_000


def day_of(time_ns: int) -> int:
    """The day of a time, in days since 1970 (UTC)."""
    return time_ns // _DAY_NS


class Position:
    """A position as it is kept; only `transitions` writes to one."""

    __slots__ = (
        "account_id",
        "cost",
        "day",
        "fees_paid",
        "gain_before_day",
        "quantity_lots",
        "realized_pnl",
        "symbol",
    )

    def __init__(self, account_id: str, symbol: str) -> None:
        self.account_id = account_id
        self.symbol = symbol
        self.quantity_lots = 0
        self.cost = 0
        self.realized_pnl = 0
        self.fees_paid = 0
        self.day = 0  # of its last fill; see `day_of`
        self.gain_before_day = 0  # realized less fees when that day began

    def begin_day(self, day: int) -> None:
        """Count what is realized from now on as of another day."""
        self.day = day
        self.gain_before_day = self.realized_pnl - self.fees_paid

    def gain_on(self, day: int) -> int:
        """What was realized less fees on a day that is not before that of the last fill."""
        return self.realized_pnl - self.fees_paid - self.gain_before_day if day == self.day else 0

    def fill(self, signed_lots: int, signed_notional: int, fee: int) -> None:
        """Take in one fill: above zero for a buy, below for a sell, quantity and notional alike."""
        self.fees_paid += fee
        open_lots = self.quantity_lots
        if open_lots * signed_lots >= 0:
            self.quantity_lots = open_lots + signed_lots
            self.cost += signed_notional
        elif abs(signed_lots) <= abs(open_lots):
            closed_cost = -(-self.cost * abs(signed_lots) // abs(open_lots))
            self.realized_pnl -= signed_notional + closed_cost
            self.cost -= closed_cost
            self.quantity_lots = open_lots + signed_lots
        else:
            closing_notional = signed_notional * -open_lots // signed_lots
            self.realized_pnl -= closing_notional + self.cost
            self.cost = signed_notional - closing_notional
            self.quantity_lots = open_lots + signed_lots

    def record(self) -> PositionRecord:
        return PositionRecord(
            self.account_id, self.symbol, self.quantity_lots, self.cost, self.realized_pnl, self.fees_paid
        )

"""What an account holds of one asset, and where it stands in one instrument, as facts at one moment."""

import msgspec


class BalanceRecord(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Minor units of `asset`; the total is the sum of the two."""

    account_id: str
    asset: str
    available: int
    """Free to be reserved or withdrawn."""
    reserved: int
    """Held back for live orders."""


class PositionRecord(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What trading an instrument has brought an account; deposits of the base asset are not part of it.

    Money is in minor units of the quote asset. Profit and loss is before fees.
    """

    account_id: str
    symbol: str
    quantity_lots: int
    """Above zero is long, below is short."""
    cost: int
    """What the open quantity cost, negative for a short; over quantity_lots, the average cost."""
    realized_pnl: int
    fees_paid: int

    def unrealized_pnl(self, mark_value: int) -> int:
        """What closing now would bring, where `mark_value` is quote minor units a lot."""
        return self.quantity_lots * mark_value - self.cost

"""Balances, positions and movements as readers see them: facts at one moment, that never change."""

from enum import IntEnum

import msgspec


class MovementKind(IntEnum):
    """Why money moved; the contract has the names in lower case."""

    DEPOSIT = 1
    WITHDRAWAL = 2
    TRADE = 3
    FEE = 4
    TRANSFER = 5


class Movement(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An amount, above zero, that one account of the ledger gave to another; in minor units of `asset`."""

    payer: str
    payee: str
    asset: str
    amount: int
    kind: MovementKind
    reference: str
    """The trade's id, or the note of who moved it."""


class BalanceRecord(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A balance at one moment, in minor units of `asset`; the total is the sum of the two."""

    account_id: str
    asset: str
    available: int
    """Free to be reserved or withdrawn."""
    reserved: int
    """Held back for live orders."""


class FeesRecord(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the venue has earned in one asset."""

    asset: str
    collected: int
    """All fees, in minor units."""
    rounding: int
    """What rounding up came to over all ended orders, in millionths of a minor unit."""


class PositionRecord(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A position at one moment; money is in minor units of the quote asset."""

    account_id: str
    symbol: str
    quantity_lots: int
    """Above zero is long, below is short."""
    cost: int
    """What the open quantity cost, negative for a short; average cost times quantity_lots."""
    realized_pnl: int
    """Of what was closed, before fees."""
    fees_paid: int

    def unrealized_pnl(self, lot_value: int) -> int:
        """What closing at a price would realize, where one lot is worth `lot_value` minor units there."""
        return self.quantity_lots * lot_value - self.cost

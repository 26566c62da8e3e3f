"""Whether something may trade: the kill switches of the venue, of instruments and of accounts."""

from enum import IntEnum

import msgspec


class TradingState(IntEnum):
    """What a switch lets pass; names and numbers are the contract's, and the journal's."""

    ACTIVE = 1
    """Everything."""
    REDUCING = 2
    """Only what lowers exposure: see `risk.exposure`."""
    HALTED = 3
    """Nothing but cancels."""


class TradingSwitch(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A switch as it was last set: of an account, of an instrument, or of the venue if both are empty."""

    account_id: str
    symbol: str
    state: TradingState
    reason: str
    """In the words of who set it."""
    update_time_ns: int

    @property
    def name(self) -> str:
        """What it switches, for people to read."""
        if self.account_id:
            return f"account {self.account_id}"
        return f"instrument {self.symbol}" if self.symbol else "the venue"

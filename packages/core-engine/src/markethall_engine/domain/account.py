"""Who trades: an account owns orders, balances and positions."""

import msgspec

from markethall_engine.domain.margin import Margin


class Account(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A customer's account as it is defined; what it holds and does is elsewhere."""

    account_id: str
    display_name: str
    create_time_ns: int
    fee_tier: str = ""
    """Which of an instrument's fee tiers it pays; the instrument's own fees where there is none."""
    self_trade_group_id: str = ""
    """Accounts of one group count as one for self-trade prevention; empty for none."""
    parent_account_id: str = ""
    """The account that it belongs to, which belongs to none itself; empty for none."""
    margin: Margin | None = None
    """Of an account that may borrow."""

    def is_related(self, other: "Account") -> bool:
        """Whether both are of one family: a parent and its sub-accounts."""
        family = other.parent_account_id or other.account_id
        return (self.parent_account_id or self.account_id) == family

"""Who trades: an account owns orders, balances and positions."""

import msgspec


class Account(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A customer's account as it is defined; what it holds and does is elsewhere."""

    account_id: str
    display_name: str
    create_time_ns: int

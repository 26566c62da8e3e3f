"""What assets, instruments and accounts may be called, and how long a client's own texts may be.

The rules are the contract's. No name begins with `@`, which the venue's own ledger accounts do.
"""

import re
from typing import Final

ASSET_FORM: Final = "1 to 16 of A-Z 0-9 . _"
SYMBOL_FORM: Final = "1 to 32 of A-Z 0-9 . _ -"
ACCOUNT_ID_FORM: Final = "1 to 64 of a-z A-Z 0-9 . _ -"
FEE_TIER_FORM: Final = "1 to 32 of a-z A-Z 0-9 . _ -"
GROUP_ID_FORM: Final = ACCOUNT_ID_FORM
CLIENT_ORDER_ID_FORM: Final = "at most 64 printable ASCII characters"
ORDER_GROUP_ID_FORM: Final = CLIENT_ORDER_ID_FORM
MAX_NOTE_LENGTH: Final = 128
"""The most characters in a display name or in the reference of a deposit or withdrawal."""

_ASSET: Final = re.compile(r"[A-Z0-9._]{1,16}", re.ASCII)
_SYMBOL: Final = re.compile(r"[A-Z0-9._-]{1,32}", re.ASCII)
_ACCOUNT_ID: Final = re.compile(r"[a-zA-Z0-9._-]{1,64}", re.ASCII)
_FEE_TIER: Final = re.compile(r"[a-zA-Z0-9._-]{1,32}", re.ASCII)


def is_asset_code(text: str) -> bool:
    return _ASSET.fullmatch(text) is not None


def is_symbol(text: str) -> bool:
    return _SYMBOL.fullmatch(text) is not None


def is_account_id(text: str) -> bool:
    return _ACCOUNT_ID.fullmatch(text) is not None


def is_fee_tier(text: str) -> bool:
    return _FEE_TIER.fullmatch(text) is not None


def is_group_id(text: str) -> bool:
    """Whether `text` may name a self-trade group."""
    return is_account_id(text)


def is_client_order_id(text: str) -> bool:
    """Whether `text` may be a client order id; the empty one is none at all."""
    return len(text) <= 64 and text.isascii() and text.isprintable()

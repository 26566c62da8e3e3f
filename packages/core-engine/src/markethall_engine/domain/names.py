"""What assets, instruments and accounts may be called, and how long a client's own identifiers may be."""

import re

MAX_REFERENCE_LENGTH = 128
"""The most characters in a client order id, a transfer reference or a display name."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}", re.ASCII)

NAME_FORM = "1 to 64 of the characters A-Z a-z 0-9 . _ : / - and first a letter or a digit"


def is_name(text: str) -> bool:
    """Whether `text` may name an asset, an instrument or an account; `NAME_FORM` says the rule in words.

    The venue's own ledger accounts begin with `@`, so that no customer's account can be one of them.
    """
    return _NAME.fullmatch(text) is not None

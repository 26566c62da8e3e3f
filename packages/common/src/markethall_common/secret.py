"""A text that is used but never shown."""

import hmac

MASK = "***"


class Secret:
    """Holds a password, a token or a key; only `reveal()` gives it up.

    Printed, formatted or logged, by itself or within another value, it is `***`. It cannot be pickled or
    changed, and comparing two takes the same time wherever they differ.
    """

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text

    def reveal(self) -> str:
        return self.__text

    def __bool__(self) -> bool:
        """Whether there is anything to keep: an empty secret is none."""
        return bool(self.__text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.__text.encode(), other.__text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self.__text))

    def __repr__(self) -> str:
        return MASK

    def __reduce__(self) -> str:
        raise TypeError("a Secret is not pickled")

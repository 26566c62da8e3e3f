"""Types of the compiled codec, which is `generated` in C: see `compiled.pyx`."""

from collections.abc import Callable
from typing import TypeVar

import betterproto2

M = TypeVar("M", bound=betterproto2.Message)

def encoder(cls: type[M]) -> Callable[[M], bytes]: ...
def decoder(cls: type[M]) -> Callable[[bytes], M]: ...
def composer(cls: type[M], names: tuple[str, ...]) -> Callable[..., M]: ...

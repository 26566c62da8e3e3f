"""Times: nanoseconds since 1970 inside, `google.protobuf.Timestamp` outside.

The generated messages hold a timestamp as a `datetime`, so what the contract shows is cut to microseconds.
"""

import datetime
from functools import lru_cache

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)


@lru_cache(maxsize=64)
def timestamp(time_ns: int) -> datetime.datetime:
    """Write nanoseconds since 1970; the commands of one group share one value, hence the memory."""
    return _EPOCH + datetime.timedelta(microseconds=time_ns // 1_000)


def nanoseconds(time: datetime.datetime) -> int:
    """Read a time, exactly; it is aware, as every timestamp of a message is."""
    return (time - _EPOCH) // _MICROSECOND * 1_000

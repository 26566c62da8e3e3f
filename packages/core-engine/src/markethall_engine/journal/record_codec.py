"""Records as text, and the chain of checksums that holds them together.

A record is a JSON array, so that the journal can be read for ever with nothing but a SQLite shell, and so
that no integer is too large for it (decision 0040). Each record's checksum covers the checksum before it:
one value vouches for a whole prefix of the journal, and a changed, missing or exchanged record breaks every
checksum from there on.
"""

from hashlib import blake2b

import msgspec

from markethall_engine.application.record import Record

CHECKSUM_BYTES = 16
NO_RECORDS = bytes(CHECKSUM_BYTES)
"""The checksum of an empty journal."""

encode_record = msgspec.json.Encoder().encode
"""Write a record as compact JSON in ASCII or UTF-8; equal records give equal bytes."""

decode_record = msgspec.json.Decoder(Record).decode
"""Read a record; raises `msgspec.DecodeError` for anything that is none."""


def chain(checksum: bytes, encoded: bytes) -> bytes:
    """Return the checksum of all records up to `encoded`, from the one of all before it."""
    return blake2b(checksum + encoded, digest_size=CHECKSUM_BYTES).digest()

"""Records as text, and the chain of checksums that holds them together.

A record is a JSON array, so that the journal can be read for ever with nothing but a SQLite shell, and so
that no integer is too large for it (decision 0040). Each record's checksum covers the checksum before it:
one value vouches for a whole prefix of the journal, and a changed, missing or exchanged record breaks every
checksum from there on.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b

import msgspec

from markethall_engine.application.ports import JournalCorrupt
from markethall_engine.application.record import Record

NO_RECORDS = "0" * 32
"""The checksum of an empty journal."""

encode_record = msgspec.json.Encoder().encode
"""Write a record as one line of compact JSON in UTF-8; equal records give equal bytes."""

_decoder = msgspec.json.Decoder(Record)
_decode_record, _decode_lines = _decoder.decode, _decoder.decode_lines


class StoredRecord(msgspec.Struct, frozen=True, gc=False):
    """A record as it is stored; `checksum` is of all records up to this one, 32 hexadecimal digits."""

    sequence: int
    encoded: bytes
    checksum: str


def chain(checksum: str, encoded: bytes) -> str:
    """Return the checksum of all records up to `encoded`, from the one of all before it."""
    return blake2b(checksum.encode() + encoded, digest_size=16).hexdigest()


def store(record: Record, checksum: str) -> StoredRecord:
    """Encode the record that follows the one with `checksum`."""
    encoded = encode_record(record)
    return StoredRecord(record.sequence, encoded, chain(checksum, encoded))


def sound_block(columns: Sequence[bytes], sequence: int, checksum: str) -> list[Record] | None:
    """Decode records that follow the one of `sequence` and `checksum`, given as columns, a line a record.

    The columns are sequences, records and checksums. None where a record is missing or not as it was written:
    taken one by one, `verified` says which. The checks are the same, and take less time at once.
    """
    sequences, encoded, checksums = columns
    lines = encoded.split(b"\n")
    count = len(lines)
    expected = range(sequence + 1, sequence + 1 + count)
    if sequences != "\n".join(map(str, expected)).encode():
        return None
    chained = checksum.encode()
    chain_of_block: list[bytes] = []
    for line in lines:
        chained = blake2b(chained + line, digest_size=16).hexdigest().encode()
        chain_of_block.append(chained)
    if checksums != b"\n".join(chain_of_block):
        return None
    try:
        records = _decode_lines(encoded)
    except msgspec.DecodeError:
        return None
    return records if [record.sequence for record in records] == list(expected) else None


def verified(stored: Iterable[StoredRecord], sequence: int, checksum: str, journal: str) -> Iterator[Record]:
    """Decode records that follow the one of `sequence` and `checksum`; `journal` is for messages.

    Raises `JournalCorrupt`, naming the sequence, at the first that is missing or not as it was written.
    """
    for found in stored:
        sequence += 1
        if found.sequence != sequence:
            raise JournalCorrupt(sequence, f"missing; the next record found is {found.sequence}", journal)
        checksum = chain(checksum, found.encoded)
        if found.checksum != checksum:
            raise JournalCorrupt(
                sequence,
                f"its checksum does not match its content: expected {checksum}, found {found.checksum}",
                journal,
            )
        try:
            record = _decode_record(found.encoded)
        except msgspec.DecodeError as problem:
            raise JournalCorrupt(sequence, f"this version cannot read it: {problem}", journal) from problem
        if record.sequence != sequence:
            raise JournalCorrupt(sequence, f"it holds the record of sequence {record.sequence}", journal)
        yield record

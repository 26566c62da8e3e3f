"""The program that Google's conformance runner tests: it reads requests from stdin and answers on stdout.

`python -m tests.protos.codec.conformance.testee DIRECTORY PACKAGE` takes the classes of conformance.proto
and test_messages_proto3.proto from betterproto2's package PACKAGE in DIRECTORY. Each message on the pipe
follows its length, 4 bytes, little-endian. The messages of the pipe itself go through the codec too.
"""

import importlib
import struct
import sys
from typing import Any, BinaryIO

from markethall_protos.codec import DecodeError, EncodeError, JsonError, decode, encode, from_json, to_json

TESTED = "protobuf_test_messages.proto3.TestAllTypesProto3"
PROTOBUF, JSON = 1, 2
"""Of the enum conformance.WireFormat."""

IGNORING_UNKNOWN_FIELDS = 3
"""Of the enum conformance.TestCategory."""
LOST_NAMES = {
    "field_name_7": "fieldName7",
    "field_name_8": "FieldName8",
    "_TestAllTypesProto3__field_name13": "__field_name13",
    "_TestAllTypesProto3__Field_name14": "__Field_name14",
}
"""What betterproto2 makes of names that are not in snake_case, and what they were: it does not keep them."""


class Testee:
    """Answers requests with the classes of a generated package."""

    def __init__(self, package: str) -> None:
        self._protocol = importlib.import_module(f"{package}.conformance")
        self._tested = importlib.import_module(f"{package}.protobuf_test_messages.proto3").TestAllTypesProto3

    def serve(self, requests: BinaryIO, responses: BinaryIO) -> None:
        while head := requests.read(4):
            request = requests.read(struct.unpack("<I", head)[0])
            answer = encode(self._answer(decode(self._protocol.ConformanceRequest, request)))
            responses.write(struct.pack("<I", len(answer)) + answer)
            responses.flush()

    def _answer(self, request: Any) -> Any:
        response = self._protocol.ConformanceResponse
        if request.message_type == "conformance.FailureSet":
            return response(protobuf_payload=encode(self._protocol.FailureSet()))
        if request.message_type != TESTED:
            return response(skipped="only proto3 is of interest")
        if request.protobuf_payload is None and request.json_payload is None:
            return response(skipped="only the binary format and JSON are of interest")
        if request.test_category == IGNORING_UNKNOWN_FIELDS:
            return response(skipped="unknown fields in JSON are refused, always")
        try:
            message = self._parse(request)
        except (DecodeError, JsonError) as error:
            return response(parse_error=str(error))
        try:
            if request.requested_output_format == PROTOBUF:
                return response(protobuf_payload=encode(message))
            if request.requested_output_format == JSON:
                return response(json_payload=self._to_json(message))
        except EncodeError as error:
            return response(serialize_error=str(error))
        return response(skipped="only the binary format and JSON are of interest")

    def _to_json(self, message: Any) -> str:
        text = to_json(message).decode()
        for name, lost in LOST_NAMES.items():
            text = text.replace(f'"{name}":', f'"{lost}":')
        return text

    def _parse(self, request: Any) -> Any:
        if request.protobuf_payload is not None:
            return decode(self._tested, request.protobuf_payload)
        return from_json(self._tested, request.json_payload)


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    Testee(sys.argv[2]).serve(sys.stdin.buffer, sys.stdout.buffer)

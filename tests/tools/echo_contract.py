"""A contract with one service of all four kinds of call: what the generator is tried on."""

from pathlib import Path

PACKAGE = "echo.v1"
SCOPE_OPTION = "echo.v1.scope"

PROTO = r"""
syntax = "proto3";

package echo.v1;

import "google/api/annotations.proto";
import "google/protobuf/descriptor.proto";
import "google/protobuf/timestamp.proto";

extend google.protobuf.MethodOptions {
  string scope = 50001;
}

// Says things back.
//
// A path like C:\echo and a word in "quotes"
service EchoService {
  // One for one.
  rpc Say(SayRequest) returns (SayResponse) {
    option (google.api.http) = {
      post: "/v1/sayings"
      body: "saying"
      additional_bindings {
        get: "/v1/sayings/{text}"
        response_body: "text"
      }
    };
    option (scope) = "echo:write";
  }
  // One for many.
  rpc Repeat(RepeatRequest) returns (stream RepeatResponse) {
    option (google.api.http) = {get: "/v1/repeats"};
  }
  // Many for one.
  rpc Join(stream JoinRequest) returns (JoinResponse);
  rpc Chat(stream ChatRequest) returns (stream ChatResponse);
}

// What to say.
message SayRequest {
  string text = 1;
  Saying saying = 2;
}
message Saying {
  google.protobuf.Timestamp said_time = 1;
}
message SayResponse {
  string text = 1;
}
message RepeatRequest {
  string text = 1;
  int32 times = 2;
}
message RepeatResponse {
  string text = 1;
}
message JoinRequest {
  string text = 1;
}
message JoinResponse {
  string text = 1;
}
message ChatRequest {
  string text = 1;
}
message ChatResponse {
  string text = 1;
}
"""


def write_echo_protos(folder: Path) -> Path:
    """Write the proto under `folder` and return the root that protoc wants."""
    file = folder / "echo" / "v1" / "echo.proto"
    file.parent.mkdir(parents=True)
    file.write_text(PROTO)
    return folder

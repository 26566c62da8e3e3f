"""What the generated route tables are made of: a call of the contract, and an HTTP request for it."""

from dataclasses import dataclass

import betterproto2


@dataclass(frozen=True, slots=True)
class Rpc:
    """A method of a service.

    `path` is gRPC's, such as `/markethall.v1.OrderService/PlaceOrder`. `scope` names what a caller must
    be allowed, such as `orders:write`; empty means that anybody may call.
    """

    path: str
    request_type: type[betterproto2.Message]
    response_type: type[betterproto2.Message]
    client_streaming: bool = False
    server_streaming: bool = False
    scope: str = ""

    @property
    def service(self) -> str:
        """The service's full name, such as `markethall.v1.OrderService`."""
        return self.path.split("/")[1]

    @property
    def name(self) -> str:
        """The method's name in the proto, such as `PlaceOrder`."""
        return self.path.split("/")[2]


@dataclass(frozen=True, slots=True)
class HttpRoute:
    """An HTTP request that reaches `rpc`, as google.api.http in the contract maps it.

    `path` is the template as written there, such as `/v1/orders/{order_id}`. `body` names the request's
    field that the HTTP body holds: `*` means every field that the path does not bind, empty means that
    there is no body and the query has them. `response_body` names the response's field that becomes the
    HTTP body; empty means the whole response.
    """

    method: str
    path: str
    rpc: Rpc
    body: str = ""
    response_body: str = ""

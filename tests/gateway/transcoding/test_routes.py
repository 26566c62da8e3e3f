import pytest

from markethall_gateway.transcoding.routes import Found, RouteTable
from markethall_protos.routes import HttpRoute
from markethall_protos.v1 import ROUTES


def table(*routes: str) -> RouteTable[str]:
    """A table whose endpoints are the routes' own texts, such as `GET /v1/orders`."""
    made: RouteTable[str] = RouteTable()
    for route in routes:
        method, template = route.split(" ")
        made.add(method, template, route)
    return made


def test_a_literal_path_leads_to_its_endpoint() -> None:
    assert table("POST /v1/orders").find("POST", "/v1/orders") == Found("POST /v1/orders", {})


def test_a_variable_takes_one_segment() -> None:
    routes = table("GET /v1/orders/{order_id}")
    assert routes.find("GET", "/v1/orders/7") == Found("GET /v1/orders/{order_id}", {"order_id": "7"})
    assert routes.find("GET", "/v1/orders/7/8") is None
    assert routes.find("GET", "/v1/orders/") is None
    assert routes.find("GET", "/v1/orders") is None


def test_an_escaped_slash_stays_within_its_segment() -> None:
    found = table("GET /v1/orders/{order_id}").find("GET", "/v1/orders/a%2Fb%20c")
    assert found == Found("GET /v1/orders/{order_id}", {"order_id": "a/b c"})


def test_an_escaped_slash_stays_escaped_in_a_variable_over_several_segments() -> None:
    found = table("GET /v1/{path=files/**}").find("GET", "/v1/files/a%2Fb/c%20d")
    assert found == Found("GET /v1/{path=files/**}", {"path": "files/a%2Fb/c d"})


def test_bytes_that_are_no_utf8_are_refused() -> None:
    with pytest.raises(UnicodeDecodeError):
        table("GET /v1/orders/{order_id}").find("GET", "/v1/orders/%ff")


def test_a_verb_leads_elsewhere_than_the_path_without_it() -> None:
    routes = table("GET /v1/a/{symbol}/depth", "GET /v1/a/{symbol}/depth:stream", "GET /v1/a/{symbol}:stream")
    assert routes.find("GET", "/v1/a/X/depth") == Found("GET /v1/a/{symbol}/depth", {"symbol": "X"})
    assert routes.find("GET", "/v1/a/X/depth:stream") == Found(
        "GET /v1/a/{symbol}/depth:stream", {"symbol": "X"}
    )
    assert routes.find("GET", "/v1/a/X:stream") == Found("GET /v1/a/{symbol}:stream", {"symbol": "X"})


def test_a_colon_that_is_no_verb_belongs_to_the_variable() -> None:
    routes = table("GET /v1/a/{name}", "GET /v1/a/{name}:stop")
    assert routes.find("GET", "/v1/a/x:y") == Found("GET /v1/a/{name}", {"name": "x:y"})


def test_a_literal_goes_before_a_variable_for_its_own_methods_only() -> None:
    routes = table("GET /v1/users/me", "DELETE /v1/users/{user_id}", "GET /v1/users/{user_id}")
    assert routes.find("GET", "/v1/users/me") == Found("GET /v1/users/me", {})
    assert routes.find("DELETE", "/v1/users/me") == Found("DELETE /v1/users/{user_id}", {"user_id": "me"})


def test_a_dead_end_after_a_literal_falls_back_to_the_variable() -> None:
    routes = table("GET /v1/a/b/c", "GET /v1/{x}/b/d", "GET /v1/a/{y}/e")
    assert routes.find("GET", "/v1/a/b/d") == Found("GET /v1/{x}/b/d", {"x": "a"})
    assert routes.find("GET", "/v1/a/b/e") == Found("GET /v1/a/{y}/e", {"y": "b"})


def test_a_known_path_with_another_method_says_which_there_are() -> None:
    routes = table("GET /v1/orders/{order_id}", "DELETE /v1/orders/{id}")
    assert routes.find("PUT", "/v1/orders/7") == Found(None, {}, ("DELETE", "GET"))


def test_the_same_method_and_path_twice_is_a_mistake() -> None:
    routes = table("GET /v1/a/{x}")
    with pytest.raises(ValueError, match="leads to two endpoints"):
        routes.add("GET", "/v1/a/{y}", "other")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_of_the_contract_is_found_by_its_own_template(route: HttpRoute) -> None:
    routes: RouteTable[HttpRoute] = RouteTable()
    for each in ROUTES:
        routes.add(each.method, each.path, each)
    found = routes.find(route.method, route.path.replace("{", "X-").replace("}", ""))
    assert found is not None
    assert found.endpoint is route

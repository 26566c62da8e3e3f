"""Risk over HTTP, by the contract alone: the gateway in front of the real engine."""

from markethall_protos import v1
from tests.core_engine.rpc.client import Client
from tests.engine_process import running_engine
from tests.gateway.gateways import running_gateway


async def test_limits_and_switches_are_set_met_and_read_over_http() -> None:
    async with running_engine() as engine, running_gateway(engine.address) as gateway:
        await Client(engine.channel).open_market()
        http, order = gateway.http, {"account_id": "maker", "symbol": "BTC-USD", "side": "BUY"}

        limits = {"max_order_quantity": {"BTC-USD": "0.5"}, "max_open_orders": 3}
        answer = await http.patch("/v1/accounts/maker/riskLimits", json=limits)
        assert answer.status_code == 200, answer.text
        assert answer.json()["risk_limits"]["max_order_quantity"] == {"BTC-USD": "0.5"}

        refused = (await http.post("/v1/orders", json=order | {"quantity": "1", "price": "100"})).json()[
            "order"
        ]
        assert refused["status"] == "REJECTED"
        assert refused["reject_reason"] == "RISK_LIMIT"
        assert refused["reject_detail"] == "max_order_quantity of BTC-USD is 0.5 BTC, asked 1 BTC"

        placed = (await http.post("/v1/orders", json=order | {"quantity": "0.5", "price": "100"})).json()[
            "order"
        ]
        told = (await http.get("/v1/accounts/maker/riskLimits")).json()
        assert told["used"]["max_open_orders"] == 1

        path = "/v1/accounts/maker/riskLimits?update_mask=max_order_quantity"
        answer = await http.patch(path, json={})
        assert answer.json()["risk_limits"]["max_order_quantity"] == {}
        assert answer.json()["risk_limits"]["max_open_orders"] == 3

        halted = await http.post("/v1/tradingState", json={"account_id": "maker", "state": "HALTED"})
        assert halted.json()["canceled_order_ids"] == [placed["order_id"]]
        stopped = (await http.post("/v1/orders", json=order | {"quantity": "1", "price": "100"})).json()[
            "order"
        ]
        assert (stopped["reject_reason"], stopped["reject_detail"]) == (
            v1.RejectReason.KILL_SWITCH.name,
            "account maker is HALTED",
        )
        state = (await http.get("/v1/tradingState", params={"account_id": "maker"})).json()
        assert state["state"] == "HALTED"
        assert (await http.get("/v1/tradingState")).json()["state"] == "ACTIVE"

        nobody = await http.get("/v1/accounts/nobody/riskLimits")
        assert (nobody.status_code, nobody.json()["reason"]) == (404, "UNKNOWN_ACCOUNT")

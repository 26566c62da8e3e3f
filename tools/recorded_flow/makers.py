"""Who the makers were: what the venue tells of trades after a replay."""

from collections.abc import Collection

import grpc.aio

from markethall_protos.v1 import LiquidityRole, ListFillsRequest, OrderServiceStub
from tools.recorded_flow.market import MAKERS, Market
from tools.recorded_flow.messages import Messages

_PAGE_SIZE = 1000
_CALL_TIMEOUT_S = 10.0


async def fetch_makers(
    channel: grpc.aio.Channel, market: Market, messages: Messages, trade_ids: Collection[int]
) -> dict[int, str]:
    """Names of the resting orders by trade id, for these trades of the replay."""
    first_trade = min(trade_ids, default=0)
    makers: dict[int, str] = {}
    token = ""
    while trade_ids:
        page = await OrderServiceStub(channel).list_fills(
            ListFillsRequest(account_id=MAKERS, symbol=market.symbol, page_size=_PAGE_SIZE, page_token=token),
            timeout=_CALL_TIMEOUT_S,
        )
        for fill in page.fills:
            name = messages.name(fill.client_order_id)
            if fill.liquidity_role is LiquidityRole.MAKER and name is not None:
                makers[int(fill.trade_id)] = name
        token = page.next_page_token
        if not token or int(page.fills[-1].trade_id) < first_trade:
            break
    return makers

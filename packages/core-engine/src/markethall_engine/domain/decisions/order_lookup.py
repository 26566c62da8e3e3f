"""Finding the live order that a cancel or a replace means."""

from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.reasons import RejectReason
from markethall_engine.domain.risk.checks import check_account
from markethall_engine.domain.risk.refusal import Refusal
from markethall_engine.domain.state import ExchangeState


def find_live_order(
    state: ExchangeState, *, account_id: str, order_id: int, client_order_id: str
) -> LiveOrder | Refusal:
    """The account's live order, by `order_id` or, where that is 0, by `client_order_id`.

    Another account's order is unknown, so that nobody learns of it.
    """
    found_id = order_id or state.order_id_of(account_id, client_order_id)
    order = state.find_live_order(found_id)
    if order is not None and order.account_id == account_id:
        return order
    refusal = check_account(state, account_id)
    if refusal is not None:
        return refusal
    closed = state.closed_order(found_id)
    if closed is not None and closed.account_id == account_id:
        return Refusal(RejectReason.ORDER_ENDED, f"order {found_id} is {closed.status.name} already")
    asked = f"order {order_id}" if order_id else f"client order id {client_order_id!r}"
    return Refusal(RejectReason.UNKNOWN_ORDER, f"account {account_id} has no {asked}")

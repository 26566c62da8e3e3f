"""A refusal by the venue's rules: an outcome, not an error."""

from typing import NamedTuple

from markethall_engine.domain.reasons import RejectReason


class Refusal(NamedTuple):
    """Why a command will change nothing; `detail` says the limit, its value and the value asked."""

    reason: RejectReason
    detail: str


def invalid(detail: str) -> Refusal:
    """The parameters contradict each other or what can be held; `detail` says which and how."""
    return Refusal(RejectReason.INVALID_PARAMETERS, detail)

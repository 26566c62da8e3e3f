"""Why a call is refused before, or instead of, becoming a command: one class a cause, with its facts.

`status.py` says what each looks like on the wire. A refusal by the venue's rules is none of these where the
contract has a place for it in a normal reply.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong with one field: its path in the request, what was expected and what was found."""

    field: str
    description: str


class CallRefused(Exception):
    """The caller's request cannot be carried out; raised only as one of its subclasses.

    `reason` is machine-readable, UPPER_SNAKE_CASE; `message` is for people and safe to show to them.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


class InvalidRequest(CallRefused):
    """The request makes no sense; `violations` has the faults that were found, at least one."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        first, *others = violations
        more = f" (and {len(others)} more)" if others else ""
        super().__init__("INVALID_REQUEST", f"{first.field}: {first.description}{more}")
        self.violations = violations


class MalformedMessage(CallRefused):
    """The bytes of a request are no message of the contract."""

    def __init__(self, problem: str) -> None:
        super().__init__("MALFORMED_MESSAGE", f"the request is no message of the contract: {problem}")


class NotFound(CallRefused):
    """What the request names does not exist; `reason` says what kind of thing, such as UNKNOWN_ORDER."""


class AlreadyExists(CallRefused):
    """What the request would create exists already, and differs."""


class InvalidParameters(CallRefused):
    """The parameters of a command contradict each other, or what the venue can hold."""


class PreconditionFailed(CallRefused):
    """The venue's rules refuse a command whose reply has no place for a refusal."""


class NotServing(CallRefused):
    """The engine takes no calls now; `reason` says why: RECOVERING, DRAINING or STOPPED."""


class DeadlineExceeded(CallRefused):
    """The call's time is up. A command that was not decided by then is given up."""

    def __init__(self) -> None:
        super().__init__("DEADLINE_EXCEEDED", "the deadline passed before the engine could answer")

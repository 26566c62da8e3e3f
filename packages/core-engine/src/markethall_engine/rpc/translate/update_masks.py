"""Which fields of a message a request changes (AIP-134)."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from markethall_engine.rpc.translate.faults import Faults

T = TypeVar("T")


class FieldMask(Protocol):
    """A `google.protobuf.FieldMask`."""

    paths: list[str]


def read_changes(
    field: str,
    changed: T | None,
    update_mask: FieldMask | None,
    changeable: Sequence[str],
    faults: Faults,
) -> tuple[T, set[str]]:
    """Return the message in `field` and which of its `changeable` fields are to be changed.

    They are those that the mask names, or where it names none, each that is set. Raises `InvalidRequest`
    where there is no message.
    """
    mask = update_mask.paths if update_mask is not None else []
    for path in mask:
        if path not in changeable:
            faults.expected("update_mask", ", ".join(changeable), path)
    if changed is None:
        faults.add(field, f"required: at least one of {', '.join(changeable)}")
        raise faults.refusal()
    named = {name for name in changeable if (name in mask if mask else getattr(changed, name))}
    if not named and not faults:
        faults.add(field, f"required: at least one of {', '.join(changeable)}")
    return changed, named

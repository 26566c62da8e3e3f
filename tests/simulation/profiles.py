"""What a run is mostly about; which one a seed gets."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """Shares of what traffic asks for; each feature is in each profile, now and then."""

    name: str
    stops: float = 0.06
    """Of new orders, those that wait to be released."""
    ends: float = 0.08
    """Of orders that rest or wait, DAY and GTD."""
    care: float = 0.06
    """Of orders, those that slide, only reduce, or are in a group or have a bracket; each."""
    auctions: float = 0.2
    """Of instruments that are not halted, those that come into an auction."""
    margin: float = 0.1
    """Of commands, those of the account that may borrow."""
    updates: float = 0.03
    """Of commands, those that change an instrument."""


PLAIN = Profile("plain", stops=0.02, ends=0.03, care=0.02)
STOPS = Profile("stops", stops=0.4, ends=0.2)
CARE = Profile("care", stops=0.15, care=0.3)

AUCTIONS = Profile("auctions", auctions=0.55, care=0.1, updates=0.15)
MARGIN = Profile("margin", margin=0.5)

PROFILES = (PLAIN, STOPS, CARE, AUCTIONS, MARGIN)


def profile_of(seed: int) -> Profile:
    return PROFILES[seed % len(PROFILES)]

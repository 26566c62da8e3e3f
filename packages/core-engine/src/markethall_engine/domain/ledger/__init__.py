"""Who holds what: balances, reservations, fees, positions; double entry, integers, nothing lost."""

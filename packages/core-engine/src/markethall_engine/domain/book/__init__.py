"""The order book: resting orders by price, and by time within a price."""

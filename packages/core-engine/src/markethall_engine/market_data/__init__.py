"""What everyone may see of the market, kept by following the events.

Depth, best bid and offer, trades, candles and tickers are projections: they are fed the events of durable
records and nothing else, they never ask the exchange, and feeding them the same events gives the same again.
"""

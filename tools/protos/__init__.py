"""From protos to Python: what `tools.generate_protos` and `tools.check_protos` are made of."""

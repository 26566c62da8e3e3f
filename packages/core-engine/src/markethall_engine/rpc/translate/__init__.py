"""Between the contract's messages and the engine's own words: exact both ways, one noun a module."""

"""The contract's server streams over HTTP: which form, where from, and how a stream lives and ends."""

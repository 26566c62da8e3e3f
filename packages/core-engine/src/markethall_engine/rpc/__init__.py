"""The contract's face of the engine: gRPC in, commands and queries inside, gRPC out."""

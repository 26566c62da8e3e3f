"""The core engine of Markethall: a pure exchange inside a durable log inside a thin gRPC server."""

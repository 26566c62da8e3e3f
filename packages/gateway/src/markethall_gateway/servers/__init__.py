"""The HTTP servers that can carry the gateway's ASGI application, each run within our own process."""

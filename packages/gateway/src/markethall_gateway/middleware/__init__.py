"""What surrounds every request: plain ASGI, each a class with `__call__`, outermost first in `bootstrap`."""

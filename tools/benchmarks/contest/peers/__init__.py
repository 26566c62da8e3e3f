"""How each peer is driven: by its own fastest documented interface."""

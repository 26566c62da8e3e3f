"""The exchange itself: pure, deterministic, integer arithmetic, no input or output of its own."""

"""How a command becomes durable, and how everyone learns of it: the sequencer, recovery, queries, streams."""

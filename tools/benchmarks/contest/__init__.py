"""Order books and engines side by side on one flow of commands, each in a process of its own.

What peers run (`contestant`, `mixed_flow`, `peers`) imports nothing of ours, so that it works in an
environment that holds a peer and nothing else.
"""

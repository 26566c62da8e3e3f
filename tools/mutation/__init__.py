"""Mutation testing of the domain, by mutmut in a directory of its own."""

"""Recorded order flow: read, made into orders, sent through a venue, compared with what really happened."""

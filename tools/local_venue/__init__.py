"""A venue on this machine: both services as child processes, and demonstration data."""

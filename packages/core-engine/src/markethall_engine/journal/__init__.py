"""Where records and snapshots are kept: the adapters of `application.ports`."""

"""The gateway of Markethall: HTTP in front of the contract."""

"""What the gateway serves: the contract's calls, health, documentation."""

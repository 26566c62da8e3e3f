"""HTTP requests to calls of the contract and back: routes, binding and problem documents."""

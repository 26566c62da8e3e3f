"""The OpenAPI document, derived from the contract's descriptor set and routes."""

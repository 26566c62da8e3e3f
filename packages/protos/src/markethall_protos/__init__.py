"""The versioned contract of Markethall, and everything generated from it."""

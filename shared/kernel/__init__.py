"""Pure building blocks of every decision: no driver, no clock, no randomness. Standard library and pydantic only."""

"""The invariants, each a pure function from the evidence of a run to what is wrong with it."""

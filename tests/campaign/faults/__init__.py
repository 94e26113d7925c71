"""The faults by group. A fault needs to know nothing of the others, nor of the checker."""

"""Types with which a service declares itself: projections, reactions and deadlines as pure functions."""

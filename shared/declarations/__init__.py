"""What a service says of itself: projections, reactions and deadlines as pure functions, and all of it as a service."""

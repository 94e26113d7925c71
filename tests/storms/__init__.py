"""Storms: our real code on models of its surroundings, stopped, killed and repeated at every await."""

"""What is so now, beside what has happened: of each public object one state, for whoever begins to read today.

A state is folded from the public events of its stream and from nothing else: it holds what they have told, and can hold
nothing that they have not. Its number is that of the last of them, so that a reader goes on behind it.
"""

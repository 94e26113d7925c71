"""Documents that several services hand out, made of what events tell. Pure: the same gives the same, to the byte."""

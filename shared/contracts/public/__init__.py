"""The published language: what any system of the city may read, each service's in a file of its own.

A public event is understood without any other. It holds no person, no seat's answer or attendance, no title of an item
that the public may not hear, and no reason or note that somebody has typed. ``contract/public-fields.txt`` names every
field that may be there, and where its value comes from.
"""

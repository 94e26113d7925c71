"""Clients that work while the house breaks: public HTTP interface only, and a record of all they did and were told."""

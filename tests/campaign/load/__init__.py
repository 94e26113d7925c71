"""Clients that work while servers break: public HTTP interface only, and a record of all they did and were told."""

"""Pages on which people answer their invitation, without an account and without a script."""

"""The event language: one file for each publishing service, owned by it; other systems may read it as the contract."""

"""The event language: one file for each publishing service, owned by it. Other systems may read these files as the contract."""

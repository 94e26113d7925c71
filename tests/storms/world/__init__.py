"""The surroundings as models: loop and processes, the wire, database, topics, mail server."""

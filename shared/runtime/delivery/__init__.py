"""The third way: from Kafka to projections and reactions. Docs: docs/architecture.md."""

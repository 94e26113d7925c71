"""The only code that knows MongoDB, Kafka, HTTP and SMTP. It runs what the services declare."""

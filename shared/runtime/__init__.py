"""The only code that knows MongoDB, Kafka, HTTP and SMTP. Services declare what they are; this runs it."""

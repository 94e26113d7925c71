"""What is written to people. Pure: the same notification and contact give the same mail to the byte."""

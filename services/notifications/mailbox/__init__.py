"""The office's mailbox, as far as calendars answer there. Mail proves nothing: what is read here is only proposed."""

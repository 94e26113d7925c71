"""The office's mailbox, as far as calendars and mail servers write to it.

Mail proves nothing: what is read here is only proposed, or holds only what a stranger cannot know.
"""

"""Servers that can be broken on demand: clusters, networks, disks, a database's answers, a mail server's moods."""

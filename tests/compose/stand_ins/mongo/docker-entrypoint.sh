#!/bin/bash
# As the image's own: the folders are mongodb's, and so is the server.
chown mongodb /data/db /data/configdb
exec setpriv --reuid mongodb --clear-groups "$@"

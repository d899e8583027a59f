#!/bin/sh
# Says who runs it.
printf 'Content-Type: text/plain\n\n'
printf 'site %s: CGI runs as uid %s, gid %s, pid %s\n' "$SERVER_NAME" "$(id -u)" "$(id -g)" "$$"

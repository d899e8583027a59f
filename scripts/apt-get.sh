#!/bin/sh
# apt-get, once no other one is at work: two runs on a fresh machine, or the machine's own upgrades, take turns.
# DPkg::Lock::Timeout is for dpkg's lock only; that of the package lists (update) is not waited for (apt.conf(5)).
set -u
export LC_ALL=C
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
tries=150
while :; do
	apt-get -o DPkg::Lock::Timeout=300 "$@" 2>"$errors"
	status=$?
	tries=$((tries - 1))
	if [ $status = 0 ] || [ $tries = 0 ] || ! grep -Eq 'Could not get lock|Unable to lock' "$errors"; then
		cat "$errors" >&2
		exit $status
	fi
	sleep 2
done

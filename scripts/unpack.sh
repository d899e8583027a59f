#!/bin/sh
# unpack.sh FOLDER PACKAGE...: Debian's packages, fetched and unpacked below FOLDER/root, not installed.
set -eu
cd "$1"
shift
# apt's own user may not write here; it says so each time, and root fetches instead.
apt-get download -qq -o APT::Sandbox::User=root "$@" >/dev/null
for package in *.deb; do
	dpkg -x "$package" root
done

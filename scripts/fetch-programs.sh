#!/bin/sh
# Puts what test/e2e/engines.test.ts and handler-*.test.ts need into .cache/programs: php-fpm and fcgiwrap, from Debian's
# packages, unpacked and not installed (installed, each would start a service of its own). Libraries and Perl's FCGI
# are installed. Once made, nothing is fetched.
set -eu
cd "$(dirname "$0")/.."
programs=$PWD/.cache/programs

has_libraries() {
	[ -e /usr/include/fcgiapp.h ] && perl -MFCGI -e 1 2>/dev/null
}

if has_libraries && [ -e "$programs/fcgiwrap" ] && ! ldd "$programs/php-fpm" | grep -q 'not found'; then
	exit 0
fi
echo 'fetching php-fpm, fcgiwrap and libfcgi' >&2
export DEBIAN_FRONTEND=noninteractive
scripts/apt-get.sh update -qq >/dev/null
# libfcgi's, and what php-fpm is linked with beyond php-cgi.
scripts/apt-get.sh install -y -qq --no-install-recommends libfcgi-dev libfcgi-perl libacl1 libapparmor1 libsystemd0 >/dev/null

mkdir -p .cache
work=$(mktemp -d "$PWD/.cache/unpack-XXXXXX")
trap 'rm -rf "$work"' EXIT
php=$(php-cgi -q -v | sed -n 's/^PHP \([0-9]*\.[0-9]*\).*/\1/p')
scripts/unpack.sh "$work" "php$php-fpm" fcgiwrap
mkdir "$work/programs"
mv "$work/root/usr/sbin/php-fpm$php" "$work/programs/php-fpm"
mv "$work/root/usr/sbin/fcgiwrap" "$work/programs/fcgiwrap"
mv -T "$work/programs" "$programs" 2>/dev/null || [ -e "$programs/fcgiwrap" ]

#!/bin/sh
# npm test: installs what the tests need, builds, lints, type-checks, runs everything.
#   npm test -- PATTERN    only the test files whose path contains PATTERN
. "$(dirname "$0")/prepare.sh"
apt_install php-cgi=php-cgi perl=perl curl=curl strace=strace setpriv=util-linux chromium=chromium git=git awk=mawk \
	/usr/share/gitweb/gitweb.cgi=gitweb /usr/share/perl5/CGI.pm=libcgi-pm-perl ||
	echo 'itkd: tests that need one of these are skipped' >&2
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	scripts/fetch-dokuwiki.sh || echo 'itkd: no DokuWiki: its tests are skipped' >&2
	scripts/fetch-applications.sh || echo 'itkd: no WordPress, Adminer, MariaDB: their tests are skipped' >&2
	scripts/fetch-programs.sh || echo 'itkd: no php-fpm, fcgiwrap, libfcgi: their tests are skipped' >&2
fi
npm run --silent format:check
npm run --silent lint
npm run --silent typecheck
exec node --import tsx test/run.ts "$@"

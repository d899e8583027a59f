#!/bin/sh
# npm run bench: itkd beside mpm-itk and nginx (test/bench/README.md). As root it installs what is missing.
#   npm run bench -- [NAME …] [--rounds N] [--seconds N] [--connections N] [--json FILE]
. "$(dirname "$0")/prepare.sh"
apt_install php-cgi=php-cgi curl=curl setpriv=util-linux
sh scripts/install-peers.sh
scripts/fetch-dokuwiki.sh || echo 'itkd: no DokuWiki: its row is left out' >&2
exec node --import tsx test/bench/run.ts "$@"

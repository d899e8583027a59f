#!/bin/sh
# npm start: installs what is missing, then serves conf/demo.
. "$(dirname "$0")/prepare.sh"
apt_install php-cgi=php-cgi || echo 'itkd: without php-cgi the PHP pages of the demo answer 502' >&2
exec node dist/scripts/demo.js

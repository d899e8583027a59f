#!/bin/sh
# Installs what test/bench measures beside itkd, and the load generator. None of it is started: each package would
# start its service at once, on port 80, and a benchmark runs them itself, from its own folder.
set -eu
packages='apache2 libapache2-mpm-itk libapache2-mod-php nginx-light php-fpm fcgiwrap wrk'
missing=
for package in $packages; do
	dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
[ "$(id -u)" = 0 ] || {
	echo "not installed, and only root can:$missing" >&2
	exit 1
}

# invoke-rc.d(8): 101 means that the action is not allowed. One that the machine has already is left as it is.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
	trap 'rm -f "$policy"' EXIT
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 0755 "$policy"
fi
echo "installing$missing" >&2
export DEBIAN_FRONTEND=noninteractive
"$(dirname "$0")/apt-get.sh" update -qq >/dev/null
# shellcheck disable=SC2086 # a list
"$(dirname "$0")/apt-get.sh" install -y -qq --no-install-recommends $missing >/dev/null

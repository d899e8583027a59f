#!/bin/sh
# Puts what test/e2e/{adminer,wordpress}.test.ts and pages-as-apache.test.ts need into .cache/applications, from Debian's packages,
# unpacked and not installed (installed they would start a database and a web server, each of its own account):
#   wordpress/    a tree as of WordPress's own releases
#   adminer/      Adminer in one file
#   root/         MariaDB's server, Apache with mod_php, and PHP's gd, which only the sites that name it load
# php-mysql (an extension of php-cgi) and libgd3 (a library) are installed. Once made, nothing is fetched.
set -eu
cd "$(dirname "$0")/.."
cache=$PWD/.cache
applications=$cache/applications

has_mysqli() {
	[ -n "$(php-cgi -q -m 2>/dev/null | grep -ix mysqli)" ]
}

if has_mysqli && [ -e "$applications/wordpress/index.php" ]; then
	exit 0
fi
echo 'fetching WordPress, Adminer, MariaDB and Apache' >&2
export DEBIAN_FRONTEND=noninteractive
scripts/apt-get.sh update -qq >/dev/null
has_mysqli || scripts/apt-get.sh install -y -qq --no-install-recommends php-mysql libgd3 >/dev/null
[ ! -e "$applications/wordpress/index.php" ] || exit 0

mkdir -p "$cache"
work=$(mktemp -d "$cache/unpack-XXXXXX")
trap 'rm -rf "$work"' EXIT
php=$(php-cgi -q -v | sed -n 's/^PHP \([0-9]*\.[0-9]*\).*/\1/p')
packages="adminer wordpress wordpress-theme-twentytwentythree libjs-cropper libjs-underscore php-getid3
	mariadb-server-core libaio1 liburing2 libnuma1
	apache2-bin libapache2-mod-php$php php$php-gd libapr1 libaprutil1"
# shellcheck disable=SC2086 # a list
scripts/unpack.sh "$work" $packages

root=$work/root
tree=$work/tree
mkdir "$tree" "$tree/adminer" "$tree/root" "$tree/root/share"

# Debian's own configuration and .htaccess lead to /etc; a release has neither before it is set up.
rm "$root/usr/share/wordpress/.htaccess" "$root/usr/share/wordpress/wp-config.php"
# To the machine's certificates and fonts, which may not be installed: nothing is asked of other servers here.
find "$root/usr/share/wordpress" -xtype l -delete
# Its libraries are links into the rest of /usr/share: the files themselves, so that a site has all it needs.
cp -RL "$root/usr/share/wordpress" "$tree/wordpress"
[ -e "$tree/wordpress/wp-includes/js/underscore.min.js" ]

cp "$root/usr/share/adminer/adminer.php" "$tree/adminer/index.php"

mv "$root/usr/sbin" "$root/usr/lib" "$tree/root/"
for part in charsets english mysql_system_tables.sql mysql_system_tables_data.sql mysql_performance_tables.sql; do
	mv "$root/usr/share/mysql/$part" "$tree/root/share/"
done
mv "$tree"/root/lib/php/*/gd.so "$tree/root/"

# Nobody writes to the copy that others are made from.
chmod -R u=rwX,go=rX "$tree"
mv -T "$tree" "$applications" 2>/dev/null || [ -e "$applications/wordpress/index.php" ]

#!/bin/sh
# Puts DokuWiki where test/e2e/dokuwiki.test.ts looks for it: .cache/dokuwiki, from Debian's packages, unpacked and
# not installed (a dependency of theirs is a web server), in the layout of DokuWiki's own releases, so that each
# site can have a whole copy. php-xml is installed: it is an extension of php-cgi. Once made, nothing is fetched.
set -eu
cd "$(dirname "$0")/.."
cache=$PWD/.cache
wiki=$cache/dokuwiki

has_xml() {
	[ -n "$(php-cgi -q -m 2>/dev/null | grep -ix xml)" ]
}

if has_xml && [ -e "$wiki/doku.php" ]; then
	exit 0
fi
echo 'fetching DokuWiki' >&2
export DEBIAN_FRONTEND=noninteractive
scripts/apt-get.sh update -qq >/dev/null
has_xml || scripts/apt-get.sh install -y -qq --no-install-recommends php-xml >/dev/null
[ ! -e "$wiki/doku.php" ] || exit 0

mkdir -p "$cache"
work=$(mktemp -d "$cache/unpack-XXXXXX")
trap 'rm -rf "$work"' EXIT
packages='dokuwiki php-geshi php-phpseclib libphp-simplepie libjs-jquery libjs-jquery-cookie libjs-jquery-ui'
# shellcheck disable=SC2086 # a list
scripts/unpack.sh "$work" $packages

root=$work/root
tree=$work/tree
mv "$root/usr/share/dokuwiki" "$tree"
# Debian spreads a wiki over /usr, /etc and /var, by symlinks and by a preload.php: a release has it all together.
rm "$tree/lib/tpl" "$tree/lib/plugins" "$tree/.htaccess" "$tree/inc/preload.php"
rm "$root/etc/dokuwiki/acl.auth.php" "$root/etc/dokuwiki/users.auth.php"
mv "$root/var/lib/dokuwiki/lib/tpl" "$root/var/lib/dokuwiki/lib/plugins" "$tree/lib/"
mv "$root/var/lib/dokuwiki/data" "$tree/data"
mv "$root/etc/dokuwiki" "$tree/conf"
cp "$tree/.htaccess.dist" "$tree/.htaccess"
# Symlinks to what was just moved, or to packages that a current PHP does not need.
find "$root/usr/share" -xtype l -delete
# The libraries that Debian's copy takes from elsewhere in /usr/share: into the tree, found from each file's folder.
mkdir "$tree/share"
for library in php php-geshi javascript; do
	cp -RL "$root/usr/share/$library" "$tree/share/"
done
sed -i "s,'/var/lib/dokuwiki/data','./data'," "$tree/conf/dokuwiki.php"
(
	cd "$tree"
	grep -rl --include='*.php' "'/usr/share/" . | while read -r file; do
		up=$(dirname "${file#./}" | sed -E 's,[^/]+,..,g; s,^\.$,.,')
		sed -i "s,'/usr/share/,__DIR__ . '/$up/share/,g" "$file"
	done
)
# Nobody writes to the copy that others are made from.
chmod -R u=rwX,go=rX "$tree"
mv -T "$tree" "$wiki" 2>/dev/null || [ -e "$wiki/doku.php" ]

# Sourced by start.sh and test.sh: npm packages, native programs and dist, made when they are missing or old.
set -eu
cd "$(dirname "$0")/.."

fail() {
	echo "itkd: $1" >&2
	exit 1
}

command -v node >/dev/null || fail 'Node.js 20.17 or newer is needed'
node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 17) ? 0 : 1)' ||
	fail "Node.js 20.17 or newer is needed, this is $(node --version)"

# Where Node's own headers are installed, node-gyp need not download them.
prefix=$(node -p 'require("path").resolve(process.execPath, "../..")')
if [ -z "${npm_config_nodedir:-}" ] && [ -f "$prefix/include/node/node_api.h" ]; then
	export npm_config_nodedir="$prefix"
fi

# True when $1 is missing or older than any of the files that follow.
is_older() {
	made=$1
	shift
	[ ! -e "$made" ] || [ -n "$(find "$@" -newer "$made" -type f -print -quit 2>/dev/null)" ]
}

# Debian's packages, when we may install them: apt_install PROGRAM-OR-FILE=PACKAGE …
apt_install() {
	wanted=
	for pair; do
		case ${pair%%=*} in
		/*) [ -e "${pair%%=*}" ] || wanted="$wanted ${pair#*=}" ;;
		*) PATH="$PATH:/usr/sbin:/sbin" command -v "${pair%%=*}" >/dev/null || wanted="$wanted ${pair#*=}" ;;
		esac
	done
	[ -n "$wanted" ] || return 0
	if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
		echo "itkd: please install:$wanted" >&2
		return 1
	fi
	echo "installing$wanted" >&2
	{
		export DEBIAN_FRONTEND=noninteractive
		scripts/apt-get.sh update -qq
		# shellcheck disable=SC2086 # a list
		scripts/apt-get.sh install -y -qq --no-install-recommends $wanted
	} >/dev/null
}

for tool in cc make python3; do
	command -v $tool >/dev/null || apt_install cc=gcc make=make python3=python3 ||
		fail "a C compiler, make and python3 are needed to build the native programs"
done

if is_older node_modules/.package-lock.json package-lock.json; then
	# npm ci empties the folder first, through a symlink as well: another checkout would lose its packages.
	[ ! -L node_modules ] || fail 'node_modules is a symlink, and not up to date: remove it, or update what it leads to'
	echo 'installing npm packages' >&2
	# What compilers and npm complain of is on standard error.
	npm ci --no-audit --no-fund --loglevel=warn >/dev/null
	touch node_modules/.package-lock.json
fi
if is_older build/Release/itk binding.gyp src handlers php-bridge -name '*.[ch]'; then
	echo 'building the native programs' >&2
	npm run --silent install >/dev/null
fi
if is_older dist/.built package.json tsconfig.json tsconfig.build.json src handlers php-bridge scripts -name '*.ts'; then
	rm -rf dist
	npm run --silent build
	touch dist/.built
fi

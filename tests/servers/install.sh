#!/bin/bash
# Installs Debian packages that are needed and missing; does nothing, and needs no rights, if none is.
#
#   tests/servers/install.sh postgresql rabbitmq-server redis-server python3-venv
#
# Where it can't install (no Debian, neither root nor sudo) it says what to install, and exits with 1.
# Services that come with a package aren't started: tests run private instances.

set -euo pipefail

is_there() {
    case $1 in
        postgresql) compgen -G '/usr/lib/postgresql/*/bin/initdb' || command -v initdb ;;
        rabbitmq-server) compgen -G '/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin' || command -v rabbitmq-server ;;
        redis-server) command -v redis-server ;;
        graphviz) command -v dot ;;
        python3-venv) "${PYTHON:-python3}" -c 'import ensurepip' ;;
        *) dpkg --status "$1" ;;
    esac >/dev/null 2>&1
}

# Debian has one mail server at a time: installing one removes the one that is there.
is_in_the_way() {
    [ "$1" = postfix ] && [ -e /usr/sbin/sendmail ] && echo "Leaving out $1: there's another mail server." >&2
}

missing=()
for package in "$@"; do
    is_there "$package" || is_in_the_way "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$EUID" -ne 0 ]; then
    as_root=(sudo)
fi
if ! command -v apt-get >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
    echo "Please install with your system's package manager, as root: ${missing[*]}." >&2
    exit 1
fi

# Asked by Debian's packages whether they may start their services; 101 means no.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap '"${as_root[@]}" rm --force "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
fi

echo "Installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
# Postfix would set itself up as the machine's mail server.
echo "postfix postfix/main_mailer_type select No configuration" |
    "${as_root[@]}" debconf-set-selections 2>/dev/null || true
"${as_root[@]}" apt-get -qq update || echo "Trying with the package lists at hand." >&2
"${as_root[@]}" apt-get -qq --yes --no-install-recommends install "${missing[@]}" >/dev/null || {
    echo "apt-get couldn't install ${missing[*]}; its reason is above." >&2
    exit 1
}

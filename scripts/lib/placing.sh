# Where dl-lit is installed, for scripts/install and scripts/uninstall, which source this file.
# shellcheck shell=bash disable=SC2034 # what is set here is used there

me=$(basename -- "$0")

say() { printf 'dl-lit %s: %s\n' "$me" "$*" >&2; }
die() { say "$@"; exit 1; }
usage_error() { say "$@"; exit 2; }
need_value() { [[ -n ${2-} ]] || usage_error "$1 needs a value"; }

# run COMMAND…: does it, or says that it would be done.
run() {
  if [[ -n $dry ]]; then
    printf 'would run: %s\n' "${*@Q}" >&2
  else
    "$@"
  fi
}

# parse_placing ARGUMENT…: sets where everything goes; what it does not know is left in `rest`.
parse_placing() {
  user_install='' prefix='' root='' dry='' rest=()
  while (($#)); do
    case $1 in
      --user) user_install=yes ;;
      --prefix) need_value "$@"; prefix=$2; shift ;;
      --root) need_value "$@"; root=$(realpath -m -- "$2"); shift ;;
      --dry-run) dry=yes ;;
      -h | --help) sed -n '2,/^set -euo/{/^#/s/^# \{0,1\}//p}' "$0"; exit 0 ;;
      *) rest+=("$1") ;;
    esac
    shift
  done
  [[ $root != / ]] || root=''
  home=$root${HOME-}
  if [[ -n $user_install ]]; then
    [[ -n ${HOME-} ]] || usage_error '--user needs HOME'
    prefix=${prefix:-$HOME/.local/lib/dl-lit}
    bin=$home/.local/bin share=$home/.local/share
    settings=$root${XDG_CONFIG_HOME:-$HOME/.config}/dl-lit
    units=$root${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user
  else
    prefix=${prefix:-/opt/dl-lit}
    bin=$root/usr/local/bin share=$root/usr/local/share settings=$root/etc/dl-lit units=$root/etc/systemd/system
  fi
  prefix=$(realpath -ms -- "$prefix")
  # It stands in unit files, and what is there is replaced: nothing but a folder of dl-lit's own will do.
  [[ $prefix =~ ^/[A-Za-z0-9._/@+-]+/[A-Za-z0-9._@+-]+$ ]] || usage_error "not a folder to install into: $prefix"
  dest=$root$prefix
  [[ ! -e $dest || -d $dest/dl_lit || -n $(find "$dest" -maxdepth 0 -empty) ]] ||
    die "$dest holds something else than dl-lit; name another folder with --prefix"
}

# The system's places are root's; below --root only who owns what is.
need_rights() {
  if [[ -n $user_install ]]; then
    [[ $(id -u) != 0 || -n $root || -n $dry ]] || die '--user is for people: call it as yourself, without sudo'
  elif [[ $(id -u) != 0 && -z $dry && -z $root ]]; then
    die "needs root: sudo scripts/$me; or, for a service of your own, scripts/$me --user"
  fi
}

# own OWNER FILE…: as far as we may, and the owner is known.
own() {
  local owner=$1
  shift
  [[ $(id -u) == 0 ]] || return 0
  if [[ -n $root ]]; then
    owner=$(awk -F: -v name="${owner#*:}" '$1 == name {print "0:" $3}' "$root/etc/group" 2>/dev/null || :)
    [[ -n $owner ]] || return 0
  fi
  run chown "$owner" -- "$@"
}

# Whether there is a service manager that minds this installation.
has_manager() { [[ -z $root && -d /run/systemd/system ]] && command -v systemctl >/dev/null; }

# ctl VERB…: systemctl, the user's own for --user; nothing where there is none.
ctl() {
  has_manager || return 1
  case $1 in
    is-active | is-enabled) systemctl ${user_install:+--user} "$@" ;;
    *) run systemctl ${user_install:+--user} "$@" ;;
  esac
}

#!/bin/sh
# Starts a photostore command, or `shell`, in the container as the user that PUID and PGID name.
#
# Started as root, it gives photostore's own folders to that user and takes root's rights away for
# good, before anything else runs. Started as another user, it changes nothing. Originals and other
# mounts are never touched. What it does not know for sure it leaves as it is, and says so: the
# server tells on /health what it cannot write, and how to mend that.
set -eu

say() { printf 'photostore: %s\n' "$*" >&2; }

fail() {
  say "$*"
  exit 1
}

is_on() {
  case "$1" in 1 | [Tt][Rr][Uu][Ee] | [Yy][Ee][Ss] | [Oo][Nn]) return 0 ;; esac
  return 1
}

# require_number NAME VALUE: a user or group number, without leading zeros.
require_number() {
  case "$2" in
    *[!0-9]* | 0?* | ???????????*) fail "$1 is '$2', which is no number of a user or group" ;;
  esac
  if [ "$2" -gt 4294967294 ]; then
    fail "$1 is '$2': the highest is 4294967294"
  fi
}

# find_owner FORMAT: what stat says of the settings file of the system, else of the library. Of a
# link itself and not of what it leads to: a link to a file of root makes nobody root.
find_owner() {
  for file in "${PS_CONFIG_DIR:-/ps/config}/settings.toml" \
    "$support/docker-config/settings.toml" "$support/settings.toml"; do
    if [ -f "$file" ]; then
      stat -c "$1" -- "$file"
      return
    fi
  done
}

owner_of() { stat -c '%u:%g' -- "$1"; }

# list_mounts_below FOLDER: patterns of the places inside a folder where something is mounted. The
# kernel writes blanks and the like as \040: any character will do for them, and for brackets.
list_mounts_below() {
  while read -r _ _ _ _ mount _; do
    case "$mount" in "$1"/*) printf '%s\n' "$mount" ;; esac
  done </proc/self/mountinfo | sed 's/\\[0-7]\{3\}/?/g; s/[[]/?/g'
}

# give FOLDER: make the user own a folder of photostore's and all in it.
give() {
  [ -d "$1" ] && [ ! -L "$1" ] || return 0
  [ "$(owner_of "$1")" != "$uid:$gid" ] || return 0
  # Where everyone may write (a tmpfs, the host's /tmp) the user can, and the rest is not ours.
  case "$(stat -c %A -- "$1")" in *[tT]) return 0 ;; esac
  folder=$1
  # The folder itself comes last, so that after a stop on the way the next start goes on.
  set -- "$folder" -depth
  set -f # patterns are for find
  for mount in $(list_mounts_below "$folder"); do
    set -- "$@" ! -path "$mount" ! -path "$mount/*"
  done
  set +f
  set -- "$@" "(" ! -uid "$uid" -o ! -gid "$gid" ")" -execdir chown -h -- "$uid:$gid" "{}" +
  # In the background, so that a signal to stop is heard meanwhile.
  find "$@" 2>/dev/null &
  if wait "$!"; then
    say "gave $folder to $uid:$gid"
  else
    say "could not give all of $folder to $uid:$gid; see /health if something cannot be written"
  fi
}

# A library folder that Docker has just made belongs to root. It is given away while it is empty;
# one that holds something may hold originals.
give_new_library() {
  [ -d "$library" ] && [ "$(stat -c %u -- "$library")" = 0 ] || return 0
  [ -z "$(find "$library" -mindepth 1 -maxdepth 1 ! -name .photostore -print -quit)" ] || return 0
  chown -h -- "$uid:$gid" "$library" 2>/dev/null || say "could not give $library to $uid:$gid"
}

# As root: find the user, give it what is photostore's, and go on as it.
become_user() {
  uid=${PS_PUID:-${PUID:-${puid:-}}}
  gid=${PS_PGID:-${PGID:-${pgid:-}}}
  [ -n "$uid" ] || uid=$(find_owner %u)
  [ -n "$gid" ] || gid=$(find_owner %g)
  uid=${uid:-1000}
  if [ -z "$gid" ]; then
    [ "$uid" = 0 ] && gid=0 || gid=1000
  fi
  require_number PUID "$uid"
  require_number PGID "$gid"

  if ! is_on "${PS_NO_PUID_CHOWN:-}"; then
    [ "$uid" = 0 ] || give_new_library
    for own in "$support" /ps/tmp /ps/logs /ps/config; do
      give "$own"
    done
  fi

  [ "$uid:$gid" != 0:0 ] || return 0
  # Groups that `--group-add` gave are kept (a video device may need one), root's is not.
  groups=$(id -G | tr ' ' '\n' | grep -vx 0 | paste -sd , -)
  if [ -n "$groups" ]; then
    set -- --groups "$groups"
  else
    set -- --clear-groups
  fi
  drop="setpriv --reuid $uid --regid $gid $* --no-new-privs --"
  # shellcheck disable=SC2086 # words without blanks
  $drop true 2>/dev/null || fail "cannot become user $uid, group $gid: start the container with" \
    "--user $uid:$gid, or with the capabilities SETUID and SETGID"
}

# As the kernel names it in the list of mounts.
library=$(realpath -m -- "${PS_LIBRARY:-${PS_LIBRARY_DIR:-${PS_LIBRARY_PATH:-/ps/library}}}")
support=$library/.photostore
drop=
trap 'exit 143' TERM INT

mask=${PS_UMASK:-${UMASK:-${umask:-}}}
if [ -n "$mask" ]; then
  case "$mask" in
    [0-7] | [0-7][0-7] | [0-7][0-7][0-7] | 0[0-7][0-7][0-7]) umask "$mask" ;;
    *) fail "UMASK is '$mask': an octal number from 0 to 777 is allowed" ;;
  esac
fi

if [ "$(id -u)" = 0 ]; then
  become_user
elif [ -n "${PUID:-${puid:-}}" ] && [ "${PUID:-${puid:-}}" != "$(id -u)" ]; then
  say "PUID is ignored: the container was started as user $(id -u) and cannot change that"
fi

if [ "${1:-}" = shell ]; then
  shift
  set -- /bin/bash "$@"
else
  set -- /opt/photostore/bin/photostore "$@"
fi
# The first process of a container has to pass signals on and bury orphans: tini does. With
# `docker run --init` there is one already, and `docker exec` needs none.
[ "$$" != 1 ] || set -- tini -- "$@"
# shellcheck disable=SC2086 # words without blanks, or none
exec $drop "$@"

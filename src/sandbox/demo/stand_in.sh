#!/bin/sh
# Stands in for the programs that the plans' procedures call, on a demo machine whose state is a few files. Which one it
# is, its own name says. Every call is written down.
me=${0##*/}
bin=$(cd "$(dirname "$0")" && pwd)
root=${bin%/*}
units=$root/units
printf '%s %s\n' "$me" "$*" >> "$root/calls.log"

refuse() {
    echo "$me: $1" >&2
    exit "${2:-1}"
}

systemctl() {
    verb=
    named=
    property=
    bare=
    while [ $# -gt 0 ]; do
        case $1 in
            -p | --property) property=$2; shift ;;
            --property=*) property=${1#--property=} ;;
            --value) bare=yes ;;
            -*) ;;
            *) if [ -z "$verb" ]; then verb=$1; else named="$named ${1%.service}"; fi ;;
        esac
        shift
    done
    worst=0
    for unit in $named; do
        file=$units/$unit
        [ -f "$file" ] || refuse "Unit $unit.service could not be found." 5
        case $verb in
            start | restart)
                [ -e "$file.broken" ] && refuse "Job for $unit.service failed because the control process exited with error code."
                echo active > "$file"
                # A clean start of the API ends the emergency.
                if [ "$unit" = jarvis-api ]; then rm -f "$root/jarvis/run/KILL_SWITCH"; fi
                ;;
            stop | kill)
                [ -e "$file.broken" ] && refuse "Job for $unit.service canceled."
                echo inactive > "$file"
                ;;
            is-active)
                state=$(cat "$file")
                echo "$state"
                [ "$state" = active ] || worst=3
                ;;
            status)
                state=$(cat "$file")
                echo "$unit.service - demo unit"
                echo "     Active: $state"
                [ "$state" = active ] || worst=3
                ;;
            show)
                state=$(cat "$file")
                if [ -n "$bare" ]; then echo "$state"; else echo "${property:-ActiveState}=$state"; fi
                ;;
            *) refuse "Unknown command verb '$verb'." ;;
        esac
    done
    exit $worst
}

python() {
    case $1 in
        -c)
            mkdir -p run
            cat > run/KILL_SWITCH
            echo inactive > "$units/jarvis-api"
            echo "shutdown triggered"
            ;;
        scripts/verify_integrity.py)
            [ -f "$1" ] || refuse "can't open file '$1'" 2
            [ ! -e run/TAMPERED ] || refuse "integrity: core/security/emergency_shutdown.py differs from the manifest"
            echo "integrity: 3 files checked, all as in the manifest"
            ;;
        scripts/*.py)
            [ -f "$1" ] || refuse "can't open file '$1'" 2
            case $1 in *set_database_password*) cat > /dev/null ;; esac
            mkdir -p run
            echo "${1##*/}" >> run/rotated
            echo "${1##*/}: done"
            ;;
        *) refuse "can't open file '$1'" 2 ;;
    esac
}

nft() {
    case $1 in
        -f) printf '%s\n' "${2##*/}" > "$root/firewall" ;;
        add) printf '%s\n' "$*" | sed 's/.*{ *//; s/ *}.*//' >> "$root/blocked" ;;
        delete)
            gone=$(printf '%s\n' "$*" | sed 's/.*{ *//; s/ *}.*//')
            grep -vxF "$gone" "$root/blocked" > "$root/blocked.new" || :
            mv "$root/blocked.new" "$root/blocked"
            ;;
        *) refuse "syntax error, unexpected $1" ;;
    esac
}

npm() {
    folder=.
    [ "$1" = --prefix ] && { folder=$2; shift 2; }
    [ -f "$folder/package.json" ] || refuse "ENOENT: $folder/package.json" 254
    case "$*" in
        ci) mkdir -p "$folder/node_modules"; echo "added 3 packages" ;;
        'run build') mkdir -p "$folder/.next"; echo built > "$folder/.next/build.log"; echo "compiled" ;;
        *) refuse "Unknown command: $*" ;;
    esac
}

# As the real one does: an empty file is a whole database without tables, and a fault is told with exit 0.
sqlite3() {
    [ "$1" = -readonly ] && shift
    [ -f "$1" ] || refuse "unable to open database \"$1\""
    case $2 in
        'PRAGMA integrity_check')
            if [ ! -s "$1" ]; then
                echo ok
            elif [ "$(head -c 15 "$1")" != 'SQLite format 3' ]; then
                refuse "file is not a database" 26
            elif [ $(($(wc -c < "$1") % 4096)) -ne 0 ]; then
                echo "*** in database main ***"
                echo "Page 2: btreeInitPage() returns error code 11"
            else
                echo ok
            fi
            ;;
        *users*)
            grep -q 'CREATE TABLE users' "$1" || refuse "no such table: users"
            echo 1
            ;;
        *) refuse "near \"$2\": syntax error" ;;
    esac
}

case $me in
    systemctl) systemctl "$@" ;;
    python) python "$@" ;;
    nft) nft "$@" ;;
    npm) npm "$@" ;;
    sqlite3) sqlite3 "$@" ;;
    pip) echo "Requirement already satisfied" ;;
    pg_dump) echo "PGDMP demo: the tables of $root, as a stand-in for a dump" ;;
    ss) printf 'Netid State  Local Address:Port\ntcp   LISTEN 127.0.0.1:3000\ntcp   LISTEN 127.0.0.1:5432\n' ;;
    ps) printf 'USER   PID COMMAND\ntars   101 node server.js\njarvis 102 python -m core.api\n' ;;
    dmesg) printf '[    0.000000] demo machine\n' ;;
    *) refuse "not known here" 127 ;;
esac

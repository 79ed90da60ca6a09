# Starts and stops one PostgreSQL server as it is told to, line by line, and answers
# each order. When nobody can give any more, for the test process has ended, it ends
# the server and removes the folder.
#
# Arguments: the folder, with the cluster in `data`; the program pg_ctl.
folder=$1
pg_ctl=$2
running=

control() { "$pg_ctl" -D "$folder/data" -w -t 60 -s "$@" </dev/null >>"$folder/log" 2>&1; }
# After a kill, a server does not start before the last process of its predecessor
# is gone.
begin() {
    for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        control -l "$folder/log" start && return
        sleep 0.5
    done
    return 1
}
# The first process is stopped meanwhile, so that it makes no more of them. Where
# they cannot be listed, those that are left end when they notice.
destroy() {
    server=$(head -n 1 "$folder/data/postmaster.pid")
    kill -s STOP "$server"
    kill -s KILL $(cat "/proc/$server/task/$server/children") "$server"
}

while read -r order; do
    case $order in
    start) begin && running=yes ;;
    kill) destroy && running= ;;
    *) control -m "$order" stop && running= ;;
    esac && echo done || echo failed
done
[ -z "$running" ] || control -m immediate stop
cd /
rm -rf "$folder" || { sleep 1; rm -rf "$folder"; }

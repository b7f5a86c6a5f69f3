# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
# shellcheck shell=sh source=tests/cli/lib
. "$FRANK_TEST_LIB"
configure
record

echo '== the policy that decided decides so again'
run frank replay --since 2026-03-01 frank.conf

echo '== a stricter one, with meters that were not there'
sed -e 's/rcpts > 10 /rcpts > 2 /' -e 's/^accept$/hold sent > 2 label "many"\naccept/' \
	-e 's/^keys .*/keys "keys"\nmeter sent count recipients per user within 1d\
meter fresh count new-recipients per origin within 1h/' \
	-e 's/^accept path inb/hold fresh > 3x usual label "strangers"\naccept path inb/' \
	frank.conf >strict.conf
run frank replay --since 2026-03-01 strict.conf
run frank replay --since 2026-03-01 strict.conf --json
echo '== one day of another journal'
mkdir elsewhere
cp state/journal-2026-03-02.db elsewhere
run frank replay elsewhere/journal-2026-03-02.db strict.conf
run frank replay elsewhere/journal-2026-03-09.db strict.conf

echo '== one that signs less, and asks what nobody recorded'
sed -e '/path local/d' -e 's/^hold .*/hold spf fail label "spf"/' -e 's/path submission  owns author     sign/user crm sign/' \
	frank.conf >less.conf
run frank replay --since 2026-03-01 less.conf

echo '== a damaged record is left out, and said'
/usr/bin/python3 - <<'PY'
import sqlite3
db = sqlite3.connect("state/journal-2026-03-02.db")
db.execute("UPDATE decision SET more = '{' WHERE queue_id = '4cXyZ82lr'")
db.commit()
PY
run frank replay --since 2026-03-01 frank.conf

run frank replay frank.conf
run frank replay --since yesterday frank.conf
run frank replay
run frank replay nowhere.conf
echo 'accept user' >broken.conf
run frank replay broken.conf

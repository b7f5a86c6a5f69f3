# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
# shellcheck shell=sh source=tests/cli/lib
. "$FRANK_TEST_LIB"
configure
record

run frank explain 4cXyZ82lr
run frank explain 4cXyZ93ms
run frank explain '<m4@example.org>'
run frank explain 4cXyZB5pv
run frank explain 4cXyZC6qw
run frank explain 4cXyZ71kq
run frank explain m1@example.org --json
run frank explain 4cXyZ82lS
run frank explain carol@example.com
# What frankd has never seen.
run frank explain 4cXyZU1ww
run frank explain 4cXyZU1ww --json
run frank explain

# The configuration of now has nothing to say about decisions of then.
echo broken >frank.conf
run frank explain m5@example.net
# A record that says something else than its policy does.
/usr/bin/python3 - <<'PY'
import sqlite3
db = sqlite3.connect("state/journal-2026-03-02.db")
db.execute("UPDATE decision SET verdict = 'accept', label = NULL WHERE queue_id = '4cXyZ82lr'")
db.commit()
db = sqlite3.connect("state/policies.db")
PY
run frank explain 4cXyZ82lr
/usr/bin/python3 - <<'PY'
import sqlite3
db = sqlite3.connect("state/policies.db")
db.execute("DELETE FROM policy")
db.commit()
PY
run frank explain m5@example.net

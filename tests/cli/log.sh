# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
# shellcheck shell=sh source=tests/cli/lib
. "$FRANK_TEST_LIB"
configure
record

run frank log
run frank log -n 2
run frank log --user alice
run frank log --sender example.net
run frank log --to carol@example.com
run frank log --to EXAMPLE.COM -n 1
# As an alias led it; and what a content filter or .forward sent on.
run frank log --to dave@example.net --since 2026-03-03
run frank log --to erin@example.com
run frank log --to erin@example.com --user alice
run frank log --to team@example.org
run frank log --verdict hold
run frank log --rule 'account takeover?'
run frank log --rule 19
run frank log --since 2026-03-03
run frank log --until '2026-03-02 09:04'
run frank log --user nobody
run frank log --watch
run frank log --watch --user alice -n 5
run frank log --watch --user nobody
run frank log --json --verdict reject
run frank --state elsewhere log
run frank log --verdict maybe
run frank log -n 0
run frank log --since whenever
run frank log --colour

# It ends when nobody reads it any more.
frank log -f | head -1

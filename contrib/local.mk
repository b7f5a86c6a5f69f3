# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
#
# What other servers say, and what to do about it: read from where it is installed.
dist_pkgdata_DATA = contrib/replies.conf

# None of the rest is put in place by `make install`: it goes where README.md says, by hand.

dist_doc_DATA += README.md contrib/main.cf contrib/frank.sysusers \
	contrib/frank.tmpfiles contrib/frank-holdd.socket contrib/frank.bash
doc_DATA = contrib/frankd.service contrib/frank-holdd.service
EXTRA_DIST += HACKING.md contrib/frankd.service.in contrib/frank-holdd.service.in
CLEANFILES += contrib/frankd.service contrib/frank-holdd.service

contrib/frankd.service: contrib/frankd.service.in Makefile
	$(AM_V_GEN)$(fill_in) $(srcdir)/contrib/frankd.service.in >$@

contrib/frank-holdd.service: contrib/frank-holdd.service.in Makefile
	$(AM_V_GEN)$(fill_in) $(srcdir)/contrib/frank-holdd.service.in >$@

fill_in = $(MKDIR_P) contrib && sed -e 's|@bindir[@]|$(bindir)|g' \
	-e 's|@sbindir[@]|$(sbindir)|g' -e 's|@queuedir[@]|$(queuedir)|g' \
	-e 's|@localstatedir[@]|$(localstatedir)|g'

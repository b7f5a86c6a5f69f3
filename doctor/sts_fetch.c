/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/bug.h"
#include "lib/clock.h"

#include "doctor/http.h"
#include "doctor/place.h"
#include "doctor/socket.h"
#include "doctor/sts.h"
#include "doctor/sts_fetch.h"
#include "doctor/tls.h"

enum {
	HTTPS_PORT = 443,
	RESERVE = 3, /* seconds before the deadline of the check */
	BYTES_MAX = HTTP_HEAD_MAX + 2 * STS_POLICY_MAX,
	PIECE = 4096,
	SHOWN = 200,
	SECOND = 1000000,
};

/* UNKNOWN: another address may answer. */
enum fetch_end { FETCH_DONE, FETCH_WRONG, FETCH_UNKNOWN };

struct fetch {
	const struct doctor_world *world;
	struct doctor_report *report;
	struct view host;
	char addr[ADDR_TEXT];
	int64_t deadline;
	struct view unknown; /* why it could not be told, at the first address */
	struct view text;
};

static enum fetch_end
say_unknown(struct fetch *fetch, const char *why)
{
	struct buf text = BUF_INIT(1024);

	buf_addf(&text, "%.*s (%s): %s", VIEW_ARG(fetch->host), fetch->addr, why);
	if (fetch->unknown.n == 0)
		fetch->unknown = arena_view(fetch->report->arena, buf_view(&text));
	buf_fini(&text);
	return FETCH_UNKNOWN;
}

static enum fetch_end
say_certificate(struct fetch *fetch, const char *what, struct view detail)
{
	struct doctor_finding *finding = doctor_say(fetch->report, DOCTOR_BAD,
	    "%.*s (%s): %s%.*s, so others do not take the policy of MTA-STS from there",
	    VIEW_ARG(fetch->host), fetch->addr, what, VIEW_ARG(view_head(detail, SHOWN)));

	doctor_remedy(fetch->report, finding,
	    "Give the web server a certificate for %.*s that a known authority has signed, "
	    "with all certificates between, and see that it is renewed by itself",
	    VIEW_ARG(fetch->host));
	return FETCH_WRONG;
}

static enum fetch_end
say_old(struct fetch *fetch, struct view protocol)
{
	struct doctor_finding *finding = doctor_say(fetch->report, DOCTOR_BAD,
	    "%.*s (%s): nothing better than %.*s, so others do not take the policy of "
	    "MTA-STS from there",
	    VIEW_ARG(fetch->host), fetch->addr, VIEW_ARG(protocol));

	doctor_remedy(fetch->report, finding,
	    "Make the web server offer TLS 1.2, and better also 1.3");
	return FETCH_WRONG;
}

/* Senders take it from a server only that can show who it is. */
static enum fetch_end
judge_certificate(struct fetch *fetch, const struct tls_facts *facts)
{
	int64_t now = fetch->world->now / SECOND;
	char day[CLOCK_TEXT];

	if (facts->is_old)
		return say_old(fetch, facts->protocol);
	if (!facts->has_certificate)
		return say_certificate(fetch, "it shows no certificate", VIEW_NONE);
	if (now > facts->until)
		return say_certificate(fetch, "the certificate has ended on ",
		    view_of(clock_day(facts->until * SECOND, day)));
	if (now < facts->from)
		return say_certificate(fetch, "the certificate is not valid before ",
		    view_of(clock_day(facts->from * SECOND, day)));
	if (!facts->has_alt_names)
		return say_certificate(fetch,
		    "the certificate has no subjectAltName, but only a CN: ", facts->names);
	if (!facts->has_name)
		return say_certificate(
		    fetch, "the certificate is for another name: ", facts->names);
	if (facts->trust_fault.n > 0)
		return say_certificate(
		    fetch, "nobody vouches for the certificate: ", facts->trust_fault);
	return FETCH_DONE;
}

static bool
is_plain(struct view type)
{
	struct view bare = VIEW_NONE;

	(void)view_cut(&type, ';', &bare);
	return view_is_nocase(view_trim(bare), VIEW("text/plain"));
}

static enum fetch_end
say_wrong(struct fetch *fetch, const char *what, struct view detail)
{
	struct doctor_finding *finding = doctor_say(fetch->report, DOCTOR_BAD,
	    "MTA-STS is announced, but %.*s (%s) does not give its policy: %s%.*s",
	    VIEW_ARG(fetch->host), fetch->addr, what, VIEW_ARG(view_head(detail, SHOWN)));

	doctor_remedy(fetch->report, finding,
	    "Serve the policy as text/plain, without a redirect, at "
	    "https://%.*s/.well-known/mta-sts.txt, or take the TXT record _%.*s away",
	    VIEW_ARG(fetch->host), VIEW_ARG(fetch->host));
	return FETCH_WRONG;
}

static enum fetch_end
judge_answer(struct fetch *fetch, const struct http_answer *answer)
{
	char status[32];

	snprintf(status, sizeof(status), "status %u", answer->status);
	if (answer->status / 100 == 3)
		return say_wrong(fetch, "it redirects, which senders do not follow, to ",
		    answer->location);
	/* As a full server, or one that is being worked on. */
	if (answer->status / 100 == 5 || answer->status == 429)
		return say_unknown(fetch, status);
	if (answer->status != 200)
		return say_wrong(fetch, status, VIEW_NONE);
	if (!is_plain(answer->type))
		return say_wrong(fetch, "it is not text/plain but ",
		    answer->type.n > 0 ? answer->type : VIEW("of no type"));
	fetch->text = answer->body;
	return FETCH_DONE;
}

static bool
send_all(struct tls *tls, struct view bytes, int64_t deadline)
{
	while (bytes.n > 0) {
		ssize_t n = tls_write(tls, bytes.p, bytes.n, deadline);

		if (n <= 0)
			return false;
		bytes = view_from(bytes, (size_t)n);
	}
	return true;
}

static bool
is_late(const struct fetch *fetch)
{
	return clock_mono() >= fetch->deadline;
}

static enum fetch_end
read_answer(struct fetch *fetch, struct tls *tls, struct buf *in)
{
	struct http_answer answer;
	struct err err = ERR_INIT;
	int parsed = 0;
	bool is_all = false;

	while (parsed == 0 && !is_all) {
		char piece[PIECE];
		ssize_t n = tls_read(tls, piece, sizeof(piece), fetch->deadline);

		if (n < 0 && is_late(fetch))
			return say_unknown(fetch, "no whole answer within the time");
		/* Many close the connection without a word of TLS. */
		is_all = n <= 0;
		if (n > 0)
			buf_add_bytes(in, piece, (size_t)n);
		if (in->full)
			return say_wrong(fetch, "it sends too much", VIEW_NONE);
		parsed = http_parse(buf_view(in), is_all, STS_POLICY_MAX,
		    fetch->report->arena, &answer, &err);
	}
	if (parsed == 1)
		return judge_answer(fetch, &answer);
	return err.code == ERR_TEMP ? say_unknown(fetch, err.text)
				    : say_wrong(fetch, err.text, VIEW_NONE);
}

static enum fetch_end
ask(struct fetch *fetch, struct tls *tls)
{
	struct buf request = BUF_INIT(2048), in = BUF_INIT(BYTES_MAX);

	buf_addf(&request,
	    "GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: %.*s\r\n"
	    "User-Agent: frank-doctor\r\nAccept: text/plain\r\nConnection: close\r\n\r\n",
	    VIEW_ARG(fetch->host));
	enum fetch_end end = send_all(tls, buf_view(&request), fetch->deadline)
				 ? read_answer(fetch, tls, &in)
				 : say_unknown(fetch, "it takes no request");
	if (end == FETCH_DONE)
		fetch->text = arena_view(fetch->report->arena, fetch->text);
	buf_fini(&request);
	buf_fini(&in);
	return end;
}

static enum fetch_end
say_no_tls(struct fetch *fetch, const char *why)
{
	struct doctor_finding *finding = doctor_say(fetch->report, DOCTOR_BAD,
	    "%.*s (%s): TLS does not come about, so others do not get the policy of "
	    "MTA-STS: %s",
	    VIEW_ARG(fetch->host), fetch->addr, why);

	doctor_remedy(fetch->report, finding,
	    "See that the web server knows the name %.*s and has a certificate for it:\n"
	    "openssl s_client -connect %.*s:443 -servername %.*s",
	    VIEW_ARG(fetch->host), VIEW_ARG(fetch->host), VIEW_ARG(fetch->host));
	return FETCH_WRONG;
}

static enum fetch_end
secure(struct fetch *fetch, int fd)
{
	struct tls_facts facts;
	struct err err = ERR_INIT;
	struct tls *tls =
	    tls_start(fd, fetch->host, fetch->deadline, fetch->report->arena, &facts, &err);

	if (tls == NULL)
		return err.code == ERR_TEMP ? say_unknown(fetch, err.text)
					    : say_no_tls(fetch, err.text);
	enum fetch_end end = judge_certificate(fetch, &facts);
	if (end == FETCH_DONE)
		end = ask(fetch, tls);
	tls_free(tls);
	return end;
}

static enum fetch_end
fetch_one(struct fetch *fetch, struct addr addr, unsigned port)
{
	struct err err = ERR_INIT;
	int fd = -1;

	(void)addr_text(addr, fetch->addr);
	fetch->deadline = clock_mono() + fetch->world->patience * INT64_C(1000000);
	enum socket_end connected = socket_connect(addr, port, fetch->deadline, &fd, &err);
	if (connected == SOCKET_LATE)
		return say_unknown(fetch, "no answer within the time");
	if (connected != SOCKET_CONNECTED)
		return say_unknown(fetch, err.text);
	enum fetch_end end = secure(fetch, fd);
	(void)close(fd);
	return end;
}

bool
sts_fetch(const struct doctor_world *world, struct doctor_report *report, struct view host,
    const struct addr *addrs, size_t n_addrs, struct view *ret_text)
{
	struct fetch fetch = {
	    .world = world, .report = report, .host = host, .unknown = VIEW_NONE};
	enum fetch_end end = FETCH_UNKNOWN;
	unsigned port = HTTPS_PORT;
	struct place place;
	struct addr given;

	if (world->https.n > 0) {
		must(place_parse(world->https, HTTPS_PORT, &place) &&
		     addr_parse(place.host, &given, NULL) == 0);
		port = place.port;
		addrs = &given;
		n_addrs = 1;
	}
	for (size_t i = 0; i < n_addrs && end == FETCH_UNKNOWN; i++) {
		if (clock_mono() + (world->patience + RESERVE) * INT64_C(1000000) >
		    report->deadline)
			break;
		end = fetch_one(&fetch, addrs[i], port);
	}
	if (end == FETCH_UNKNOWN)
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "the policy of MTA-STS could not be fetched: %.*s",
		    VIEW_ARG(fetch.unknown.n > 0 ? fetch.unknown
						 : VIEW("there was no time to try")));
	*ret_text = fetch.text;
	return end == FETCH_DONE;
}

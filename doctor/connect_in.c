/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "postfix/program.h"

#include "doctor/connect.h"
#include "doctor/place.h"
#include "doctor/socket.h"
#include "doctor/talk.h"

/* Our own services, as somebody on this machine sees them. */

enum {
	CONNECT_SECONDS = 2, /* for one of this machine */
	POSTCONF_MS = 5000,
	OUTPUT_MAX = 1 << 20,
	WHAT_MAX = 128,
};

struct look {
	const struct doctor_world *world;
	struct doctor_report *report;
	struct connect_service service;
	struct talk *talk;
	struct addr addr;
	struct view lines;      /* of 'postconf -M' */
	struct view interfaces; /* of main.cf */
	bool has_postfix;
};

/* What postconf(1) prints; false: it cannot be asked. */
static bool
ask_postconf(const struct look *look, const char *const *options, struct view *ret_lines)
{
	const struct postfix_program program = {.name = "postconf",
	    .config = look->world->postfix_config,
	    .options = options,
	    .milliseconds = POSTCONF_MS};
	struct buf out = BUF_INIT(OUTPUT_MAX), said = BUF_INIT(OUTPUT_MAX);

	bool is_asked = postfix_run(&program, &out, &said, NULL) == 0;
	*ret_lines = arena_view(look->report->arena, view_trim(buf_view(&out)));
	buf_fini(&out);
	buf_fini(&said);
	return is_asked;
}

static void
read_postfix(struct look *look)
{
	static const char *const master[] = {"-M", NULL};
	static const char *const interfaces[] = {"-x", "-h", "inet_interfaces", NULL};

	look->has_postfix = ask_postconf(look, master, &look->lines) &&
			    ask_postconf(look, interfaces, &look->interfaces);
}

static void
say_closed(struct look *look, enum socket_end end, const char *why)
{
	const struct connect_service *service = &look->service;
	const char *how = end == SOCKET_LATE ? "no answer" : "nobody listens";
	struct doctor_finding *finding;

	if (end != SOCKET_REFUSED && end != SOCKET_LATE) {
		(void)doctor_say(
		    look->report, DOCTOR_UNKNOWN, "%s: %s", service->what, why);
		return;
	}
	switch (look->has_postfix ? connect_offers(look->lines, look->interfaces,
					look->addr, service->port)
				  : CONNECT_OFFER_UNKNOWN) {
	case CONNECT_OFFER_UNKNOWN:
		(void)doctor_say(look->report, DOCTOR_UNKNOWN,
		    "%s: %s, and whether Postfix should be there is not known: postconf "
		    "cannot be asked",
		    service->what, how);
		return;
	case CONNECT_OFFER_NO:
		(void)doctor_say(
		    look->report, DOCTOR_OK, "%s is not offered", service->what);
		return;
	case CONNECT_OFFER_ELSEWHERE:
		(void)doctor_say(look->report, DOCTOR_UNKNOWN,
		    "%s: %s; Postfix offers it on other addresses: name one "
		    "(--smtp, --submission, --submissions)",
		    service->what, how);
		return;
	case CONNECT_OFFER_HERE:
		finding = doctor_say(look->report, DOCTOR_BAD,
		    "%s: %s, though Postfix's master.cf offers it", service->what, how);
		doctor_remedy(look->report, finding,
		    "See whether Postfix runs, and on which addresses:\n"
		    "postfix status\npostconf inet_interfaces");
		return;
	}
	BUG("an offer that there is not");
}

/* False: the reply is none that goes on, and that was said. */
static bool
is_welcome(struct look *look, enum talk_end end, const char *to)
{
	const struct talk *talk = look->talk;
	const char *what = look->service.what;
	struct doctor_finding *finding;

	if (end == TALK_REPLY && talk->code / 100 == 2)
		return true;
	if (end == TALK_REPLY && talk->code / 100 == 4) {
		(void)doctor_say(look->report, DOCTOR_UNKNOWN,
		    "%s answers %s with: %d %.*s", what, to, talk->code,
		    VIEW_ARG(talk->shown));
		return false;
	}
	if (end == TALK_REPLY)
		finding =
		    doctor_say(look->report, DOCTOR_BAD, "%s answers %s with: %d %.*s",
			what, to, talk->code, VIEW_ARG(talk->shown));
	else
		finding = doctor_say(look->report, DOCTOR_BAD, "%s %s after %s%s%.*s", what,
		    talk_end_text(end), to, talk->text.n > 0 ? ": " : "",
		    VIEW_ARG(talk->shown));
	doctor_remedy(look->report, finding,
	    "Postfix's log says what its smtpd(8) met:\n"
	    "postfix status\njournalctl -u 'postfix*' -n 50");
	return false;
}

static bool
greet(struct look *look)
{
	struct buf line = BUF_INIT(TALK_LINE_MAX);
	struct view helo = look->world->helo;

	if (!is_welcome(look, talk_read(look->talk), "CONNECT"))
		return false;
	buf_addf(&line, "EHLO %.*s", VIEW_ARG(helo.n > 0 ? helo : VIEW("localhost")));
	enum talk_end end = talk_say(look->talk, buf_view(&line));
	buf_fini(&line);
	return is_welcome(look, end, "EHLO");
}

static void
say_no_starttls(struct look *look)
{
	const char *config = look->world->postfix_config;
	struct view name = connect_service_name(look->lines, look->service.port);
	struct buf option = BUF_INIT(2 * PATH_MAX);
	struct doctor_finding *finding;

	if (!look->service.is_for_users) {
		(void)doctor_say(look->report, DOCTOR_OK,
		    "%s answers, without STARTTLS: mail comes in the clear",
		    look->service.what);
		return;
	}
	finding = doctor_say(look->report, DOCTOR_BAD,
	    "%s offers no STARTTLS: passwords would go in the clear", look->service.what);
	if (config != NULL)
		buf_addf(&option, " -c %s", config);
	doctor_remedy(look->report, finding,
	    "Where it has a certificate (smtpd_tls_chain_files), switch TLS on:\n"
	    "postconf%s -P '%.*s/inet/smtpd_tls_security_level=encrypt'\n"
	    "postfix%s reload",
	    buf_text(&option), VIEW_ARG(name.n > 0 ? name : VIEW("submission")),
	    buf_text(&option));
	buf_fini(&option);
}

/* TLS over FD, and what it shows. */
static struct tls *
secure(struct look *look, int fd)
{
	struct tls_facts facts;
	struct err err = ERR_INIT;
	struct tls *tls = tls_start(
	    fd, look->world->helo, look->talk->deadline, look->report->arena, &facts, &err);

	if (tls == NULL) {
		struct doctor_finding *finding = doctor_say(look->report, DOCTOR_BAD,
		    "%s: TLS does not come about: %s", look->service.what, err.text);

		doctor_remedy(look->report, finding,
		    "See that key and certificate are there and belong together:\n"
		    "postconf smtpd_tls_chain_files smtpd_tls_cert_file "
		    "smtpd_tls_key_file");
		return NULL;
	}
	connect_judge_tls(look->report, &look->service, &facts, look->world->helo,
	    look->world->now / 1000000);
	return tls;
}

static void
converse(struct look *look, int fd)
{
	struct tls *tls = NULL;
	bool goes_on = true;

	if (look->service.is_tls) {
		tls = secure(look, fd);
		look->talk->tls = tls;
		goes_on = tls != NULL;
	}
	goes_on = goes_on && greet(look);
	if (goes_on && tls == NULL) {
		if (!talk_offers(look->talk, VIEW("STARTTLS")))
			say_no_starttls(look);
		else if (is_welcome(
			     look, talk_say(look->talk, VIEW("STARTTLS")), "STARTTLS"))
			tls = secure(look, fd);
	}
	tls_free(tls);
}

static void
look_at(struct look *look, struct view where, const struct connect_service *service)
{
	int64_t until = clock_mono() + CONNECT_SECONDS * INT64_C(1000000);
	char what[WHAT_MAX], text[ADDR_TEXT];
	struct err err = ERR_INIT;
	struct place place;
	struct addr addr;
	int fd = -1;

	must(place_parse(where, service->port, &place) &&
	     addr_parse(place.host, &addr, NULL) == 0);
	snprintf(what, sizeof(what), "%s port %u", addr_text(addr, text), place.port);
	look->service = *service;
	look->service.what = arena_text(look->report->arena, view_of(what));
	look->service.port = place.port;
	look->addr = addr;
	enum socket_end end = socket_connect(addr, place.port, until, &fd, &err);
	if (end != SOCKET_CONNECTED) {
		say_closed(look, end, err.text);
		return;
	}
	look->talk = arena_alloc(look->report->arena, sizeof(*look->talk));
	look->talk->fd = fd;
	look->talk->arena = look->report->arena;
	look->talk->deadline = clock_mono() + look->world->patience * INT64_C(1000000);
	converse(look, fd);
	(void)close(fd);
}

void
connect_check_in(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	static const struct connect_service services[] = {
	    {"25", 25, .is_tls = false, .is_for_users = false},
	    {"465", 465, .is_tls = true, .is_for_users = true},
	    {"587", 587, .is_tls = false, .is_for_users = true}};
	const struct view places[] = {world->smtp, world->submissions, world->submission};
	struct look look = {.world = world, .report = report};

	(void)subject;
	read_postfix(&look);
	for (size_t i = 0; i < ARRAY_LEN(services); i++)
		look_at(&look, places[i], &services[i]);
}

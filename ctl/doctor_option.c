/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <stdio.h>

#include "auth/address.h"
#include "doctor/place.h"
#include "doctor/submit.h"
#include "lib/bug.h"
#include "policy/value.h"

#include "ctl/doctor.h"

/* What was asked for. */

enum {
	PATIENCE = 8, /* seconds */
	PATIENCE_MAX = 10,
	WAIT = 60, /* seconds */
	WAIT_MAX = 3600,
};

/* Every name that --only and --skip take. */
static void
say_names(void)
{
	struct buf text = BUF_INIT(4096);

	for (const struct doctor_area *area = doctor_areas; area->name != NULL; area++) {
		buf_addf(&text, "%s%s:", text.n > 0 ? "; " : "", area->name);
		for (const struct doctor_check *check = area->checks; check->name != NULL;
		     check++)
			buf_addf(&text, " %s", check->name);
	}
	ctl_say("there are %s", buf_text(&text));
	buf_fini(&text);
}

/* "dns,connect-out" */
static int
take_names(const char *option, struct view *names, size_t *n)
{
	struct view rest = view_of(optarg), name;

	while (view_cut(&rest, ',', &name)) {
		name = view_trim(name);
		if (!doctor_has_name(doctor_areas, name)) {
			ctl_say("--%s: there is no check '%.*s'", option, VIEW_ARG(name));
			say_names();
			return EX_USAGE;
		}
		if (*n == DOCTOR_NAMES_MAX)
			return ctl_usage("doctor", "that many names are not taken");
		names[(*n)++] = name;
	}
	return CTL_FINE;
}

/* "mail.example.org:25", "[2001:db8::1]:25" */
static int
take_place(const char **place)
{
	struct place parsed;

	if (!place_parse(view_of(optarg), 1, &parsed))
		return ctl_usage("doctor", "this is no host, with or without a port");
	*place = optarg;
	return CTL_FINE;
}

static int
take_number(const char *option, unsigned max, unsigned *number)
{
	unsigned long long given;
	char why[80];

	snprintf(why, sizeof(why), "%s is a number up to %u", option, max);
	if (!view_number(view_of(optarg), max, &given) || given == 0)
		return ctl_usage("doctor", why);
	*number = (unsigned)given;
	return CTL_FINE;
}

static int
take_wait(unsigned *wait)
{
	uint64_t seconds;

	if (!value_duration(view_of(optarg), &seconds) || seconds == 0 ||
	    seconds > WAIT_MAX)
		return ctl_usage(
		    "doctor", "--wait is a duration of at most 1h, like 60s or 5m");
	*wait = (unsigned)seconds;
	return CTL_FINE;
}

static int
take_login(struct send_order *send)
{
	struct view login = view_of(optarg);

	for (size_t i = 0; i < login.n; i++)
		if ((unsigned char)login.p[i] < ' ' || login.p[i] == '\x7f')
			return ctl_usage("doctor", "this is no login");
	if (login.n == 0 || login.n > SUBMIT_SECRET_MAX)
		return ctl_usage("doctor", "this is no login");
	send->login = optarg;
	return CTL_FINE;
}

/* What belongs to a message that is to be sent. */
static int
take_send_option(struct send_order *send, int option, int argc, char **argv)
{
	switch (option) {
	case 'm':
		send->to = optarg;
		return CTL_FINE;
	case 'f':
		send->from = optarg;
		return CTL_FINE;
	case 'l':
		return take_login(send);
	case 'w':
		send->password_file = optarg;
		return CTL_FINE;
	case 'b':
		send->mailbox = optarg;
		return CTL_FINE;
	case 't':
		return take_wait(&send->wait);
	case 'y':
		send->yes = true;
		return CTL_FINE;
	default:
		return ctl_bad_option(argc, argv);
	}
}

static int
take_option(struct ctl *ctl, struct doctor_order *order, int option, int argc, char **argv)
{
	switch (option) {
	case 'o':
		return take_names("only", order->only, &order->n_only);
	case 's':
		return take_names("skip", order->skip, &order->n_skip);
	case 'r':
		order->resolver = optarg;
		return CTL_FINE;
	case 'p':
		return take_number("--port", 65535, &order->port);
	case 'W':
		return take_number("--patience", PATIENCE_MAX, &order->patience);
	case 'P':
		return take_place(&order->probe);
	case 'S':
		return take_place(&order->smtp);
	case 'U':
		return take_place(&order->submission);
	case 'T':
		return take_place(&order->submissions);
	case 'H':
		return take_place(&order->https);
	case 'C':
		if (optarg[0] != '/')
			return ctl_usage("doctor", "--postfix-config begins with '/'");
		order->postfix_config = optarg;
		return CTL_FINE;
	case 'v':
		order->is_verbose = true;
		return CTL_FINE;
	case 'J':
		ctl->json = true;
		return CTL_FINE;
	default:
		return take_send_option(&order->send, option, argc, argv);
	}
}

static int
take_domains(struct doctor_order *order, int argc, char **argv)
{
	struct view *domains =
	    arena_array(order->arena, (size_t)argc + 1, sizeof(domains[0]));
	struct err err = ERR_INIT;

	for (int i = optind; i < argc; i++) {
		struct view domain = view_of(argv[i]);

		if (view_ends(domain, VIEW("."))) /* as in a zone file */
			domain = view_head(domain, domain.n - 1);
		if (address_parse_domain(
			domain, order->arena, &domains[order->n_domains], &err) != 0) {
			(void)err_add(&err, "'%s' is not a domain", argv[i]);
			return ctl_usage("doctor", err.text);
		}
		order->n_domains++;
	}
	order->domains = domains;
	return CTL_FINE;
}

static bool
is_address(const char *place)
{
	struct place parsed;
	struct addr addr;

	return place == NULL || (place_parse(view_of(place), 1, &parsed) &&
				    addr_parse(parsed.host, &addr, NULL) == 0);
}

/* What is not said of our own services. */
static int
finish_checks(struct doctor_order *order)
{
	const struct send_order *send = &order->send;

	if (send->from != NULL || send->login != NULL || send->password_file != NULL ||
	    send->mailbox != NULL || send->yes || send->wait != 0)
		return ctl_usage("doctor", "this belongs to --send ADDRESS");
	if (!is_address(order->smtp) || !is_address(order->submission) ||
	    !is_address(order->submissions) || !is_address(order->https))
		return ctl_usage("doctor", "our own services are named by address");
	if (order->smtp == NULL)
		order->smtp = "127.0.0.1";
	if (order->submission == NULL)
		order->submission = "127.0.0.1";
	if (order->submissions == NULL)
		order->submissions = "127.0.0.1";
	return CTL_FINE;
}

static int
finish_send(struct doctor_order *order)
{
	struct send_order *send = &order->send;
	bool is_submitted = order->submission != NULL || order->submissions != NULL;

	if (order->n_domains > 0 || order->n_only > 0 || order->n_skip > 0)
		return ctl_usage("doctor", "with --send nothing else is looked at");
	if (order->submission != NULL && order->submissions != NULL)
		return ctl_usage(
		    "doctor", "a message takes one way: --submission or --submissions");
	if (send->login != NULL && !is_submitted)
		return ctl_usage("doctor", "--login needs --submission HOST");
	if (send->password_file != NULL && send->login == NULL)
		return ctl_usage("doctor", "--password-file needs --login");
	if (send->wait == 0)
		send->wait = WAIT;
	return CTL_FINE;
}

int
doctor_order_read(struct ctl *ctl, int argc, char **argv, struct doctor_order *order)
{
	static const struct option options[] = {
	    {"only", required_argument, NULL, 'o'},
	    {"skip", required_argument, NULL, 's'},
	    {"resolver", required_argument, NULL, 'r'},
	    {"port", required_argument, NULL, 'p'},
	    {"probe", required_argument, NULL, 'P'},
	    {"patience", required_argument, NULL, 'W'},
	    {"smtp", required_argument, NULL, 'S'},
	    {"submission", required_argument, NULL, 'U'},
	    {"submissions", required_argument, NULL, 'T'},
	    {"https", required_argument, NULL, 'H'},
	    {"postfix-config", required_argument, NULL, 'C'},
	    {"send", required_argument, NULL, 'm'},
	    {"from", required_argument, NULL, 'f'},
	    {"login", required_argument, NULL, 'l'},
	    {"password-file", required_argument, NULL, 'w'},
	    {"mailbox", required_argument, NULL, 'b'},
	    {"wait", required_argument, NULL, 't'},
	    {"yes", no_argument, NULL, 'y'},
	    {"verbose", no_argument, NULL, 'v'},
	    {"json", no_argument, NULL, 'J'},
	    {NULL, 0, NULL, 0},
	};
	int option, code;

	order->patience = PATIENCE;
	while ((option = getopt_long(argc, argv, "v", options, NULL)) != -1)
		if ((code = take_option(ctl, order, option, argc, argv)) != CTL_FINE)
			return code;
	code = take_domains(order, argc, argv);
	if (code != CTL_FINE)
		return code;
	return order->send.to != NULL ? finish_send(order) : finish_checks(order);
}

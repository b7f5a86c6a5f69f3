/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"

#include "auth/suffixes.h"

#include "ctl/ctl.h"

enum { FORM_COLUMN = 40 };

/* This table is the usage text. Several forms of one command stand in several lines. */
static const struct command {
	const char *name;
	ctl_command *run;
	const char *arguments, *help;
} commands[] = {
    {"check", command_check, "[-v] [FILE]", "check a policy; -v prints it in full"},
    {"test", command_test, "FILE.cases ...",
	"do these cases get the decisions they should?"},
    {"explain", command_explain, "ID [--json]", "why a message was decided as it was"},
    {"log", command_log, "[-f] [-n N] [FILTER ...] [--json]", "decisions, newest last"},
    {"key", command_key, "new DOMAIN [--selector S] [--type T]", "make a signing key"},
    {"key", command_key, "list [--json]", "the keys, and which of them sign"},
    {"key", command_key, "check [DOMAIN [SELECTOR]] [--json]",
	"ask DNS whether they are published"},
    {"top", command_top, "[-n N] [--once] [--json]",
	"who sends most now, against what is usual"},
    {"meter", command_meter, "NAME [--json]", "all meters of a login, client, domain ..."},
    {"meter", command_meter, "reset NAME", "empty them"},
    {"meter", command_meter, "exempt NAME --for 2h | --end",
	"do not measure it for a while"},
    {"incident", command_incident, "list [--all] [--json]",
	"held mail that belongs together"},
    {"incident", command_incident, "show ID [--json]",
	"one of them, and what of it is on hold"},
    {"incident", command_incident, "close ID [--reason TEXT]", "it is over"},
    {"incident", command_incident, "sweep ID [--yes] [--dry-run]",
	"hold its mail that is in the queue already"},
    {"hold", command_hold, "list [--by KIND] [FILTER ...] [--gone] [-v] [--json]",
	"what waits on hold, oldest first, and why"},
    {"hold", command_hold, "show ID [--raw | --save FILE] [--lines N] [--json]",
	"one of them: the decision, and what is in it"},
    {"hold", command_hold, "release ID ... | FILTER ... [--yes] [--reason TEXT]",
	"let it go to its recipients"},
    {"hold", command_hold, "bounce ID ... | FILTER ... [--yes] [--reason TEXT]",
	"return it to its sender"},
    {"hold", command_hold, "delete ID ... | FILTER ... [--yes] [--reason TEXT]",
	"without telling anybody"},
    {"queue", command_queue, "[--by KIND] [-n N] [--list FILE] [--json]",
	"what is in Postfix's queue, and why"},
    {"queue", command_queue, "--watch [--every TIME] [--count N] ...",
	"the same, again and again"},
    {"deliveries", command_deliveries, "[FILTER] [--by KIND] [-n N] [--json]",
	"what deliveries came to"},
    {"deliveries", command_deliveries, "--list [FILTER] [-n N] [--json]",
	"each attempt that delivered nothing"},
    {"coverage", command_coverage, "[--since TIME] [--json]",
	"what left without frankd, and why"},
    {"reply", command_reply, "[--dsn D] [--from HOST] [TEXT ...] [--json]",
	"what another server said, in plain words"},
    {"reply", command_reply, "--check FILE", "try the test lines of a replies.conf"},
    {"spf", command_spf,
	"DOMAIN [--ip A ...] [--sender S] [--helo H] [--resolver R] [--json]",
	"what receivers get for mail of ours, and why"},
    {"doctor", command_doctor, "[DOMAIN ...] [--only NAMES] [--skip NAMES] [-v] [--json]",
	"what is wrong around us, and what to do about it"},
    {"doctor", command_doctor, "--send ADDRESS [--submission HOST] [--yes] [--json]",
	"send a test message, and follow it"},
    {"verify", command_verify, "FILE [--key D/S=FILE ...] [--json]",
	"what libopendkim says of a message's signatures"},
    {"replay", command_replay, "[--since TIME | FILE ...] NEW.conf [--json]",
	"what another policy would have decided"},
    {"import", command_import, "opendkim FILE [--to DIR] [--dry-run] [--json]",
	"OpenDKIM's configuration as one of Frank's, in a new directory"},
    {"reload", command_reload, "", "make frankd(8) read its configuration again"},
    {"status", command_status, "[--json]", "how frankd(8) is"},
    {"version", command_version, "", "what this is"},
    {"help", command_help, "[COMMAND]", "this text"},
};

/* What stands for more than one word in the forms. */
static const struct {
	const char *name, *text;
} placeholders[] = {
    {"log", "FILTER is --to or --sender ADDRESS or DOMAIN, --user LOGIN,\n"
	    "\t--verdict accept, hold, defer or reject, --rule LABEL or PLACE, --watch,\n"
	    "\t--since TIME, --until TIME"},
    {"log", "TIME is 2026-03-02, \"2026-03-02 09:03\" (UTC), 90m, 2h or 7d"},
    {"hold", "FILTER is --user LOGIN, --label LABEL, --to ADDRESS or DOMAIN,\n"
	     "\t--older 2h, --client ADDRESS or NET, --incident ID"},
    {"hold", "KIND is label, user, domain or incident"},
    {"hold", "--others takes what fits and was not put on hold by frankd, too"},
    {"queue", "KIND is queue, destination, cause or login"},
    {"deliveries", "FILTER is --since TIME, --user LOGIN, --to ADDRESS or DOMAIN"},
    {"deliveries", "KIND is domain, code, login or relay"},
};

static const struct command *
find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}

/* Forms that are longer than the column have their text on a line of its own. */
static void
print_usage(FILE *to)
{
	fprintf(
	    to, "usage: frank [-c FILE] [--state DIR] [--control PATH] COMMAND ...\n\n");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		char form[80];
		int n = snprintf(
		    form, sizeof(form), "%s %s", commands[i].name, commands[i].arguments);

		if (n > FORM_COLUMN)
			fprintf(to, "  %s\n  %-*s %s\n", form, FORM_COLUMN, "",
			    commands[i].help);
		else
			fprintf(to, "  %-*s %s\n", FORM_COLUMN, form, commands[i].help);
	}
	fprintf(to, "\nWith --json every command that prints records prints JSON lines."
		    " frank(1) has the rest.\n");
}

/* Is this a form of NAME, and, when there is one, of its verb? */
static bool
is_form(const struct command *command, const char *name, const char *verb)
{
	const size_t n = verb != NULL ? strlen(verb) : 0;

	return strcmp(command->name, name) == 0 &&
	       (n == 0 ||
		   (strncmp(command->arguments, verb, n) == 0 &&
		       (command->arguments[n] == ' ' || command->arguments[n] == '\0')));
}

static void
print_placeholders(FILE *to, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(placeholders); i++)
		if (strcmp(placeholders[i].name, name) == 0)
			fprintf(to, "\t%s\n", placeholders[i].text);
}

static bool
has_verb(const char *name, const char *verb)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (is_form(&commands[i], name, verb))
			return true;
	return false;
}

static void
print_forms(const char *name, const char *verb)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		const char *arguments = commands[i].arguments;

		if (is_form(&commands[i], name, verb))
			fprintf(stderr, "usage: frank %s%s%s\n", name,
			    arguments[0] != '\0' ? " " : "", arguments);
	}
}

int
ctl_usage(const char *name, const char *why)
{
	const struct command *command = name != NULL ? find_command(name) : NULL;

	if (why != NULL)
		ctl_say("%s", why);
	if (command != NULL)
		print_forms(name, NULL);
	else
		fprintf(stderr, "'frank help' lists the commands\n");
	return EX_USAGE;
}

int
ctl_bad_option(int argc, char **argv)
{
	const char *what = optind > 0 && optind <= argc ? argv[optind - 1] : "";

	/* A verb has its command before it; "check" is both. */
	const char *name = has_verb(argv[-1], argv[0]) ? argv[-1] : argv[0];
	const char *verb = name == argv[0] ? NULL : argv[0];
	ctl_say("%s%s%s: '%s' is not an option of it, or lacks its value", name,
	    verb != NULL ? " " : "", verb != NULL ? verb : "", what);
	print_forms(name, verb);
	print_placeholders(stderr, name);
	return EX_USAGE;
}

/* How many words stand before --help in "frank hold list --help", where it is no option's
 * value; 0: nobody asks. */
static int
words_before_help(int argc, char **argv)
{
	const int at = argc > 2 && argv[1][0] != '-' ? 2 : 1;
	const bool asks =
	    argc > at && (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0);

	return asks ? at : 0;
}

int
command_help(struct ctl *ctl, int argc, char **argv)
{
	(void)ctl;
	if (argc > 1) {
		const struct command *command = find_command(argv[1]);

		if (command == NULL)
			return ctl_usage(NULL, "there is no such command");
		const char *verb = argc > 2 && has_verb(argv[1], argv[2]) ? argv[2] : NULL;
		for (size_t i = 0; i < ARRAY_LEN(commands); i++)
			if (is_form(&commands[i], command->name, verb))
				printf("frank %s %s\n\t%s\n", commands[i].name,
				    commands[i].arguments, commands[i].help);
		print_placeholders(stdout, command->name);
		return CTL_FINE;
	}
	print_usage(stdout);
	return CTL_FINE;
}

int
command_version(struct ctl *ctl, int argc, char **argv)
{
	(void)ctl;
	(void)argc;
	(void)argv;
	printf("frank " PACKAGE_VERSION "\n");
	return CTL_FINE;
}

static int
bad_command(const char *name)
{
	char why[160];

	snprintf(why, sizeof(why), "there is no command '%s'", name);
	return ctl_usage(NULL, why);
}

/* 0, or -1 after having said what is wrong. Leaves optind at the command. */
static int
read_options(struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"state", required_argument, NULL, 's'},
	    {"control", required_argument, NULL, 'p'},
	    {"json", no_argument, NULL, 'J'},
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'},
	    {NULL, 0, NULL, 0},
	};
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "+c:hV", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			ctl->config = optarg;
			break;
		case 's':
			ctl->state = optarg;
			break;
		case 'p':
			ctl->control = optarg;
			break;
		case 'J':
			ctl->json = true;
			break;
		case 'h':
			exit(command_help(ctl, 1, argv));
		case 'V':
			exit(command_version(ctl, 1, argv));
		default:
			ctl_say(
			    "'%s' is not an option, or lacks its value", argv[optind - 1]);
			return -1;
		}
	}
	return 0;
}

int
main(int argc, char **argv)
{
	struct ctl ctl = {.config = FRANK_CONF_DIR "/frank.conf"};

	ctl.colour = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
	if (read_options(&ctl, argc, argv) == -1)
		return ctl_usage(NULL, NULL);
	argc -= optind;
	argv += optind;
	if (argc == 0) {
		print_usage(stderr);
		return EX_USAGE;
	}
	const struct command *command = find_command(argv[0]);
	if (command == NULL)
		return bad_command(argv[0]);
	const int words = words_before_help(argc, argv);
	if (words > 0)
		return command_help(&ctl, words + 1, argv - 1);
	suffixes_choose();
	optind = 0; /* the command reads its own options */
	int code = command->run(&ctl, argc, argv);
	for (size_t i = 0; i < ARRAY_LEN(ctl.found); i++)
		free(ctl.found[i]);
	if (fflush(stdout) != 0 && code == CTL_FINE)
		code = EX_IOERR;
	return code;
}

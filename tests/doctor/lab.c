/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "tests/doctor/lab.h"
#include "tests/doctor/pasted.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/postfix.h"
#include "lib/buf.h"
#include "lib/bug.h"
#include "lib/bundle.h"

enum { TEXT_MAX = 1 << 20 };

/* postconf -d, what the checks ask for. */
static const char defaults[] =
    "bounce_queue_lifetime = 5d\n"
    "cleanup_service_name = cleanup\n"
    "compatibility_level = 0\n"
    "content_filter =\n"
    "default_destination_concurrency_limit = 20\n"
    "default_process_limit = 100\n"
    "default_transport = smtp\n"
    "disable_mime_output_conversion = no\n"
    "enable_long_queue_ids = no\n"
    "internal_mail_filter_classes =\n"
    "mail_owner = postfix\n"
    "mailbox_size_limit = 51200000\n"
    "maillog_file =\n"
    "maximal_backoff_time = 4000s\n"
    "maximal_queue_lifetime = 5d\n"
    "message_size_limit = 10240000\n"
    "milter_command_timeout = 30s\n"
    "milter_connect_timeout = 30s\n"
    "milter_content_timeout = 300s\n"
    "milter_default_action = tempfail\n"
    "milter_end_of_data_macros = i\n"
    "milter_header_checks =\n"
    "milter_mail_macros = i {auth_type} {auth_authen} {auth_author} {mail_addr} "
    "{mail_host} {mail_mailer}\n"
    "milter_protocol = 6\n"
    "minimal_backoff_time = 300s\n"
    "mydomain = localdomain\n"
    "myhostname = vm.localdomain\n"
    "myorigin = $myhostname\n"
    "non_smtpd_milters =\n"
    "queue_directory = /var/spool/postfix\n"
    "queue_minfree = 0\n"
    "queue_run_delay = 300s\n"
    "receive_override_options =\n"
    "relayhost =\n"
    "sender_dependent_relayhost_maps =\n"
    "smtp_body_checks =\n"
    "smtp_destination_concurrency_limit = $default_destination_concurrency_limit\n"
    "smtp_discard_ehlo_keyword_address_maps =\n"
    "smtp_discard_ehlo_keywords =\n"
    "smtp_generic_maps =\n"
    "smtp_header_checks =\n"
    "smtp_helo_name = $myhostname\n"
    "smtp_line_length_limit = 998\n"
    "smtp_mime_header_checks =\n"
    "smtp_nested_header_checks =\n"
    "smtpd_client_restrictions =\n"
    "smtpd_forbid_bare_newline = no\n"
    "smtpd_forbid_bare_newline_reject_code = 550\n"
    "smtpd_data_restrictions =\n"
    "smtpd_end_of_data_restrictions =\n"
    "smtpd_helo_restrictions =\n"
    "smtpd_milter_maps =\n"
    "smtpd_milters =\n"
    "smtpd_proxy_filter =\n"
    "smtpd_recipient_restrictions =\n"
    "smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, "
    "defer_unauth_destination\n"
    "smtpd_sasl_auth_enable = no\n"
    "smtpd_sender_login_maps =\n"
    "smtpd_sender_restrictions =\n"
    "virtual_mailbox_limit = 51200000\n";

static const char usual_main[] = "compatibility_level = 3.6\n"
				 "enable_long_queue_ids = yes\n"
				 "internal_mail_filter_classes = bounce\n"
				 "mydomain = example.org\n"
				 "myhostname = mail.example.org\n"
				 "non_smtpd_milters = $smtpd_milters\n"
				 "smtpd_forbid_bare_newline = normalize\n"
				 "smtpd_milters = unix:frank/milter.sock\n";

static const char usual_master[] = "smtp       inet n - y - - smtpd\n"
				   "submission inet n - y - - smtpd\n"
				   "pickup     unix n - y 60 1 pickup\n"
				   "cleanup    unix n - y - 0 cleanup\n"
				   "bounce     unix - - y - 0 bounce\n"
				   "smtp       unix - - y - - smtp\n"
				   "relay      unix - - y - - smtp\n";

static const char usual_overrides[] = "submission/inet/smtpd_sasl_auth_enable = yes\n"
				      "submission/inet/syslog_name = postfix/submission\n";

/* The parameter's name that a line of main.cf begins with. */
static struct view
name_of(struct view line)
{
	struct view name;

	(void)view_cut(&line, '=', &name);
	return view_trim(name);
}

/* Is NAME in TEXT; behind a '!'? */
static bool
has_name(const char *text, struct view name, bool *ret_is_gone)
{
	struct view rest = view_of(text), line;

	while (view_cut(&rest, '\n', &line)) {
		*ret_is_gone = view_starts(line, VIEW("!"));
		if (view_is(name_of(view_from(line, *ret_is_gone)), name))
			return true;
	}
	return false;
}

/* The lines of BELOW that ABOVE does not have. */
static void
add_lines(struct buf *out, const char *below, const char *above)
{
	struct view rest = view_of(below), line;
	bool is_gone;

	while (view_cut(&rest, '\n', &line))
		if (line.n > 0 && !view_starts(line, VIEW("!")) &&
		    !has_name(above, name_of(line), &is_gone))
			buf_addf(out, "%.*s\n", VIEW_ARG(line));
}

struct texts {
	struct buf set, values;
};

static void
make_texts(struct texts *texts, const char *own)
{
	buf_init(&texts->set, TEXT_MAX);
	buf_init(&texts->values, TEXT_MAX);
	add_lines(&texts->set, own, "");
	add_lines(&texts->set, usual_main, own);
	/* Those that are gone are in OWN as well. */
	struct buf known = BUF_INIT(TEXT_MAX);
	buf_addf(&known, "%s%s", own, buf_text(&texts->set));
	buf_add(&texts->values, buf_view(&texts->set));
	add_lines(&texts->values, defaults, buf_text(&known));
	buf_fini(&known);
}

/* TEXT, with the directory that "/FILES" stands for; in ARENA. */
static const char *
fill_in(const char *text, struct arena *arena)
{
	const char *files = getenv("DOCTOR_FILES"), *found;
	struct buf out = BUF_INIT(TEXT_MAX);
	const char *filled;

	must(files != NULL);
	while ((found = strstr(text, "/FILES")) != NULL) {
		buf_addf(&out, "%.*s%s", (int)(found - text), text, files);
		text = found + strlen("/FILES");
	}
	buf_add_text(&out, text);
	filled = arena_text(arena, buf_view(&out));
	buf_fini(&out);
	return filled;
}

static void
make_socket(const char *name, mode_t mode)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	must(fd != -1);
	must(snprintf(address.sun_path, sizeof(address.sun_path), "%s/queue/open/%s",
		 getenv("DOCTOR_FILES"), name) < (int)sizeof(address.sun_path));
	(void)unlink(address.sun_path);
	must(bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0);
	must(chmod(address.sun_path, mode) == 0);
	close(fd);
}

void
lab_sockets(void)
{
	make_socket("milter.sock", 0666);
	make_socket("own.sock", 0600);
}

static struct policy *
load(const char *text)
{
	struct bundle *bundle = bundle_new(NULL);
	struct map_seed seed = {.k0 = 1, .k1 = 2};
	struct policy *policy;
	struct diag diag;

	must(bundle_put(bundle, VIEW("frank.conf"), view_of(text), NULL) == 0);
	if (strstr(text, "keys ") != NULL)
		must(bundle_put(bundle, VIEW(POLICY_KEYS_FILE),
			 VIEW("- example.org s2026 rsa-sha256 1767225600\n"), NULL) == 0);
	diag_init(&diag);
	policy = policy_load(bundle, "frank.conf", seed, 0, &diag);
	if (policy == NULL)
		printf("%s", buf_text(&diag.out));
	must(policy != NULL);
	diag_fini(&diag);
	bundle_free(bundle);
	return policy;
}

/* The worst of what was said. */
static enum doctor_answer
show(const struct doctor_report *report)
{
	enum doctor_answer worst = DOCTOR_OK;

	must(report->first != NULL);
	for (const struct doctor_finding *finding = report->first; finding != NULL;
	     finding = finding->next) {
		struct view rest = finding->remedy, line;

		printf("%s: %.*s\n", doctor_answer_name(finding->answer),
		    VIEW_ARG(finding->evidence));
		if (finding->answer == DOCTOR_BAD && finding->remedy.n == 0)
			printf("!! there is no remedy\n");
		while (rest.n > 0 && view_cut(&rest, '\n', &line))
			printf("> %.*s\n%s", VIEW_ARG(line),
			    line_is_as_it_says(line) ? "" : "!! words without a capital\n");
		if (worst != DOCTOR_BAD && finding->answer != DOCTOR_OK)
			worst = finding->answer;
	}
	return worst;
}

static void
show_lines(const char *file, const char *lines)
{
	struct view rest = view_of(lines), line;

	while (rest.n > 0 && view_cut(&rest, '\n', &line))
		if (line.n > 0)
			printf("%s | %.*s\n", file, VIEW_ARG(line));
}

static const char *
choose(const char *text, const char *otherwise)
{
	return text != NULL ? text : otherwise;
}

static enum doctor_answer
run(const struct doctor_check *check, const struct doctor_world *world)
{
	const struct doctor_subject nothing = {.domain = VIEW_NONE};
	struct arena *arena = arena_new(0);
	struct doctor_report report = {.arena = arena, .deadline = INT64_MAX};
	enum doctor_answer worst;

	report.end = &report.first;
	check->run(world, &nothing, &report);
	worst = show(&report);
	arena_free(arena);
	return worst;
}

static bool
run_variant(const struct doctor_check *check, const struct variant *variant)
{
	struct arena *arena = arena_new(0);
	const char *lines = fill_in(choose(variant->policy, "accept\n"), arena);
	struct policy *policy = strcmp(lines, "!") != 0 ? load(lines) : NULL;
	struct texts texts;

	printf("\n== %s\n", variant->what);
	show_lines("main.cf   ", choose(variant->main, ""));
	show_lines("master.cf ", choose(variant->master, ""));
	show_lines("-o        ", choose(variant->overrides, ""));
	show_lines("frank.conf", choose(variant->policy, ""));
	make_texts(&texts, fill_in(choose(variant->main, ""), arena));
	const struct postfix_conf_texts printed = {
	    .values = buf_view(&texts.values),
	    .set = buf_view(&texts.set),
	    .services = view_of(choose(variant->master, usual_master)),
	    .overrides =
		view_of(fill_in(choose(variant->overrides, usual_overrides), arena)),
	    .warnings = view_of(choose(variant->warnings, "")),
	};
	const struct doctor_postfix postfix = {.conf = postfix_conf_new(&printed, arena)};
	const struct doctor_world world = {
	    .policy = policy,
	    .policy_fault = VIEW("frank.conf:1: error: expected a statement\n    1 | x\n"),
	    .config_path = "/etc/frank/frank.conf",
	    .postfix = &postfix,
	};
	enum doctor_answer answer = run(check, &world);
	if (answer != variant->want)
		printf("!! it should be %s\n", doctor_answer_name(variant->want));
	buf_fini(&texts.set);
	buf_fini(&texts.values);
	arena_free(arena);
	policy_free(policy);
	return answer == variant->want;
}

static bool
run_without(const struct doctor_check *check)
{
	const struct doctor_world world = {.postfix_fault = VIEW("there is no postconf")};

	printf("\n== no Postfix to be seen\n");
	return run(check, &world) == DOCTOR_UNKNOWN;
}

static const struct doctor_check *
find_check(const char *name)
{
	static const struct doctor_check *const areas[] = {doctor_postfix, doctor_machine};

	for (size_t i = 0; i < ARRAY_LEN(areas); i++)
		for (const struct doctor_check *check = areas[i]; check->name != NULL;
		     check++)
			if (strcmp(check->name, name) == 0)
				return check;
	return NULL;
}

/* Is each answer among what the variants want? */
static bool
has_each(const struct variants *variants)
{
	bool seen[3] = {false};

	for (size_t i = 0; i < variants->n; i++)
		seen[variants->list[i].want] = true;
	return seen[DOCTOR_OK] && seen[DOCTOR_BAD] && seen[DOCTOR_UNKNOWN];
}

bool
lab_run(const struct variants *variants)
{
	const struct doctor_check *check = find_check(variants->check);
	bool is_right = check != NULL && has_each(variants);

	printf("%s: %s.\n", variants->check, check != NULL ? check->why : "no such check");
	for (size_t i = 0; check != NULL && i < variants->n; i++)
		is_right &= run_variant(check, &variants->list[i]);
	return check != NULL && run_without(check) && is_right;
}

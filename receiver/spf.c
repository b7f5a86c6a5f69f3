/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/time.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "lib/bug.h"

#include "receiver/spf_private.h"

enum { ANSWERS_BYTES = 4 << 20 };

bool
spf_judge_is_record(struct view record)
{
	return view_starts_nocase(record, VIEW("v=spf1")) &&
	       (record.n == 6 || record.p[6] == ' ');
}

static SPF_dns_rr_t *
no_records(SPF_dns_server_t *server, const char *name, ns_type type, int herrno)
{
	SPF_dns_rr_t *rr = SPF_dns_rr_new_init(server, name, type, 0, herrno);

	must(rr != NULL);
	return rr;
}

/* The data of a record as libspf2 wants it: addresses raw, all else as a C string. */
static void
record_put(SPF_dns_rr_t *rr, int at, ns_type type, struct view data)
{
	bool is_address = type == ns_t_a || type == ns_t_aaaa;
	size_t size = data.n + (is_address ? 0 : 1);
	char *into;

	if (size < sizeof(SPF_dns_rr_data_t))
		size = sizeof(SPF_dns_rr_data_t);
	must(SPF_dns_rr_buf_realloc(rr, at, size) == SPF_E_SUCCESS);
	into = (char *)rr->rr[at];
	memset(into, 0, size);
	if (data.n > 0)
		memcpy(into, data.p, data.n);
}

static SPF_dns_rr_t *
records(SPF_dns_server_t *server, const char *name, ns_type type,
    const struct dns_answer *answer)
{
	SPF_dns_rr_t *rr = no_records(server, name, type, NETDB_SUCCESS);

	for (uint32_t i = 0; i < answer->n; i++)
		record_put(rr, (int)i, type, answer->records[i].data);
	rr->num_rr = (int)answer->n;
	return rr;
}

/* NULL: nobody knows. */
static const struct dns_answer *
find(struct spf_eye *eye, const char *name, ns_type type)
{
	const struct dns_answer *answer;

	if (++eye->lookups > SPF_JUDGE_LOOKUPS) {
		eye->no_opinion = "libspf2 does not come to an end: it asks DNS more than "
				  "1000 times";
		return NULL;
	}
	answer = answers_lookup(eye->answers, (enum dns_type)type, view_of(name));
	if (answer == NULL)
		eye->no_opinion = "libspf2 asks DNS for what we did not";
	else if (answer->state == DNS_NO_ANSWER)
		eye->no_opinion = "DNS did not answer";
	else if (answer->is_cut)
		eye->no_opinion = "DNS says more than we keep";
	return eye->no_opinion == NULL ? answer : NULL;
}

static void
note(struct spf_eye *eye, ns_type type, const struct dns_answer *answer)
{
	bool is_first = eye->lookups == 1;

	if (answer->state == DNS_NO_DATA || answer->state == DNS_NO_NAME)
		eye->voids += !is_first;
	for (uint32_t i = 0; type == ns_t_txt && !is_first && i < answer->n; i++)
		eye->has_include =
		    eye->has_include || spf_judge_is_record(answer->records[i].data);
}

/* All that libspf2 knows of DNS. Once its result is worth nothing, it is brought to an end:
 * a failure of DNS stops it. */
static SPF_dns_rr_t *
look_up(SPF_dns_server_t *server, const char *name, ns_type type, int should_cache)
{
	struct spf_eye *eye = server->hook;
	const struct dns_answer *answer;

	(void)should_cache;
	if (type == ns_t_spf) /* gone since RFC 7208 */
		return no_records(server, name, type, NO_DATA);
	answer = eye->no_opinion == NULL ? find(eye, name, type) : NULL;
	if (answer == NULL)
		return no_records(server, name, type, TRY_AGAIN);
	note(eye, type, answer);
	switch (answer->state) {
	case DNS_FOUND:
		return records(server, name, type, answer);
	case DNS_NO_DATA:
		return no_records(server, name, type, NO_DATA);
	case DNS_NO_NAME:
		return no_records(server, name, type, HOST_NOT_FOUND);
	case DNS_NO_ANSWER:
	case DNS_FAILED:
		break;
	}
	return no_records(server, name, type, TRY_AGAIN);
}

void
spf_judge_timer(long milliseconds)
{
	struct itimerval timer = {
	    .it_value = {milliseconds / 1000, milliseconds % 1000 * 1000}};
	sigset_t set;

	(void)signal(SIGPROF, SIG_DFL);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGPROF);
	(void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	must(setitimer(ITIMER_PROF, &timer, NULL) == 0);
}

/* False: libspf2 would understand another question. */
static bool
request_fill(SPF_request_t *request, const struct spf_case *asked)
{
	char sender[SPF_JUDGE_NAME_MAX + 1], helo[SPF_JUDGE_NAME_MAX + 1];

	if (asked->sender.n >= sizeof(sender) || asked->helo.n >= sizeof(helo) ||
	    asked->sender.n == 0 || view_has_char(asked->sender, '\0') ||
	    view_has_char(asked->helo, '\0'))
		return false;
	snprintf(sender, sizeof(sender), "%.*s", VIEW_ARG(asked->sender));
	snprintf(helo, sizeof(helo), "%.*s", VIEW_ARG(asked->helo));
	if (asked->client.family == ADDR_IPV4) {
		struct in_addr address;
		memcpy(&address, asked->client.bytes, sizeof(address));
		(void)SPF_request_set_ipv4(request, address);
	} else if (asked->client.family == ADDR_IPV6) {
		struct in6_addr address;
		memcpy(&address, asked->client.bytes, sizeof(address));
		(void)SPF_request_set_ipv6(request, address);
	} else {
		return false;
	}
	if (helo[0] != '\0')
		(void)SPF_request_set_helo_dom(request, helo);
	(void)SPF_request_set_env_from(request, sender);
	return request->env_from_dp != NULL &&
	       view_is_nocase(view_of(request->env_from_dp), asked->domain);
}

/* Where there is no record to judge, libspf2 gives no result but errors. Who uses it takes
 * them for the one or the other, as RFC 7208 has it. */
static const char *
result_name(SPF_response_t *response)
{
	SPF_result_t result = SPF_response_result(response);

	if (result != SPF_RESULT_INVALID)
		return SPF_strresult(result);
	for (int i = 0; i < SPF_response_messages(response); i++)
		if (SPF_error_code(SPF_response_message(response, i)) == SPF_E_DNS_ERROR)
			return "temperror";
	return "permerror";
}

static void
no_opinion(struct spf_judgement *judgement, const char *why)
{
	judgement->opinion = RECEIVER_NO_OPINION;
	snprintf(judgement->reason, sizeof(judgement->reason), "%s", why);
}

static void
judge(const struct spf_case *asked, const struct spf_eye *eye, SPF_server_t *server,
    SPF_response_t *response, struct spf_judgement *judgement)
{
	struct buf out = BUF_INIT(1024);

	if (eye->no_opinion != NULL || response == NULL) {
		no_opinion(judgement,
		    eye->no_opinion != NULL ? eye->no_opinion : "libspf2 says nothing");
		return;
	}
	snprintf(judgement->theirs, sizeof(judgement->theirs), "%s", result_name(response));
	if (view_is(view_of(judgement->theirs), asked->ours)) {
		judgement->opinion = RECEIVER_AGREES;
		return;
	}
	if (view_is(asked->ours, VIEW("temperror"))) {
		no_opinion(judgement, "DNS failed");
		return;
	}
	judgement->opinion = RECEIVER_DISAGREES;
	buf_addf(
	    &out, "libspf2 says %s, not %.*s", judgement->theirs, VIEW_ARG(asked->ours));
	spf_reason_add(asked, eye, server, response, &out);
	snprintf(judgement->reason, sizeof(judgement->reason), "%s", buf_text(&out));
	buf_fini(&out);
}

void
spf_judge(const struct spf_case *asked, struct spf_judgement *ret_judgement)
{
	struct spf_eye eye = {.answers = asked->answers};
	SPF_dns_server_t dns;
	SPF_server_t *server;
	SPF_request_t *request;
	SPF_response_t *response = NULL;

	memset(ret_judgement, 0, sizeof(*ret_judgement));
	memset(&dns, 0, sizeof(dns));
	dns.lookup = look_up;
	dns.name = "answers";
	dns.hook = &eye;
	spf_judge_timer(SPF_JUDGE_MS);
	server = SPF_server_new_dns(&dns, 0);
	must(server != NULL);
	request = SPF_request_new(server);
	must(request != NULL);
	if (request_fill(request, asked)) {
		(void)SPF_request_query_mailfrom(request, &response);
		judge(asked, &eye, server, response, ret_judgement);
	} else {
		no_opinion(ret_judgement, "libspf2 cannot be asked about such a sender");
	}
	if (response != NULL)
		SPF_response_free(response);
	SPF_request_free(request);
	SPF_server_free(server);
	spf_judge_timer(0);
}

int
spf_judge_frame(struct view payload, struct spf_judgement *ret_judgement, struct err *err)
{
	struct receiver_spf_head head;
	struct spf_case asked;
	struct view rest = view_from(payload, sizeof(head));
	int result = -1;

	if (payload.n < sizeof(head) || !view_cut(&rest, '\0', &asked.ours) ||
	    !view_cut(&rest, '\0', &asked.domain) ||
	    !view_cut(&rest, '\0', &asked.sender) || !view_cut(&rest, '\0', &asked.helo) ||
	    rest.p == NULL)
		return err_set(err, ERR_BAD_INPUT, "a question about SPF that is none");
	memcpy(&head, payload.p, sizeof(head));
	asked.client = head.client;
	struct arena *arena = arena_new(ANSWERS_BYTES);
	asked.answers = answers_new(arena);
	if (answers_unpack(asked.answers, rest, err) == 0) {
		spf_judge(&asked, ret_judgement);
		result = 0;
	}
	arena_free(arena);
	return result;
}

/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/socket.h>

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "auth/base64.h"
#include "lib/buf.h"
#include "lib/bug.h"
#include "lib/clock.h"

#include "doctor/socket.h"
#include "doctor/submit.h"
#include "doctor/talk.h"

enum {
	HOST_MAX = 256,
	NAMES_SHOWN = 80,
	TEXT_OUT_MAX = 64 << 10,
	PLAIN_MAX = 2 * SUBMIT_SECRET_MAX + 2,
	HEAD_MAX = 16,
};

struct submission {
	const struct submit *submit;
	struct submit_answer *answer;
	struct addr addr;
	struct talk talk;
	struct tls *tls;
};

/* What came after WHAT is no reply of the kind WANT (2 or 3). */
static int
refused(struct submission *now, enum talk_end end, const char *what, struct err *err)
{
	const struct talk *talk = &now->talk;

	if (end != TALK_REPLY)
		return err_set(err, ERR_TEMP, "it %s after %s%s%.*s", talk_end_text(end),
		    what, talk->shown.n > 0 ? ": " : "", VIEW_ARG(talk->shown));
	return err_set(err, talk->code >= 500 ? ERR_CONFIG : ERR_TEMP,
	    "it answers %s with: %d %.*s", what, talk->code, VIEW_ARG(talk->shown));
}

static int
take_reply(
    struct submission *now, enum talk_end end, const char *what, int want, struct err *err)
{
	now->answer->code = end == TALK_REPLY ? now->talk.code : 0;
	now->answer->said = now->talk.shown;
	return end == TALK_REPLY && now->talk.code / 100 == want
		   ? 0
		   : refused(now, end, what, err);
}

/* LINE, of which WHAT may be shown. */
static int
command(struct submission *now, struct view line, const char *what, struct err *err)
{
	int want = view_is(line, VIEW("DATA")) ? 3 : 2;

	return take_reply(now, talk_say(&now->talk, line), what, want, err);
}

static int
command_with(struct submission *now, const char *format, struct view argument,
    const char *what, struct err *err)
{
	struct buf line = BUF_INIT(TALK_LINE_MAX);

	buf_addf(&line, "%s%.*s%s", format, VIEW_ARG(argument),
	    view_has_char(view_of(format), '<') ? ">" : "");
	int result = command(now, buf_view(&line), what, err);
	buf_fini(&line);
	return result;
}

int
submit_judge_server(
    const struct tls_facts *facts, struct view host, int64_t now, struct err *err)
{
	const char *help = "the password was not given";
	struct view names = view_head(facts->names, NAMES_SHOWN);

	if (facts->is_old)
		return err_set(err, ERR_CONFIG, "it has nothing better than %.*s: %s",
		    VIEW_ARG(facts->protocol), help);
	if (!facts->has_certificate)
		return err_set(err, ERR_CONFIG, "it shows no certificate: %s", help);
	if (facts->trust_fault.n > 0)
		return err_set(err, ERR_CONFIG,
		    "nobody vouches for its certificate (%.*s): %s",
		    VIEW_ARG(facts->trust_fault), help);
	if (now < facts->from || now > facts->until)
		return err_set(
		    err, ERR_CONFIG, "its certificate is not valid at this time: %s", help);
	if (!facts->has_alt_names)
		return err_set(err, ERR_CONFIG,
		    "its certificate has no subjectAltName, but only a CN (%.*s): %s",
		    VIEW_ARG(names), help);
	if (!facts->has_name)
		return err_set(err, ERR_CONFIG,
		    "its certificate is for %.*s, not for %.*s: %s", VIEW_ARG(names),
		    VIEW_ARG(host), help);
	return 0;
}

static int
secure(struct submission *now, struct err *err)
{
	const struct submit *submit = now->submit;
	struct tls_facts facts;

	if (now->talk.n > 0)
		return err_set(
		    err, ERR_CONFIG, "it speaks before TLS begins: somebody is in between");
	now->tls = tls_start(
	    now->talk.fd, submit->host, submit->deadline, submit->arena, &facts, err);
	if (now->tls == NULL)
		return err_add(err, "TLS does not come about");
	now->talk.tls = now->tls;
	now->answer->protocol = facts.protocol;
	return addr_is_loopback(now->addr) || submit->login.n == 0
		   ? 0
		   : submit_judge_server(&facts, submit->host, submit->now, err);
}

static int
greet(struct submission *now, struct err *err)
{
	return command_with(now, "EHLO ", now->submit->helo, "EHLO", err);
}

static int
begin(struct submission *now, struct err *err)
{
	if (now->submit->is_tls && secure(now, err) == -1)
		return -1;
	if (take_reply(now, talk_read(&now->talk), "the connection", 2, err) == -1 ||
	    greet(now, err) == -1)
		return -1;
	if (now->tls != NULL || !talk_offers(&now->talk, VIEW("STARTTLS")))
		return 0;
	if (command(now, VIEW("STARTTLS"), "STARTTLS", err) == -1 || secure(now, err) == -1)
		return -1;
	return greet(now, err);
}

/* What is said is wiped: it is the password in other letters. */
static int
say_login(struct submission *now, struct err *err)
{
	const struct submit *submit = now->submit;
	char plain[PLAIN_MAX], line[HEAD_MAX + BASE64_SIZE(PLAIN_MAX)];
	size_t n = submit->login.n, total = n + submit->password.n + 2;
	int head = snprintf(line, sizeof(line), "AUTH PLAIN ");

	must(n <= SUBMIT_SECRET_MAX && submit->password.n <= SUBMIT_SECRET_MAX);
	plain[0] = plain[n + 1] = '\0';
	memcpy(plain + 1, submit->login.p, n);
	if (submit->password.n > 0)
		memcpy(plain + n + 2, submit->password.p, submit->password.n);
	struct view said = base64((const uint8_t *)plain, total, line + head);
	size_t end = (size_t)head + said.n;
	memcpy(line + end, "\r\n", 2);
	enum talk_end came = talk_send(&now->talk, (struct view){line, end + 2})
				 ? talk_read(&now->talk)
				 : TALK_CLOSED;
	OPENSSL_cleanse(plain, sizeof(plain));
	OPENSSL_cleanse(line, sizeof(line));
	return take_reply(now, came, "the login", 2, err);
}

static int
log_in(struct submission *now, struct err *err)
{
	const struct submit *submit = now->submit;

	if (submit->login.n == 0)
		return 0;
	if (now->tls == NULL && !addr_is_loopback(now->addr))
		return err_set(
		    err, ERR_CONFIG, "it offers no STARTTLS: the password was not given");
	if (!talk_offers_with(&now->talk, VIEW("AUTH"), VIEW("PLAIN")))
		return err_set(err, ERR_CONFIG,
		    talk_offers(&now->talk, VIEW("AUTH"))
			? "it takes logins, but not by PLAIN, the only way known here"
			: "it takes no login here");
	return say_login(now, err);
}

/* RFC 5321 4.5.2; the last dot is not in it. */
static void
add_text(struct view text, struct buf *out)
{
	struct view line;

	while (text.n > 0 && view_cut(&text, '\n', &line)) {
		if (line.n > 0 && line.p[0] == '.')
			buf_add_char(out, '.');
		buf_add(out, line);
		buf_add(out, VIEW("\r\n"));
	}
}

static int
converse(struct submission *now, struct err *err)
{
	const struct submit *submit = now->submit;
	struct buf text = BUF_INIT(TEXT_OUT_MAX);
	int result = -1;

	if (begin(now, err) == -1 || log_in(now, err) == -1 ||
	    command_with(now, "MAIL FROM:<", submit->sender, "MAIL", err) == -1 ||
	    command_with(now, "RCPT TO:<", submit->rcpt, "RCPT", err) == -1 ||
	    command(now, VIEW("DATA"), "DATA", err) == -1)
		return -1;
	add_text(submit->text, &text);
	must(!text.full);
	now->answer->has_text = true;
	if (!talk_send(&now->talk, buf_view(&text)))
		(void)refused(now, TALK_CLOSED, "DATA", err);
	else
		result = command(now, VIEW("."), "the message", err);
	buf_fini(&text);
	/* It has the message, whatever it says now. */
	if (result == 0)
		(void)talk_send(&now->talk, VIEW("QUIT\r\n"));
	return result;
}

/* An address is one without asking anybody, and without a network. */
static struct addrinfo *
find_host(const struct submit *submit, struct err *err)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
	struct addrinfo *found = NULL;
	char host[HOST_MAX];

	if (submit->host.n >= sizeof(host)) {
		(void)err_set(err, ERR_CONFIG, "the name of the host is too long");
		return NULL;
	}
	memcpy(host, submit->host.p, submit->host.n);
	host[submit->host.n] = '\0';
	int why = getaddrinfo(host, NULL, &hints, &found);
	if (why == EAI_NONAME) {
		hints.ai_flags = AI_ADDRCONFIG;
		why = getaddrinfo(host, NULL, &hints, &found);
	}
	if (why == 0)
		return found;
	(void)err_set(err, ERR_TEMP, "it cannot be found: %s", gai_strerror(why));
	return NULL;
}

/* FOUND and those behind it. */
static size_t
count_addresses(const struct addrinfo *found)
{
	size_t n = 0;

	for (; found != NULL; found = found->ai_next)
		n++;
	return n;
}

int
submit_send(const struct submit *submit, struct submit_answer *ret_answer, struct err *err)
{
	struct submission *now = mem_zeroed(1, sizeof(*now));
	enum socket_end end = SOCKET_FAILED;
	struct err why = ERR_INIT;
	int fd = -1, result = -1;

	*ret_answer = (struct submit_answer){.code = 0};
	struct addrinfo *found = find_host(submit, err);
	now->submit = submit;
	now->answer = ret_answer;
	for (const struct addrinfo *at = found; at != NULL && end != SOCKET_CONNECTED;
	     at = at->ai_next) {
		now->addr = addr_of_sockaddr(at->ai_addr);
		int64_t until =
		    clock_share(clock_mono(), submit->deadline, count_addresses(at));
		if (now->addr.family != ADDR_NONE)
			end = socket_connect(now->addr, submit->port, until, &fd, &why);
	}
	if (end == SOCKET_CONNECTED) {
		now->talk.fd = fd;
		now->talk.arena = submit->arena;
		now->talk.deadline = submit->deadline;
		result = converse(now, err);
		tls_free(now->tls);
		(void)close(fd);
	} else if (found != NULL) {
		(void)err_set(err, ERR_TEMP, "it cannot be connected to: %s", why.text);
	}
	if (found != NULL)
		freeaddrinfo(found);
	free(now);
	return result;
}

/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <limits.h>
#include <poll.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "lib/buf.h"
#include "lib/bug.h"

#include "doctor/socket.h"
#include "doctor/tls.h"

enum { NAMES_MAX = 1024, HOST_MAX = 256 };

struct tls {
	SSL_CTX *context;
	SSL *ssl;
	int fd;
};

void
tls_free(struct tls *tls)
{
	if (tls == NULL)
		return;
	SSL_free(tls->ssl);
	SSL_CTX_free(tls->context);
	free(tls);
	/* What the library keeps for this thread would else go only when the thread has
	 * ended, which nobody waits for. */
	OPENSSL_thread_stop();
}

/* After RESULT of a call: true: wait was of use, call again. */
static bool
goes_on(struct tls *tls, int result, int64_t deadline)
{
	switch (SSL_get_error(tls->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		return socket_wait(tls->fd, POLLIN, deadline);
	case SSL_ERROR_WANT_WRITE:
		return socket_wait(tls->fd, POLLOUT, deadline);
	default:
		return false;
	}
}

ssize_t
tls_read(struct tls *tls, void *into, size_t size, int64_t deadline)
{
	for (;;) {
		/* SSL_get_error(3) takes whatever is left there for the answer. */
		ERR_clear_error();
		int n = SSL_read(tls->ssl, into, size < INT_MAX ? (int)size : INT_MAX);

		if (n > 0)
			return n;
		if (SSL_get_error(tls->ssl, n) == SSL_ERROR_ZERO_RETURN)
			return 0;
		if (!goes_on(tls, n, deadline))
			return -1;
	}
}

ssize_t
tls_write(struct tls *tls, const void *bytes, size_t n, int64_t deadline)
{
	for (;;) {
		ERR_clear_error();
		int done = SSL_write(tls->ssl, bytes, n < INT_MAX ? (int)n : INT_MAX);

		if (done > 0)
			return done;
		if (!goes_on(tls, done, deadline))
			return -1;
	}
}

static void
add_name(struct buf *names, const ASN1_STRING *name)
{
	buf_add_text(names, names->n > 0 ? ", " : "");
	buf_add_bytes(names, ASN1_STRING_get0_data(name), (size_t)ASN1_STRING_length(name));
}

/* The names of hosts; false: there are none, and whom it is for stands instead. */
static bool
add_names(X509 *certificate, struct buf *names)
{
	GENERAL_NAMES *list =
	    X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	X509_NAME *subject = X509_get_subject_name(certificate);

	for (int i = 0; i < sk_GENERAL_NAME_num(list); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(list, i);

		if (name->type == GEN_DNS)
			add_name(names, name->d.dNSName);
	}
	GENERAL_NAMES_free(list);
	bool has_alt_names = names->n > 0;
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	if (!has_alt_names && at >= 0)
		add_name(names, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
	return has_alt_names;
}

static int64_t
seconds_of(const ASN1_TIME *time)
{
	struct tm tm;

	return ASN1_TIME_to_tm(time, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

static bool
is_of_now(const X509 *certificate)
{
	return X509_cmp_current_time(X509_get0_notBefore(certificate)) < 0 &&
	       X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0;
}

static struct view
trust_fault(const struct tls *tls, const X509 *certificate, struct arena *arena)
{
	long why = SSL_get_verify_result(tls->ssl);
	bool is_date =
	    why == X509_V_ERR_CERT_HAS_EXPIRED || why == X509_V_ERR_CERT_NOT_YET_VALID;

	if (why == X509_V_OK)
		return VIEW("");
	/* Its own dates are looked at by themselves. */
	if (is_date && !is_of_now(certificate))
		return VIEW("");
	if (is_date)
		return VIEW("one of those that vouch for it is not valid at this time");
	return arena_view(arena, view_of(X509_verify_cert_error_string(why)));
}

static void
take_facts(
    const struct tls *tls, const char *host, struct arena *arena, struct tls_facts *facts)
{
	X509 *certificate = SSL_get1_peer_certificate(tls->ssl);
	struct buf names = BUF_INIT(NAMES_MAX);

	facts->protocol = arena_view(arena, view_of(SSL_get_version(tls->ssl)));
	facts->is_old = SSL_version(tls->ssl) < TLS1_2_VERSION;
	facts->has_certificate = certificate != NULL;
	if (certificate == NULL)
		return;
	facts->has_alt_names = add_names(certificate, &names);
	facts->names = arena_view(arena, buf_view(&names));
	facts->from = seconds_of(X509_get0_notBefore(certificate));
	facts->until = seconds_of(X509_get0_notAfter(certificate));
	facts->has_name =
	    host[0] != '\0' && X509_check_host(certificate, host, 0,
				   X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, NULL) == 1;
	facts->trust_fault = trust_fault(tls, certificate, arena);
	buf_fini(&names);
	X509_free(certificate);
}

static bool
prepare(struct tls *tls, const char *host)
{
	tls->context = SSL_CTX_new(TLS_client_method());
	must(tls->context != NULL);
	/* To see what is offered, not to be safe. */
	SSL_CTX_set_security_level(tls->context, 0);
	(void)SSL_CTX_set_min_proto_version(tls->context, TLS1_VERSION);
	(void)SSL_CTX_set_default_verify_paths(tls->context);
	tls->ssl = SSL_new(tls->context);
	must(tls->ssl != NULL);
	(void)SSL_set_mode(tls->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE);
	return (host[0] == '\0' || SSL_set_tlsext_host_name(tls->ssl, host) == 1) &&
	       SSL_set_fd(tls->ssl, tls->fd) == 1;
}

/* Why the other side does not want to. NULL: the connection ended, which anything between
 * us may have brought about, or it took too long. */
static const char *
refusal(void)
{
	unsigned long code = ERR_peek_last_error();

	if (code == 0 || ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		return NULL;
	return ERR_reason_error_string(code);
}

struct tls *
tls_start(int fd, struct view name, int64_t deadline, struct arena *arena,
    struct tls_facts *ret_facts, struct err *err)
{
	struct tls *tls = mem_zeroed(1, sizeof(*tls));
	struct tls_facts facts = {.is_old = false};
	char host[HOST_MAX] = "";
	int done = 0;

	if (name.n > 0 && name.n < sizeof(host) && !view_has_char(name, '\0'))
		memcpy(host, name.p, name.n);
	tls->fd = fd;
	ERR_clear_error();
	if (prepare(tls, host)) {
		do
			done = SSL_connect(tls->ssl);
		while (done != 1 && goes_on(tls, done, deadline));
	}
	if (done == 1) {
		take_facts(tls, host, arena, &facts);
		*ret_facts = facts;
		return tls;
	}
	const char *why = refusal();
	(void)err_set(err, why != NULL ? ERR_BAD_INPUT : ERR_TEMP, "%s",
	    why != NULL ? why : "the connection was closed, or it took too long");
	tls_free(tls);
	return NULL;
}

/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
/*
 * miltload - load generator and meter for milters (milter protocol, MTA side)
 *
 * cc -O2 -Wall -Wextra -o miltload miltload.c -lpthread
 *
 * Speaks the MTA side of the milter protocol (version 2..6) over many
 * connections from one or more epoll loops, measures latency, counts verdicts
 * and inserted headers, and reads the CPU time and memory of the server's
 * process tree before and after, so that CPU per message can be told apart
 * from a noisy wall clock.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* ---- protocol constants ---- */
#define CHUNK 65535u
#define P_NOCONNECT 0x1u
#define P_NOHELO 0x2u
#define P_NOMAIL 0x4u
#define P_NORCPT 0x8u
#define P_NOBODY 0x10u
#define P_NOHDRS 0x20u
#define P_NOEOH 0x40u
#define P_NR_HDR 0x80u
#define P_NOUNKNOWN 0x100u
#define P_NODATA 0x200u
#define P_SKIP 0x400u
#define P_NR_CONN 0x1000u
#define P_NR_HELO 0x2000u
#define P_NR_MAIL 0x4000u
#define P_NR_RCPT 0x8000u
#define P_NR_DATA 0x10000u
#define P_NR_EOH 0x40000u
#define P_NR_BODY 0x80000u
#define P_LEADSPC 0x100000u

enum { ST_NEG = 1, ST_CONN, ST_HELO, ST_READY, ST_MAIL, ST_RCPT, ST_DATA, ST_HDR, ST_EOH, ST_BODY, ST_EOM, ST_MSGDONE };
enum { M_CONNECT, M_HELO, M_MAIL, M_RCPT, M_DATA, M_EOM, M_EOH, M_N };

/* ---- options ---- */
static struct {
	const char *socket;
	int conns, threads, headers, rcpts, users, hot, idle, reconnect, wire_each, base64, abort_every, abort_after;
	long messages, warmup;
	size_t body;
	double think_ms, duration, rate, timeout, settle;
	bool poisson, no_auth, json, quiet, lf;
	const char *domain, *rcpt_domain, *client_ip, *client_name, *daemon, *jname, *helo, *body_file, *dump, *expect, *label, *ctype;
	int client_ips;
	uint32_t version, actions, proto;
	unsigned seed;
	int npid;
	pid_t pid[16];
} o;

/* ---- histogram: log-linear, 64 steps per octave, in ns ---- */
#define HSUB 64
#define HN (58 * HSUB + HSUB)
typedef struct {
	uint64_t n, max;
	double sum;
	uint32_t b[HN];
} hist;

static void h_add(hist *h, uint64_t v)
{
	unsigned idx;
	if (v < HSUB)
		idx = (unsigned)v;
	else {
		unsigned msb = 63u - (unsigned)__builtin_clzll(v), sh = msb - 6;
		idx = (sh + 1) * HSUB + (unsigned)((v >> sh) - HSUB);
	}
	if (idx >= HN)
		idx = HN - 1;
	h->b[idx]++;
	h->n++;
	h->sum += (double)v;
	if (v > h->max)
		h->max = v;
}

static double h_q(const hist *h, double q)
{
	if (!h->n)
		return 0;
	uint64_t want = (uint64_t)(q * (double)h->n), acc = 0;
	if (want >= h->n)
		want = h->n - 1;
	for (unsigned i = 0; i < HN; i++) {
		acc += h->b[i];
		if (acc > want) {
			if (i < HSUB)
				return i;
			unsigned sh = i / HSUB - 1, sub = i % HSUB;
			double v = (double)((uint64_t)(HSUB + sub) << sh) + (double)(1ull << sh) / 2;
			return v > (double)h->max ? (double)h->max : v;
		}
	}
	return (double)h->max;
}

static void h_merge(hist *a, const hist *b)
{
	a->n += b->n;
	a->sum += b->sum;
	if (b->max > a->max)
		a->max = b->max;
	for (unsigned i = 0; i < HN; i++)
		a->b[i] += b->b[i];
}

/* ---- statistics ---- */
#define NHDR 32
typedef struct {
	uint64_t warm_err; /* errors of set-up and warm-up, which the reset must not hide */
	uint64_t ok, failed, conn_opened, conn_retries, proto_err, io_err, timeouts, aborted;
	uint64_t v_accept, v_continue, v_reject, v_tempfail, v_discard, v_reply4, v_reply5, v_shutdown;
	uint64_t early, rcpt_rej, conn_final, progress, skip;
	uint64_t a_chghdr, a_addrcpt, a_delrcpt, a_replbody, a_quar, a_chgfrom;
	uint64_t bytes_out, bytes_in, writes, reads;
	struct {
		char name[40];
		uint64_t count, bytes;
	} hdr[NHDR];
	int nhdr;
	uint64_t hdrs;
	hist msg, eom, setup;
} stats;

struct thr;
typedef struct {
	bool ext;
	size_t off, len;
	const uint8_t *p;
} seg;

typedef struct conn {
	int fd, id;
	struct thr *t;
	bool connecting, want_w, busy, idle_conn, conn_final, in_timer, live, is_idle;
	int step, waiting, msgs;
	unsigned gen; /* counts closes, so that a reused fd is not taken for the old one */
	uint32_t version, actions, proto;
	int i_rcpt, i_hdr, rcpt_ok;
	size_t i_body;
	uint64_t t_start, t_eom, t_act, t_setup;
	uint64_t serial;
	unsigned user;
	uint8_t *ob;
	size_t on, ocap;
	seg *sg;
	int nsg, csg, isg;
	size_t sgoff;
	uint8_t *ib;
	size_t in, icap;
	char *sym[M_N];
	char qid[24];
	struct conn *next_idle;
	char *dumped; /* headers inserted, for --dump */
	size_t dumpn;
} conn;

typedef struct {
	uint64_t at;
	conn *c;
} timer;

typedef struct thr {
	pthread_t th;
	int id, ep;
	conn *c;
	int nc;
	timer *heap;
	int nheap, cheap;
	conn *idle;
	int active; /* messages in flight or connection setups pending */
	stats s;
	uint64_t rng, due_k;
	double next_due;
	int consec_fail;
} thr;

static pthread_barrier_t bar;
static atomic_long g_started;
static long g_limit;
static uint64_t g_t0, g_deadline;
static bool g_count, g_quit, g_rate_on;
static atomic_int g_stop, g_dumped;
static thr *T;
static struct {
	uint8_t *frames;
	size_t *off, *len;
	size_t n;
	uint8_t *raw;
	size_t rawlen;
} B;

static void die(const char *f, ...)
{
	va_list ap;
	va_start(ap, f);
	fprintf(stderr, "miltload: ");
	vfprintf(stderr, f, ap);
	fprintf(stderr, "\n");
	va_end(ap);
	exit(2);
}
static void *xm(size_t n)
{
	void *p = calloc(1, n ? n : 1);
	if (!p)
		die("out of memory");
	return p;
}
static void *xr(void *p, size_t n)
{
	p = realloc(p, n);
	if (!p)
		die("out of memory");
	return p;
}
static uint64_t now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ull + (uint64_t)ts.tv_nsec;
}
static uint64_t rnd(thr *t)
{
	uint64_t x = t->rng;
	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return t->rng = x;
}
static double rnd01(thr *t)
{
	return ((double)(rnd(t) >> 11) + 0.5) / 9007199254740992.0;
}
/* natural log without libm: range reduction and the atanh series */
static double ln01(double x)
{
	double r = 0;
	while (x < 0.5) {
		x *= 2;
		r -= 0.6931471805599453;
	}
	double y = (x - 1) / (x + 1), y2 = y * y, term = y, s = 0;
	for (int i = 1; i < 40; i += 2) {
		s += term / i;
		term *= y2;
	}
	return r + 2 * s;
}

/* ---- timers ---- */
static void tm_push(thr *t, uint64_t at, conn *c)
{
	if (t->nheap == t->cheap)
		t->heap = xr(t->heap, sizeof(timer) * (size_t)(t->cheap = t->cheap ? t->cheap * 2 : 64));
	int i = t->nheap++;
	while (i && t->heap[(i - 1) / 2].at > at) {
		t->heap[i] = t->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	t->heap[i] = (timer){at, c};
	c->in_timer = true;
}
static conn *tm_pop(thr *t)
{
	conn *c = t->heap[0].c;
	timer last = t->heap[--t->nheap];
	int i = 0;
	for (;;) {
		int k = 2 * i + 1;
		if (k >= t->nheap)
			break;
		if (k + 1 < t->nheap && t->heap[k + 1].at < t->heap[k].at)
			k++;
		if (t->heap[k].at >= last.at)
			break;
		t->heap[i] = t->heap[k];
		i = k;
	}
	if (t->nheap)
		t->heap[i] = last;
	c->in_timer = false;
	return c;
}

/* ---- output queue ---- */
static uint8_t *ob_need(conn *c, size_t n)
{
	if (c->on + n > c->ocap) {
		while (c->on + n > c->ocap)
			c->ocap = c->ocap ? c->ocap * 2 : 4096;
		c->ob = xr(c->ob, c->ocap);
	}
	return c->ob + c->on;
}
static seg *sg_new(conn *c)
{
	if (c->nsg == c->csg)
		c->sg = xr(c->sg, sizeof(seg) * (size_t)(c->csg = c->csg ? c->csg * 2 : 16));
	return &c->sg[c->nsg++];
}
static void sg_int(conn *c, size_t n)
{
	if (c->nsg > c->isg && !c->sg[c->nsg - 1].ext)
		c->sg[c->nsg - 1].len += n;
	else
		*sg_new(c) = (seg){false, c->on, n, NULL};
	c->on += n;
}
static void sg_ext(conn *c, const uint8_t *p, size_t n)
{
	*sg_new(c) = (seg){true, 0, n, p};
}
static void epmod(conn *c, bool w)
{
	if (c->want_w == w)
		return;
	c->want_w = w;
	struct epoll_event e = {.events = EPOLLIN | (w ? EPOLLOUT : 0), .data.ptr = c};
	epoll_ctl(c->t->ep, EPOLL_CTL_MOD, c->fd, &e);
}
/* returns -1 when the connection failed */
static int flush_out(conn *c)
{
	while (c->isg < c->nsg) {
		struct iovec v[32];
		int n = 0;
		size_t skip = c->sgoff;
		for (int i = c->isg; i < c->nsg && n < 32; i++) {
			seg *s = &c->sg[i];
			const uint8_t *p = s->ext ? s->p : c->ob + s->off;
			v[n].iov_base = (void *)(uintptr_t)(p + skip);
			v[n++].iov_len = s->len - skip;
			skip = 0;
		}
		struct msghdr mh = {.msg_iov = v, .msg_iovlen = (size_t)n};
		ssize_t w = sendmsg(c->fd, &mh, MSG_NOSIGNAL);
		c->t->s.writes++;
		if (w < 0) {
			if (errno == EINTR)
				continue;
			if (errno == EAGAIN) {
				epmod(c, true);
				return 0;
			}
			return -1;
		}
		c->t->s.bytes_out += (uint64_t)w;
		size_t left = (size_t)w;
		while (left) {
			size_t r = c->sg[c->isg].len - c->sgoff;
			if (left >= r) {
				left -= r;
				c->isg++;
				c->sgoff = 0;
			} else {
				c->sgoff += left;
				left = 0;
			}
		}
	}
	c->isg = c->nsg = 0;
	c->sgoff = 0;
	c->on = 0;
	epmod(c, false);
	return 0;
}
static void pkt_begin(conn *c, char cmd, size_t room, uint8_t **p)
{
	uint8_t *b = ob_need(c, 5 + room);
	b[4] = (uint8_t)cmd;
	*p = b + 5;
}
static void pkt_end(conn *c, uint8_t *p)
{
	uint8_t *b = c->ob + c->on;
	uint32_t n = (uint32_t)(p - b - 4);
	b[0] = (uint8_t)(n >> 24);
	b[1] = (uint8_t)(n >> 16);
	b[2] = (uint8_t)(n >> 8);
	b[3] = (uint8_t)n;
	sg_int(c, (size_t)(p - b));
	if (o.wire_each)
		(void)flush_out(c);
}
static uint8_t *put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
	return p + 4;
}
static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}
static uint8_t *puts0(uint8_t *p, const char *s)
{
	size_t n = strlen(s) + 1;
	memcpy(p, s, n);
	return p + n;
}

static bool sym_wanted(conn *c, int stage, const char *name)
{
	const char *l = c->sym[stage];
	if (!l)
		return true;
	size_t n = strlen(name), bn = n;
	const char *bare = name;
	if (name[0] == '{') {
		bare = name + 1;
		bn = n - 2;
	}
	while (*l) {
		while (*l && strchr(" ,\t", *l))
			l++;
		size_t k = strcspn(l, " ,\t");
		if ((k == n && !memcmp(l, name, n)) || (k == bn && !memcmp(l, bare, bn)) ||
		    (k == bn + 2 && l[0] == '{' && !memcmp(l + 1, bare, bn)))
			return true;
		l += k;
	}
	return false;
}
static void macros(conn *c, char cmd, int stage, ...)
{
	va_list ap;
	uint8_t *p, *start;
	pkt_begin(c, 'D', 4096, &p);
	*p++ = (uint8_t)cmd;
	start = p;
	va_start(ap, stage);
	const char *n, *v;
	while ((n = va_arg(ap, const char *))) {
		v = va_arg(ap, const char *);
		if (v && sym_wanted(c, stage, n)) {
			p = puts0(p, n);
			p = puts0(p, v);
		}
	}
	va_end(ap);
	if (p != start)
		pkt_end(c, p);
}

/* ---- message content ---- */
static const char *months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static char g_date[64];

static const char *client_ip(conn *c, char *buf)
{
	struct in_addr a;
	if (o.client_ips <= 1 || inet_pton(AF_INET, o.client_ip, &a) != 1)
		return o.client_ip;
	a.s_addr = htonl(ntohl(a.s_addr) + (uint32_t)(c->serial % (uint64_t)o.client_ips));
	inet_ntop(AF_INET, &a, buf, INET_ADDRSTRLEN);
	return buf;
}
/* name and value of header k; returns false past the end */
static bool header(conn *c, int k, const char **name, char *v, size_t vn)
{
	char ip[INET_ADDRSTRLEN];
	if (k >= o.headers)
		return false;
	if (o.headers < 2)
		k++;
	switch (k) {
	case 0:
		*name = "Received";
		snprintf(v, vn,
			 "from %s (%s [%s])\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\n"
			 "\tby %s (Postfix) with ESMTPSA id %s\n\tfor <rcpt0@%s>; %s",
			 o.helo, o.client_name, client_ip(c, ip), o.jname, c->qid, o.rcpt_domain, g_date);
		break;
	case 1:
		*name = "From";
		snprintf(v, vn, "\"User Number %u\" <user%u@%s>", c->user, c->user, o.domain);
		break;
	case 2: {
		*name = "To";
		int n = snprintf(v, vn, "<rcpt0@%s>", o.rcpt_domain);
		for (int i = 1; i < o.rcpts && (size_t)n + 80 < vn; i++)
			n += snprintf(v + n, vn - (size_t)n, ",%s<rcpt%d@%s>", i % 3 ? " " : "\n ", i, o.rcpt_domain);
		break;
	}
	case 3:
		*name = "Subject";
		snprintf(v, vn, "Quarterly figures  and minutes of meeting %" PRIu64, c->serial);
		break;
	case 4:
		*name = "Date";
		snprintf(v, vn, "%s", g_date);
		break;
	case 5:
		*name = "Message-ID";
		snprintf(v, vn, "<%016" PRIx64 ".%d@%s>", c->serial, c->id, o.domain);
		break;
	case 6:
		*name = "MIME-Version";
		snprintf(v, vn, "1.0");
		break;
	case 7:
		*name = "Content-Type";
		snprintf(v, vn, "%s", o.ctype);
		break;
	case 8:
		*name = "Content-Transfer-Encoding";
		snprintf(v, vn, o.base64 ? "base64" : "7bit");
		break;
	case 9:
		*name = "User-Agent";
		snprintf(v, vn, "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Thunderbird/115.9.0");
		break;
	case 10:
		*name = "Content-Language";
		snprintf(v, vn, "en-US");
		break;
	case 11:
		*name = "In-Reply-To";
		snprintf(v, vn, "<20260101120000.%" PRIu64 "@%s>", c->serial, o.rcpt_domain);
		break;
	default: {
		static __thread char nm[32];
		snprintf(nm, sizeof nm, "X-Load-Header-%d", k);
		*name = nm;
		snprintf(v, vn, "value of header %d, of no special interest to the one who signs", k);
	}
	}
	return true;
}
static void make_body(void)
{
	if (o.body_file) {
		FILE *f = fopen(o.body_file, "rb");
		if (!f)
			die("%s: %s", o.body_file, strerror(errno));
		size_t cap = 0;
		for (;;) {
			if (B.rawlen + 65536 > cap)
				B.raw = xr(B.raw, cap = cap ? cap * 2 : 131072);
			size_t n = fread(B.raw + B.rawlen, 1, 65536, f);
			if (!n)
				break;
			B.rawlen += n;
		}
		fclose(f);
	} else {
		static const char *w[] = {"the", "mail", "figures", "of", "quarter", "server", "and", "with", "message", "a",
					  "signature", "is", "burst", "sender", "in", "queue", "delivery", "for", "we", "report"};
		static const char b64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
		uint64_t x = 88172645463325252ull;
		size_t i = 0, col = 0, line = 0;
		B.rawlen = o.body;
		B.raw = xm(o.body + 256);
		while (i < o.body) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			if (o.base64) {
				if (col == 76) {
					B.raw[i++] = '\r';
					B.raw[i++] = '\n';
					col = 0;
				} else {
					B.raw[i++] = (uint8_t)b64[x & 63];
					col++;
				}
			} else {
				const char *s = w[(x >> 20) % 20];
				size_t n = strlen(s);
				if (col + n > 72) {
					line++;
					if (line % 8 == 0)
						B.raw[i++] = ' ';
					B.raw[i++] = '\r';
					B.raw[i++] = '\n';
					if (line % 16 == 0) {
						B.raw[i++] = '\r';
						B.raw[i++] = '\n';
					}
					col = 0;
				}
				memcpy(B.raw + i, s, n);
				i += n;
				B.raw[i++] = ' ';
				if ((x & 15) == 0)
					B.raw[i++] = ' ';
				col += n + 1;
			}
		}
		if (o.body >= 2) {
			B.raw[o.body - 2] = '\r';
			B.raw[o.body - 1] = '\n';
			if (o.body >= 3 && B.raw[o.body - 3] == '\r')
				B.raw[o.body - 3] = '.';
		}
	}
	B.n = (B.rawlen + CHUNK - 1) / CHUNK;
	B.frames = xm(B.rawlen + 5 * (B.n + 1));
	B.off = xm(sizeof(size_t) * (B.n + 1));
	B.len = xm(sizeof(size_t) * (B.n + 1));
	uint8_t *p = B.frames;
	for (size_t k = 0, done = 0; k < B.n; k++) {
		size_t n = B.rawlen - done > CHUNK ? CHUNK : B.rawlen - done;
		B.off[k] = (size_t)(p - B.frames);
		p = put32(p, (uint32_t)(n + 1));
		*p++ = 'B';
		memcpy(p, B.raw + done, n);
		p += n;
		done += n;
		B.len[k] = n + 5;
	}
}

/* ---- connection machine ---- */
static void c_open(conn *c);
static void next_message(conn *c);

static void go_idle(conn *c)
{
	if (c->is_idle)
		return;
	c->is_idle = true;
	c->next_idle = c->t->idle;
	c->t->idle = c;
}
static void c_close(conn *c)
{
	if (c->fd >= 0) {
		epoll_ctl(c->t->ep, EPOLL_CTL_DEL, c->fd, NULL);
		close(c->fd);
	}
	c->fd = -1;
	c->gen++;
	c->connecting = c->want_w = c->conn_final = c->live = false;
	c->nsg = c->isg = 0;
	c->sgoff = c->on = c->in = 0;
	c->waiting = 0;
	c->step = 0;
	c->msgs = 0;
	for (int i = 0; i < M_N; i++) {
		free(c->sym[i]);
		c->sym[i] = NULL;
	}
}
static void c_fail(conn *c, const char *why, int proto)
{
	thr *t = c->t;
	static atomic_int shown;
	if (proto)
		t->s.proto_err++;
	else
		t->s.io_err++;
	if (atomic_fetch_add(&shown, 1) < 10 && !o.quiet)
		fprintf(stderr, "miltload: connection %d, step %d, waiting %d: %s (%s)\n", c->id, c->step, c->waiting, why,
			errno ? strerror(errno) : "-");
	bool was = c->busy;
	c_close(c);
	if (was) {
		c->busy = false;
		t->s.failed++;
		t->active--;
	}
	if (++t->consec_fail > 5000)
		die("5000 failures on end, giving up (%s)", why);
	if (!c->in_timer && !g_quit)
		tm_push(t, now() + 10000000ull, c);
}
static void msg_begin(conn *c, uint64_t start)
{
	thr *t = c->t;
	c->busy = true;
	t->active++;
	c->serial = ((uint64_t)o.seed << 40) + (uint64_t)atomic_fetch_add(&g_started, 1);
	c->user = (o.hot && (int)(rnd(t) % 100) < o.hot) ? 0 : (unsigned)(rnd(t) % (uint64_t)o.users);
	snprintf(c->qid, sizeof c->qid, "4%011" PRIX64, (uint64_t)(c->serial & 0xfffffffffffu));
	c->t_start = start;
	c->i_rcpt = c->i_hdr = c->rcpt_ok = 0;
	c->i_body = 0;
	c->step = ST_MAIL;
	c->dumpn = 0;
}
static void dump_msg(conn *c)
{
	if (!o.dump || atomic_exchange(&g_dumped, 1))
		return;
	FILE *f = fopen(o.dump, "wb");
	if (!f)
		die("%s: %s", o.dump, strerror(errno));
	const char *n, *nl = "\r\n";
	char v[16384];
	if (c->dumpn)
		fwrite(c->dumped, 1, c->dumpn, f);
	for (int k = 0; header(c, k, &n, v, sizeof v); k++) {
		fprintf(f, "%s: ", n);
		for (char *s = v; *s; s++)
			if (*s == '\n')
				fputs(nl, f);
			else
				fputc(*s, f);
		fputs(nl, f);
	}
	fputs(nl, f);
	fwrite(B.raw, 1, B.rawlen, f);
	fclose(f);
}
static void dump_hdr(conn *c, const char *name, const char *val)
{
	if (!o.dump || atomic_load(&g_dumped))
		return;
	size_t n = strlen(name) + 2 * strlen(val) + 8;
	c->dumped = xr(c->dumped, c->dumpn + n);
	char *p = c->dumped + c->dumpn;
	p += sprintf(p, "%s:%s", name, (c->proto & P_LEADSPC) ? "" : " ");
	for (; *val; val++) {
		if (*val == '\r')
			continue;
		if (*val == '\n')
			*p++ = '\r';
		*p++ = *val;
	}
	*p++ = '\r';
	*p++ = '\n';
	c->dumpn = (size_t)(p - c->dumped);
}
/* the message is over; defer: the next one starts from the loop, not from here */
static void msg_end(conn *c, bool defer)
{
	thr *t = c->t;
	uint64_t n = now();
	c->busy = false;
	t->active--;
	t->consec_fail = 0;
	t->s.ok++;
	h_add(&t->s.msg, n - c->t_start);
	c->step = ST_READY;
	c->waiting = 0;
	c->msgs++;
	if (o.abort_after && c->fd >= 0 && !c->conn_final) {
		uint8_t *p;
		pkt_begin(c, 'A', 0, &p);
		pkt_end(c, p);
		/* goes out with the next command, as Postfix's buffered stream does */
	}
	if (o.reconnect && c->msgs >= o.reconnect) {
		uint8_t *p;
		pkt_begin(c, 'Q', 0, &p);
		pkt_end(c, p);
		(void)flush_out(c);
		c_close(c);
		if (o.think_ms > 0)
			tm_push(t, n + (uint64_t)(o.think_ms * 1e6), c);
		else
			c_open(c);
		return;
	}
	if (o.think_ms > 0 || defer) {
		tm_push(t, n + (uint64_t)(o.think_ms * 1e6), c);
		return;
	}
	next_message(c);
}
static bool quota(void)
{
	if (atomic_load(&g_stop))
		return false;
	if (g_deadline && now() >= g_deadline)
		return false;
	return g_limit < 0 || atomic_load(&g_started) < g_limit;
}
static int pump(conn *c);

static void next_message(conn *c)
{
	thr *t = c->t;
	if (c->idle_conn || c->fd < 0 || !c->live)
		return; /* one that is being set up comes by itself */
	if (!quota()) {
		go_idle(c);
		return;
	}
	uint64_t n = now(), start = n;
	if (g_rate_on) {
		if (t->next_due > (double)n) {
			go_idle(c);
			return;
		}
		start = (uint64_t)t->next_due;
		double step = 1e9 * o.threads / o.rate;
		t->next_due += o.poisson ? -ln01(rnd01(t)) * step : step;
	}
	msg_begin(c, start);
	if (c->conn_final) { /* the milter took itself out of this connection */
		t->s.early++;
		t->s.conn_final++;
		c->busy = false;
		t->active--;
		t->s.ok++;
		c->msgs++;
		if (o.reconnect && c->msgs >= o.reconnect) {
			c_close(c);
			c_open(c);
		} else
			tm_push(t, now() + 1000, c);
		return;
	}
	if (pump(c) < 0) {
		c_fail(c, "write", 0);
	}
}
/* emits steps until one needs a reply */
static int pump(conn *c)
{
	uint8_t *p;
	char v[16384], ip[INET_ADDRSTRLEN];
	const char *n;
	while (!c->waiting && c->fd >= 0) {
		int s = c->step;
		uint32_t pr = c->proto;
		switch (s) {
		case ST_NEG:
			pkt_begin(c, 'O', 12, &p);
			p = put32(p, o.version);
			p = put32(p, o.actions);
			p = put32(p, o.proto);
			pkt_end(c, p);
			c->waiting = ST_NEG;
			break;
		case ST_CONN:
			n = client_ip(c, ip);
			macros(c, 'C', M_CONNECT, "j", o.jname, "{daemon_name}", o.daemon, "{daemon_addr}", "127.0.0.1", "v",
			       "miltload 1", "_", n, "{client_addr}", n, "{client_name}", o.client_name, "{client_ptr}",
			       o.client_name, NULL);
			c->step = ST_HELO;
			if (!(pr & P_NOCONNECT)) {
				pkt_begin(c, 'C', 512, &p);
				p = puts0(p, o.client_name);
				*p++ = strchr(n, ':') ? '6' : '4';
				*p++ = 0x9c;
				*p++ = 0x40;
				p = puts0(p, n);
				pkt_end(c, p);
				if (!(pr & P_NR_CONN))
					c->waiting = ST_CONN;
			}
			break;
		case ST_HELO:
			macros(c, 'H', M_HELO, "{tls_version}", "TLSv1.3", "{cipher}", "TLS_AES_256_GCM_SHA384", "{cipher_bits}",
			       "256", NULL);
			c->step = ST_READY;
			if (!(pr & P_NOHELO)) {
				pkt_begin(c, 'H', 512, &p);
				p = puts0(p, o.helo);
				pkt_end(c, p);
				if (!(pr & P_NR_HELO))
					c->waiting = ST_HELO;
			}
			break;
		case ST_READY:
			if (flush_out(c) < 0)
				return -1;
			if (!c->live) {
				c->live = true;
				h_add(&c->t->s.setup, now() - c->t_setup);
				c->t->consec_fail = 0;
				next_message(c);
			}
			return 0;
		case ST_MAIL: {
			char a[300], u[300];
			snprintf(a, sizeof a, "user%u@%s", c->user, o.domain);
			snprintf(u, sizeof u, "user%u", c->user);
			macros(c, 'M', M_MAIL, "i", c->qid, "{auth_type}", o.no_auth ? NULL : "PLAIN", "{auth_authen}",
			       o.no_auth ? NULL : u, "{mail_addr}", a, "{mail_host}", o.rcpt_domain, "{mail_mailer}", "smtp",
			       NULL);
			c->step = ST_RCPT;
			if (!(pr & P_NOMAIL)) {
				pkt_begin(c, 'M', 700, &p);
				p += sprintf((char *)p, "<%s>", a) + 1;
				p += sprintf((char *)p, "SIZE=%zu", B.rawlen) + 1;
				pkt_end(c, p);
				if (!(pr & P_NR_MAIL))
					c->waiting = ST_MAIL;
			}
			break;
		}
		case ST_RCPT: {
			char a[300];
			if (c->i_rcpt >= o.rcpts) {
				c->step = ST_DATA;
				if (!c->rcpt_ok) { /* every recipient refused: the MTA gives up */
					pkt_begin(c, 'A', 0, &p);
					pkt_end(c, p);
					if (flush_out(c) < 0)
						return -1;
					c->t->s.early++;
					msg_end(c, true);
					return 0;
				}
				break;
			}
			snprintf(a, sizeof a, "rcpt%d@%s", c->i_rcpt++, o.rcpt_domain);
			macros(c, 'R', M_RCPT, "i", c->qid, "{rcpt_addr}", a, "{rcpt_host}", o.rcpt_domain, "{rcpt_mailer}", "smtp",
			       NULL);
			if (!(pr & P_NORCPT)) {
				pkt_begin(c, 'R', 320, &p);
				p += sprintf((char *)p, "<%s>", a) + 1;
				pkt_end(c, p);
				if (!(pr & P_NR_RCPT)) {
					c->waiting = ST_RCPT;
					break;
				}
			}
			c->rcpt_ok++;
			break;
		}
		case ST_DATA:
			macros(c, 'T', M_DATA, "i", c->qid, NULL);
			c->step = ST_HDR;
			if (!(pr & P_NODATA) && c->version >= 4) {
				pkt_begin(c, 'T', 0, &p);
				pkt_end(c, p);
				if (!(pr & P_NR_DATA))
					c->waiting = ST_DATA;
			}
			break;
		case ST_HDR: {
			if (pr & P_NOHDRS || !header(c, c->i_hdr, &n, v, sizeof v)) {
				c->step = ST_EOH;
				break;
			}
			c->i_hdr++;
			pkt_begin(c, 'L', strlen(n) + strlen(v) + 3, &p);
			p = puts0(p, n);
			if (pr & P_LEADSPC)
				*p++ = ' ';
			p = puts0(p, v);
			pkt_end(c, p);
			if (!(pr & P_NR_HDR))
				c->waiting = ST_HDR;
			break;
		}
		case ST_EOH:
			c->step = ST_BODY;
			if (!(pr & P_NOEOH)) {
				pkt_begin(c, 'N', 0, &p);
				pkt_end(c, p);
				if (!(pr & P_NR_EOH))
					c->waiting = ST_EOH;
			}
			break;
		case ST_BODY:
			if (pr & P_NOBODY || c->i_body >= B.n) {
				c->step = ST_EOM;
				break;
			}
			sg_ext(c, B.frames + B.off[c->i_body], B.len[c->i_body]);
			if (o.wire_each && flush_out(c) < 0)
				return -1;
			c->i_body++;
			if (!(pr & P_NR_BODY))
				c->waiting = ST_BODY;
			break;
		case ST_EOM:
			if (o.abort_every && c->serial % (uint64_t)o.abort_every == 0) {
				pkt_begin(c, 'A', 0, &p);
				pkt_end(c, p);
				if (flush_out(c) < 0)
					return -1;
				c->t->s.aborted++;
				msg_end(c, true);
				return 0;
			}
			macros(c, 'E', M_EOM, "i", c->qid, NULL);
			pkt_begin(c, 'E', 0, &p);
			pkt_end(c, p);
			c->t_eom = now();
			c->waiting = ST_EOM;
			c->step = ST_MSGDONE;
			break;
		default:
			return 0;
		}
	}
	if (c->fd >= 0)
		return flush_out(c);
	return 0;
}
static void count_hdr(conn *c, const uint8_t *d, size_t n)
{
	stats *s = &c->t->s;
	const uint8_t *z = memchr(d, 0, n);
	if (!z)
		return;
	const char *name = (const char *)d;
	const char *val = (const char *)z + 1;
	if ((size_t)(z - d) + 1 >= n || !memchr(val, 0, n - (size_t)(z - d) - 1))
		val = "";
	s->hdrs++;
	dump_hdr(c, name, val);
	for (int i = 0; i < s->nhdr; i++)
		if (!strcasecmp(s->hdr[i].name, name)) {
			s->hdr[i].count++;
			s->hdr[i].bytes += n;
			return;
		}
	if (s->nhdr < NHDR) {
		snprintf(s->hdr[s->nhdr].name, sizeof s->hdr[0].name, "%s", name);
		s->hdr[s->nhdr].count = 1;
		s->hdr[s->nhdr++].bytes = n;
	}
}
/* -1: protocol error */
static int on_reply(conn *c, uint8_t cmd, const uint8_t *d, size_t n)
{
	stats *s = &c->t->s;
	int w = c->waiting;
	if (cmd == 'p') {
		s->progress++;
		return 0;
	}
	if (!w)
		return -1;
	if (w == ST_NEG) {
		if (cmd != 'O' || n < 12)
			return -1;
		c->version = get32(d);
		c->actions = get32(d + 4);
		c->proto = get32(d + 8);
		if (c->version > o.version || (c->actions & ~o.actions) || (c->proto & ~o.proto))
			return -1;
		size_t i = 12;
		while (i + 5 <= n) {
			uint32_t st = get32(d + i);
			const char *str = (const char *)d + i + 4;
			size_t l = strnlen(str, n - i - 4);
			if (l == n - i - 4)
				break;
			if (st < M_N) {
				free(c->sym[st]);
				c->sym[st] = strdup(str);
			}
			i += 4 + l + 1;
		}
		c->waiting = 0;
		c->step = ST_CONN;
		return 0;
	}
	if (w == ST_EOM)
		switch (cmd) {
		case 'h':
			count_hdr(c, d, n);
			return 0;
		case 'i':
			if (n < 5)
				return -1;
			count_hdr(c, d + 4, n - 4);
			return 0;
		case 'm':
			s->a_chghdr++;
			return 0;
		case '+':
		case '2':
			s->a_addrcpt++;
			return 0;
		case '-':
			s->a_delrcpt++;
			return 0;
		case 'b':
			s->a_replbody++;
			return 0;
		case 'q':
			s->a_quar++;
			return 0;
		case 'e':
			s->a_chgfrom++;
			return 0;
		}
	if (w == ST_BODY && cmd == 's') {
		s->skip++;
		c->waiting = 0;
		c->step = ST_EOM;
		return 0;
	}
	if (!strchr("cartdy4f", cmd) || !cmd)
		return -1;
	c->waiting = 0;
	if (cmd == 'c' && w != ST_EOM) {
		if (w == ST_RCPT)
			c->rcpt_ok++;
		return 0;
	}
	/* a final word for recipient, message or connection */
	if (w == ST_RCPT && strchr("rty", cmd)) {
		s->rcpt_rej++;
		return 0;
	}
	switch (cmd) {
	case 'a':
		s->v_accept++;
		break;
	case 'c':
		s->v_continue++;
		break;
	case 'r':
		s->v_reject++;
		break;
	case 't':
	case 'f':
		s->v_tempfail++;
		break;
	case 'd':
		s->v_discard++;
		break;
	case 'y':
		if (n && d[0] == '4')
			s->v_reply4++;
		else
			s->v_reply5++;
		break;
	case '4':
		s->v_shutdown++;
		break;
	}
	if (w == ST_CONN || w == ST_HELO) {
		c->conn_final = true;
		c->step = ST_READY;
		return 0;
	}
	if (w == ST_EOM) {
		h_add(&s->eom, now() - c->t_eom);
		dump_msg(c);
	} else
		s->early++;
	msg_end(c, false);
	return 0;
}
static void on_readable(conn *c)
{
	for (;;) {
		if (c->icap - c->in < 4096)
			c->ib = xr(c->ib, c->icap = c->icap ? c->icap * 2 : 8192);
		ssize_t r = recv(c->fd, c->ib + c->in, c->icap - c->in, 0);
		c->t->s.reads++;
		if (r < 0) {
			if (errno == EINTR)
				continue;
			if (errno == EAGAIN)
				return;
			c_fail(c, "read", 0);
			return;
		}
		if (r == 0) {
			errno = 0;
			c_fail(c, "closed by the milter", 0);
			return;
		}
		c->t->s.bytes_in += (uint64_t)r;
		c->in += (size_t)r;
		c->t_act = now();
		size_t i = 0;
		unsigned gen = c->gen;
		while (c->in - i >= 5) {
			uint32_t l = get32(c->ib + i);
			if (l < 1 || l > (16u << 20)) {
				errno = 0;
				c_fail(c, "bad packet length", 1);
				return;
			}
			if (c->in - i - 4 < l) {
				while (c->icap < l + 8 + c->in)
					c->ib = xr(c->ib, c->icap *= 2);
				break;
			}
			if (on_reply(c, c->ib[i + 4], c->ib + i + 5, l - 1) < 0) {
				errno = 0;
				char why[64];
				snprintf(why, sizeof why, "unexpected reply '%c'", c->ib[i + 4]);
				c_fail(c, why, 1);
				return;
			}
			if (c->gen != gen)
				return; /* reconnected */
			i += 4 + l;
			if (c->live && !c->busy && c->step == ST_READY && c->in > i)
				break;
		}
		memmove(c->ib, c->ib + i, c->in - i);
		c->in -= i;
		if (!c->waiting && pump(c) < 0) {
			c_fail(c, "write", 0);
			return;
		}
		if (c->gen != gen)
			return;
		if ((size_t)r < 4096)
			return;
	}
}
static void c_open(conn *c)
{
	thr *t = c->t;
	struct sockaddr_storage ss;
	socklen_t sl;
	const char *s = o.socket;
	memset(&ss, 0, sizeof ss);
	if (!strncmp(s, "inet", 4)) {
		const char *p = strchr(s, ':') + 1;
		const char *at = strchr(p, '@');
		struct sockaddr_in *a = (void *)&ss;
		a->sin_family = AF_INET;
		a->sin_port = htons((uint16_t)atoi(p));
		if (inet_pton(AF_INET, at ? at + 1 : "127.0.0.1", &a->sin_addr) != 1)
			die("inet socket: give inet:PORT@A.B.C.D");
		sl = sizeof *a;
	} else {
		struct sockaddr_un *a = (void *)&ss;
		if (!strncmp(s, "unix:", 5))
			s += 5;
		else if (!strncmp(s, "local:", 6))
			s += 6;
		a->sun_family = AF_UNIX;
		if (strlen(s) >= sizeof a->sun_path)
			die("socket path too long");
		strcpy(a->sun_path, s);
		sl = sizeof *a;
	}
	c->t_setup = c->t_act = now();
	c->fd = socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		die("socket: %s", strerror(errno));
	if (ss.ss_family == AF_INET) {
		int one = 1;
		setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	}
	c->live = false;
	c->conn_final = false;
	if (connect(c->fd, (void *)&ss, sl) < 0) {
		if (errno == EINPROGRESS)
			c->connecting = true;
		else if (errno == EAGAIN || errno == ECONNREFUSED || errno == ENOENT) {
			close(c->fd);
			c->fd = -1;
			if (errno != EAGAIN && ++t->consec_fail > 5000)
				die("cannot connect to %s: %s", o.socket, strerror(errno));
			t->s.conn_retries++;
			if (!c->in_timer)
				tm_push(t, now() + 1000000ull, c);
			return;
		} else
			die("connect %s: %s", o.socket, strerror(errno));
	}
	struct epoll_event e = {.events = EPOLLIN | (c->connecting ? EPOLLOUT : 0), .data.ptr = c};
	c->want_w = c->connecting;
	if (epoll_ctl(t->ep, EPOLL_CTL_ADD, c->fd, &e) < 0)
		die("epoll_ctl: %s", strerror(errno));
	t->s.conn_opened++;
	c->step = ST_NEG;
	c->waiting = 0;
	c->proto = 0;
	if (!c->connecting && pump(c) < 0)
		c_fail(c, "write", 0);
}
/* the conn's timer ran out */
static void on_timer(conn *c)
{
	if (c->fd < 0)
		c_open(c);
	else if (!c->busy && c->live)
		next_message(c);
}
static bool all_set(thr *t)
{
	for (int i = 0; i < t->nc; i++)
		if (!t->c[i].live)
			return false;
	return true;
}
static void run_loop(thr *t, bool setup_only)
{
	struct epoll_event ev[256];
	uint64_t last_sweep = now();
	if (!setup_only) { /* release the idle ones */
		conn *l = t->idle;
		t->idle = NULL;
		while (l) {
			conn *nx = l->next_idle;
			l->is_idle = false;
			next_message(l);
			l = nx;
		}
	}
	for (;;) {
		if (setup_only ? all_set(t) : (!quota() && t->active == 0))
			break;
		uint64_t n = now();
		while (t->nheap && t->heap[0].at <= n)
			on_timer(tm_pop(t));
		if (!setup_only && g_rate_on)
			while (t->idle && t->next_due <= (double)now() && quota()) {
				conn *c = t->idle;
				t->idle = c->next_idle;
				c->is_idle = false;
				next_message(c);
				if (c->is_idle)
					break;
			}
		int to = 200;
		n = now();
		if (t->nheap) {
			int64_t d = (int64_t)(t->heap[0].at - n) / 1000000 + 1;
			if ((int64_t)(t->heap[0].at - n) <= 0)
				d = 0;
			to = d < to ? (int)d : to;
		}
		struct timespec ts = {to / 1000, (to % 1000) * 1000000L};
		if (!setup_only && g_rate_on && t->idle) {
			double d = t->next_due - (double)n;
			if (d < 0)
				d = 0;
			if (d < to * 1e6) {
				ts.tv_sec = (time_t)(d / 1e9);
				ts.tv_nsec = (long)(d - (double)ts.tv_sec * 1e9);
			}
		}
		int k = epoll_pwait2(t->ep, ev, 256, &ts, NULL);
		if (k < 0 && errno != EINTR)
			die("epoll_wait: %s", strerror(errno));
		for (int i = 0; i < k; i++) {
			conn *c = ev[i].data.ptr;
			if (c->fd < 0)
				continue;
			if (c->connecting) {
				if (!(ev[i].events & (EPOLLOUT | EPOLLERR | EPOLLHUP)))
					continue;
				int e = 0;
				socklen_t l = sizeof e;
				getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &e, &l);
				if (e) {
					errno = e;
					c_fail(c, "connect", 0);
					continue;
				}
				c->connecting = false;
				epmod(c, false);
				if (pump(c) < 0)
					c_fail(c, "write", 0);
				continue;
			}
			if (ev[i].events & EPOLLOUT && flush_out(c) < 0) {
				c_fail(c, "write", 0);
				continue;
			}
			if (ev[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
				on_readable(c);
		}
		n = now();
		if (n - last_sweep > 1000000000ull) {
			last_sweep = n;
			for (int i = 0; i < t->nc; i++) {
				conn *c = &t->c[i];
				if (c->fd >= 0 && c->waiting && (double)(n - (c->t_act > c->t_start ? c->t_act : c->t_start)) > o.timeout * 1e9) {
					t->s.timeouts++;
					errno = ETIMEDOUT;
					c_fail(c, "no reply in time", 0);
				}
			}
		}
	}
}
static void *thr_main(void *a)
{
	thr *t = a;
	for (int i = 0; i < t->nc; i++)
		c_open(&t->c[i]);
	run_loop(t, true);
	pthread_barrier_wait(&bar);
	for (;;) {
		pthread_barrier_wait(&bar);
		if (g_quit)
			break;
		if (g_count) {
			hist setup = t->s.setup;
			uint64_t op = t->s.conn_opened, re = t->s.conn_retries;
			uint64_t early = t->s.failed + t->s.proto_err + t->s.io_err;
			memset(&t->s, 0, sizeof t->s);
			t->s.warm_err = early;
			if (!o.reconnect) {
				t->s.setup = setup;
				t->s.conn_opened = op;
				t->s.conn_retries = re;
			}
		}
		t->next_due = (double)g_t0 + (g_rate_on ? 1e9 * t->id / o.rate : 0);
		run_loop(t, false);
		pthread_barrier_wait(&bar);
	}
	for (int i = 0; i < t->nc; i++) {
		conn *c = &t->c[i];
		if (c->fd >= 0) {
			uint8_t *p;
			pkt_begin(c, 'Q', 0, &p);
			pkt_end(c, p);
			(void)flush_out(c);
			c_close(c);
		}
	}
	return NULL;
}

/* ---- the server's process tree ---- */
typedef struct {
	double cpu, ut, st;
	long rss, pss, anon;
	int threads, procs;
	double vcs;
} snap;
static pid_t tree[4096];
static int ntree;

static bool read_stat(pid_t pid, pid_t *ppid, double *ut, double *st)
{
	char f[64], b[2048];
	snprintf(f, sizeof f, "/proc/%d/stat", (int)pid);
	int fd = open(f, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t n = read(fd, b, sizeof b - 1);
	close(fd);
	if (n <= 0)
		return false;
	b[n] = 0;
	char *p = strrchr(b, ')');
	if (!p)
		return false;
	unsigned long a[4];
	int pp;
	if (sscanf(p + 2, "%*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld", &pp, &a[0], &a[1], (long *)&a[2],
		   (long *)&a[3]) != 5)
		return false;
	double hz = (double)sysconf(_SC_CLK_TCK);
	*ppid = pp;
	*ut = ((double)a[0] + (double)a[2]) / hz;
	*st = ((double)a[1] + (double)a[3]) / hz;
	return true;
}
static void refresh_tree(void)
{
	static struct {
		pid_t pid, ppid;
	} all[32768];
	int n = 0;
	DIR *d = opendir("/proc");
	struct dirent *e;
	double u, s;
	if (!d)
		return;
	while ((e = readdir(d)) && n < 32768)
		if (isdigit((unsigned char)e->d_name[0])) {
			pid_t p = atoi(e->d_name), pp;
			if (read_stat(p, &pp, &u, &s)) {
				all[n].pid = p;
				all[n++].ppid = pp;
			}
		}
	closedir(d);
	ntree = 0;
	for (int i = 0; i < o.npid; i++)
		tree[ntree++] = o.pid[i];
	for (int i = 0; i < ntree; i++)
		for (int k = 0; k < n; k++)
			if (all[k].ppid == tree[i] && ntree < 4096) {
				bool have = false;
				for (int m = 0; m < ntree; m++)
					have |= tree[m] == all[k].pid;
				if (!have)
					tree[ntree++] = all[k].pid;
			}
}
static snap take(bool pss)
{
	snap r;
	memset(&r, 0, sizeof r);
	for (int i = 0; i < ntree; i++) {
		pid_t pp;
		double u, s;
		if (!read_stat(tree[i], &pp, &u, &s))
			continue;
		r.ut += u;
		r.st += s;
		r.procs++;
		clockid_t ck;
		struct timespec ts;
		char f[64], b[4096];
		double c = u + s;
		if (clock_getcpuclockid(tree[i], &ck) == 0 && clock_gettime(ck, &ts) == 0) {
			/* ns resolution for the process; reaped children still from stat */
			FILE *q;
			unsigned long x[2] = {0, 0};
			long y[2] = {0, 0};
			snprintf(f, sizeof f, "/proc/%d/stat", (int)tree[i]);
			if ((q = fopen(f, "r"))) {
				size_t n = fread(b, 1, sizeof b - 1, q);
				b[n] = 0;
				fclose(q);
				char *p = strrchr(b, ')');
				if (p)
					(void)!sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld", &x[0],
						      &x[1], &y[0], &y[1]);
			}
			c = (double)ts.tv_sec + (double)ts.tv_nsec / 1e9 + (double)(y[0] + y[1]) / (double)sysconf(_SC_CLK_TCK);
		}
		r.cpu += c;
		snprintf(f, sizeof f, "/proc/%d/status", (int)tree[i]);
		int fd = open(f, O_RDONLY | O_CLOEXEC);
		if (fd >= 0) {
			ssize_t n = read(fd, b, sizeof b - 1);
			close(fd);
			if (n > 0) {
				b[n] = 0;
				char *p = strstr(b, "VmRSS:");
				if (p)
					r.rss += atol(p + 6);
				if ((p = strstr(b, "RssAnon:")))
					r.anon += atol(p + 8);
				if ((p = strstr(b, "Threads:")))
					r.threads += atoi(p + 8);
			}
		}
		if (pss) {
			snprintf(f, sizeof f, "/proc/%d/smaps_rollup", (int)tree[i]);
			fd = open(f, O_RDONLY | O_CLOEXEC);
			if (fd >= 0) {
				ssize_t n = read(fd, b, sizeof b - 1);
				close(fd);
				if (n > 0) {
					b[n] = 0;
					char *p = strstr(b, "\nPss:");
					if (p)
						r.pss += atol(p + 5);
				}
			}
		}
	}
	return r;
}

/* sampler of memory during the run */
static snap peak;
static atomic_int samp_on, samp_end;
static void *sampler(void *a)
{
	(void)a;
	int k = 0;
	while (!atomic_load(&samp_end)) {
		struct timespec ts = {0, 50000000};
		nanosleep(&ts, NULL);
		if (!o.npid || !atomic_load(&samp_on))
			continue;
		if (++k % 40 == 0)
			refresh_tree();
		snap s = take(false);
		if (s.rss > peak.rss)
			peak.rss = s.rss;
		if (s.anon > peak.anon)
			peak.anon = s.anon;
		if (s.threads > peak.threads)
			peak.threads = s.threads;
		if (s.procs > peak.procs)
			peak.procs = s.procs;
	}
	return NULL;
}
static void on_sig(int s)
{
	(void)s;
	if (atomic_exchange(&g_stop, 1))
		_exit(130);
}
static const char usage_txt[] =
	"miltload [options] -S SOCKET\n"
	"  -S, --socket S       unix:PATH | inet:PORT@A.B.C.D\n"
	"  -c, --conns N        concurrent connections that carry messages (1)\n"
	"  -n, --messages N     messages to measure (1000);  -d, --duration SEC  stop after SEC instead\n"
	"  -w, --warmup N       messages sent before measuring (0)\n"
	"  -b, --body BYTES     body size, suffix k/m allowed (4k);  --body-file F;  --base64  76-column base64 text\n"
	"  -H, --headers N      header fields a message (12)\n"
	"  -r, --rcpts N        recipients a message (1)\n"
	"  -u, --users N        distinct senders, user0..userN-1, drawn evenly (100);  --hot PCT  share that user0 gets besides\n"
	"      --reconnect N    messages a connection, then QUIT and a new connection (0: never)\n"
	"  -t, --think MS       pause between the messages of a connection (0)\n"
	"      --rate R         open loop: R messages/s over all connections, latency counted from the due time\n"
	"      --poisson        with --rate: exponential gaps\n"
	"      --idle N         further connections, taken to HELO and left idle for the run\n"
	"      --abort-every N  every Nth message ends in ABORT instead of end-of-message\n"
	"      --abort-after    ABORT after each message, as Postfix's smtpd sends it\n"
	"      --wire each      one write a packet, as Sendmail does (default: packets gathered up to the next reply, as Postfix)\n"
	"  -p, --pid PID        server process (repeatable): CPU and memory of it and its descendants\n"
	"      --expect NAME    fail (exit 1) unless every message got one header NAME\n"
	"      --dump FILE      write the first message with its inserted headers to FILE (for a verifier)\n"
	"      --domain D (example.com) --rcpt-domain D (example.net) --client-ip A (127.0.0.1) --client-ips N (1)\n"
	"      --client-name H (localhost) --helo H --daemon NAME (ORIGINATING) --jname HOST --no-auth\n"
	"      --content-type TEXT\n"
	"      --version N (6) --actions HEX (1ff) --proto HEX (1fffff) --timeout SEC (60) --seed N --threads N (1)\n"
	"      --settle SEC     wait after set-up before memory is read (0.2)\n"
	"      --json           one JSON line on stdout;  --label TEXT  goes into it;  -q quiet\n"
	"Exit: 0 all well, 1 errors or --expect not met, 2 usage or cannot run.\n";

static size_t size_arg(const char *s)
{
	char *e;
	double v = strtod(s, &e);
	if (*e == 'k' || *e == 'K')
		v *= 1024;
	else if (*e == 'm' || *e == 'M')
		v *= 1048576;
	else if (*e)
		die("bad size %s", s);
	return (size_t)v;
}

int main(int argc, char **argv)
{
	enum { L_BODYFILE = 256, L_BASE64, L_HOT, L_RECON, L_RATE, L_POISSON, L_IDLE, L_ABEV, L_ABAF, L_WIRE, L_EXPECT, L_DUMP,
	       L_DOMAIN, L_RDOMAIN, L_CIP, L_CIPS, L_CNAME, L_HELO, L_DAEMON, L_JNAME, L_NOAUTH, L_VERSION, L_ACTIONS, L_PROTO,
	       L_TIMEOUT, L_SEED, L_THREADS, L_SETTLE, L_JSON, L_LABEL, L_CTYPE };
	static const struct option lo[] = {
		{"socket", 1, 0, 'S'}, {"conns", 1, 0, 'c'}, {"messages", 1, 0, 'n'}, {"duration", 1, 0, 'd'},
		{"warmup", 1, 0, 'w'}, {"body", 1, 0, 'b'}, {"body-file", 1, 0, L_BODYFILE}, {"base64", 0, 0, L_BASE64},
		{"headers", 1, 0, 'H'}, {"rcpts", 1, 0, 'r'}, {"users", 1, 0, 'u'}, {"hot", 1, 0, L_HOT},
		{"reconnect", 1, 0, L_RECON}, {"think", 1, 0, 't'}, {"rate", 1, 0, L_RATE}, {"poisson", 0, 0, L_POISSON},
		{"idle", 1, 0, L_IDLE}, {"abort-every", 1, 0, L_ABEV}, {"abort-after", 0, 0, L_ABAF}, {"wire", 1, 0, L_WIRE},
		{"pid", 1, 0, 'p'}, {"expect", 1, 0, L_EXPECT}, {"dump", 1, 0, L_DUMP}, {"domain", 1, 0, L_DOMAIN},
		{"rcpt-domain", 1, 0, L_RDOMAIN}, {"client-ip", 1, 0, L_CIP}, {"client-ips", 1, 0, L_CIPS},
		{"client-name", 1, 0, L_CNAME}, {"helo", 1, 0, L_HELO}, {"daemon", 1, 0, L_DAEMON}, {"jname", 1, 0, L_JNAME},
		{"no-auth", 0, 0, L_NOAUTH}, {"version", 1, 0, L_VERSION}, {"actions", 1, 0, L_ACTIONS}, {"proto", 1, 0, L_PROTO},
		{"timeout", 1, 0, L_TIMEOUT}, {"seed", 1, 0, L_SEED}, {"threads", 1, 0, L_THREADS}, {"settle", 1, 0, L_SETTLE},
		{"json", 0, 0, L_JSON}, {"content-type", 1, 0, L_CTYPE}, {"label", 1, 0, L_LABEL}, {"quiet", 0, 0, 'q'}, {"help", 0, 0, 'h'}, {0, 0, 0, 0}};
	o.conns = o.threads = o.rcpts = 1;
	o.headers = 12;
	o.users = 100;
	o.messages = 1000;
	o.body = 4096;
	o.timeout = 60;
	o.settle = 0.2;
	o.version = 6;
	o.actions = 0x1ff;
	o.proto = 0x1fffff;
	o.domain = "example.com";
	o.rcpt_domain = "example.net";
	o.client_ip = "127.0.0.1";
	o.client_ips = 1;
	o.client_name = "localhost";
	o.daemon = "ORIGINATING";
	o.jname = "mail.example.com";
	o.helo = "client.example.com";
	o.label = "";
	o.ctype = "text/plain; charset=UTF-8;\n format=flowed";
	o.seed = (unsigned)getpid() & 0xffff;
	int k;
	while ((k = getopt_long(argc, argv, "S:c:n:d:w:b:H:r:u:t:p:qh", lo, NULL)) != -1)
		switch (k) {
		case 'S': o.socket = optarg; break;
		case 'c': o.conns = atoi(optarg); break;
		case 'n': o.messages = atol(optarg); break;
		case 'd': o.duration = atof(optarg); break;
		case 'w': o.warmup = atol(optarg); break;
		case 'b': o.body = size_arg(optarg); break;
		case L_BODYFILE: o.body_file = optarg; break;
		case L_BASE64: o.base64 = 1; break;
		case 'H': o.headers = atoi(optarg); break;
		case 'r': o.rcpts = atoi(optarg); break;
		case 'u': o.users = atoi(optarg); break;
		case L_HOT: o.hot = atoi(optarg); break;
		case L_RECON: o.reconnect = atoi(optarg); break;
		case 't': o.think_ms = atof(optarg); break;
		case L_RATE: o.rate = atof(optarg); break;
		case L_POISSON: o.poisson = true; break;
		case L_IDLE: o.idle = atoi(optarg); break;
		case L_ABEV: o.abort_every = atoi(optarg); break;
		case L_ABAF: o.abort_after = 1; break;
		case L_WIRE: o.wire_each = !strcmp(optarg, "each"); break;
		case 'p':
			if (o.npid < 16)
				o.pid[o.npid++] = atoi(optarg);
			break;
		case L_EXPECT: o.expect = optarg; break;
		case L_DUMP: o.dump = optarg; break;
		case L_DOMAIN: o.domain = optarg; break;
		case L_RDOMAIN: o.rcpt_domain = optarg; break;
		case L_CIP: o.client_ip = optarg; break;
		case L_CIPS: o.client_ips = atoi(optarg); break;
		case L_CNAME: o.client_name = optarg; break;
		case L_HELO: o.helo = optarg; break;
		case L_DAEMON: o.daemon = optarg; break;
		case L_JNAME: o.jname = optarg; break;
		case L_NOAUTH: o.no_auth = true; break;
		case L_VERSION: o.version = (uint32_t)atoi(optarg); break;
		case L_ACTIONS: o.actions = (uint32_t)strtoul(optarg, NULL, 16); break;
		case L_PROTO: o.proto = (uint32_t)strtoul(optarg, NULL, 16); break;
		case L_TIMEOUT: o.timeout = atof(optarg); break;
		case L_SEED: o.seed = (unsigned)strtoul(optarg, NULL, 0); break;
		case L_THREADS: o.threads = atoi(optarg); break;
		case L_SETTLE: o.settle = atof(optarg); break;
		case L_JSON: o.json = true; break;
		case L_LABEL: o.label = optarg; break;
		case L_CTYPE: o.ctype = optarg; break;
		case 'q': o.quiet = true; break;
		case 'h': fputs(usage_txt, stdout); return 0;
		default: fputs(usage_txt, stderr); return 2;
		}
	if (!o.socket || optind != argc || o.conns < 1 || o.threads < 1 || o.users < 1 || o.rcpts < 1 || o.headers < 1 ||
	    o.messages < 1) {
		fputs(usage_txt, stderr);
		return 2;
	}
	if (strlen(o.domain) > 200 || strlen(o.rcpt_domain) > 200 || strlen(o.client_name) > 200 || strlen(o.helo) > 200)
		die("a name is too long");
	if (o.threads > o.conns)
		o.threads = o.conns;
	signal(SIGPIPE, SIG_IGN);
	struct sigaction sa = {.sa_handler = on_sig};
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	struct rlimit rl;
	if (!getrlimit(RLIMIT_NOFILE, &rl)) {
		rl.rlim_cur = rl.rlim_max;
		setrlimit(RLIMIT_NOFILE, &rl);
	}
	time_t tt = time(NULL);
	struct tm tm;
	gmtime_r(&tt, &tm);
	snprintf(g_date, sizeof g_date, "%.3s, %02d %s %d %02d:%02d:%02d +0000", &"SunMonTueWedThuFriSat"[tm.tm_wday * 3], tm.tm_mday,
		 months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
	make_body();
	pthread_barrier_init(&bar, NULL, (unsigned)o.threads + 1);
	T = xm(sizeof(thr) * (size_t)o.threads);
	/* before any connection: the server's idle memory */
	snap before;
	memset(&before, 0, sizeof before);
	if (o.npid) {
		refresh_tree();
		before = take(true);
		if (!before.procs)
			die("no such process");
	}
	g_limit = 0; /* nothing flows during set-up */
	int id = 0;
	for (int i = 0; i < o.threads; i++) {
		thr *t = &T[i];
		t->id = i;
		t->rng = 0x9e3779b97f4a7c15ull * (uint64_t)(o.seed + 1 + (unsigned)i) | 1;
		t->ep = epoll_create1(EPOLL_CLOEXEC);
		int na = o.conns / o.threads + (i < o.conns % o.threads);
		int ni = o.idle / o.threads + (i < o.idle % o.threads);
		t->nc = na + ni;
		t->c = xm(sizeof(conn) * (size_t)t->nc);
		for (int j = 0; j < t->nc; j++) {
			conn *c = &t->c[j];
			c->fd = -1;
			c->id = id++;
			c->t = t;
			c->serial = (uint64_t)c->id;
			c->idle_conn = j >= na;
			strcpy(c->qid, "NOQUEUE");
		}
		if (pthread_create(&t->th, NULL, thr_main, t))
			die("pthread_create");
	}
	pthread_t sp;
	pthread_create(&sp, NULL, sampler, NULL);
	pthread_barrier_wait(&bar); /* all connections stand */
	if (o.settle > 0)
		usleep((useconds_t)(o.settle * 1e6));
	snap conns_up;
	memset(&conns_up, 0, sizeof conns_up);
	if (o.npid) {
		refresh_tree();
		conns_up = take(true);
	}
	if (o.warmup > 0) {
		g_limit = o.warmup;
		g_t0 = now();
		pthread_barrier_wait(&bar);
		pthread_barrier_wait(&bar);
	}
	g_limit = o.duration > 0 ? -1 : atomic_load(&g_started) + o.messages;
	g_count = true;
	g_rate_on = o.rate > 0;
	snap a, z;
	memset(&a, 0, sizeof a);
	memset(&z, 0, sizeof z);
	struct rusage ra, rz;
	if (o.npid) {
		refresh_tree();
		a = take(false);
		peak = a;
		atomic_store(&samp_on, 1);
	}
	getrusage(RUSAGE_SELF, &ra);
	uint64_t t0 = g_t0 = now();
	if (o.duration > 0)
		g_deadline = t0 + (uint64_t)(o.duration * 1e9);
	pthread_barrier_wait(&bar);
	pthread_barrier_wait(&bar);
	uint64_t t1 = now();
	getrusage(RUSAGE_SELF, &rz);
	atomic_store(&samp_on, 0);
	snap after;
	memset(&after, 0, sizeof after);
	if (o.npid) {
		usleep(2000); /* the server's last bookkeeping after its last answer */
		refresh_tree();
		z = take(false);
		after = take(true);
	}
	atomic_store(&samp_end, 1);
	g_quit = true;
	pthread_barrier_wait(&bar);
	for (int i = 0; i < o.threads; i++)
		pthread_join(T[i].th, NULL);
	pthread_join(sp, NULL);

	stats *S = xm(sizeof *S);
	for (int i = 0; i < o.threads; i++) {
		stats *s = &T[i].s;
#define ADD(f) S->f += s->f
		ADD(warm_err); ADD(ok); ADD(failed); ADD(conn_opened); ADD(conn_retries); ADD(proto_err); ADD(io_err); ADD(timeouts); ADD(aborted);
		ADD(v_accept); ADD(v_continue); ADD(v_reject); ADD(v_tempfail); ADD(v_discard); ADD(v_reply4); ADD(v_reply5);
		ADD(v_shutdown); ADD(early); ADD(rcpt_rej); ADD(conn_final); ADD(progress); ADD(skip); ADD(a_chghdr); ADD(a_addrcpt);
		ADD(a_delrcpt); ADD(a_replbody); ADD(a_quar); ADD(a_chgfrom); ADD(bytes_out); ADD(bytes_in); ADD(writes); ADD(reads);
		ADD(hdrs);
		h_merge(&S->msg, &s->msg);
		h_merge(&S->eom, &s->eom);
		h_merge(&S->setup, &s->setup);
		for (int j = 0; j < s->nhdr; j++) {
			int m;
			for (m = 0; m < S->nhdr && strcasecmp(S->hdr[m].name, s->hdr[j].name); m++)
				;
			if (m == S->nhdr)
				S->hdr[S->nhdr++] = s->hdr[j];
			else {
				S->hdr[m].count += s->hdr[j].count;
				S->hdr[m].bytes += s->hdr[j].bytes;
			}
		}
	}
	double wall = (double)(t1 - t0) / 1e9, n = S->ok ? (double)S->ok : 1;
	double scpu = z.cpu - a.cpu, sut = z.ut - a.ut, sst = z.st - a.st;
	double lcpu = (double)(rz.ru_utime.tv_sec - ra.ru_utime.tv_sec + rz.ru_stime.tv_sec - ra.ru_stime.tv_sec) +
		      (double)(rz.ru_utime.tv_usec - ra.ru_utime.tv_usec + rz.ru_stime.tv_usec - ra.ru_stime.tv_usec) / 1e6;
	uint64_t errs = S->failed + S->proto_err + S->io_err + S->timeouts + S->warm_err;
	int rc = errs ? 1 : 0;
	uint64_t exp = 0;
	if (o.expect) {
		for (int i = 0; i < S->nhdr; i++)
			if (!strcasecmp(S->hdr[i].name, o.expect))
				exp = S->hdr[i].count;
		if (exp != S->ok - S->aborted)
			rc = 1;
	}
	if (o.json) {
		printf("{\"label\":\"%s\",\"conns\":%d,\"body\":%zu,\"messages\":%" PRIu64 ",\"wall_s\":%.4f,\"mps\":%.1f,"
		       "\"cpu_us\":%.2f,\"user_us\":%.2f,\"sys_us\":%.2f,\"load_cpu_us\":%.2f,\"cpu_s\":%.3f,"
		       "\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f,\"mean_us\":%.1f,"
		       "\"eom_p50_us\":%.1f,\"eom_p99_us\":%.1f,\"eom_p999_us\":%.1f,\"setup_p50_us\":%.1f,\"setup_p99_us\":%.1f,",
		       o.label, o.conns, B.rawlen, S->ok, wall, n / wall, scpu / n * 1e6, sut / n * 1e6, sst / n * 1e6, lcpu / n * 1e6,
		       scpu, h_q(&S->msg, .5) / 1e3, h_q(&S->msg, .99) / 1e3, h_q(&S->msg, .999) / 1e3, (double)S->msg.max / 1e3,
		       S->msg.n ? S->msg.sum / (double)S->msg.n / 1e3 : 0, h_q(&S->eom, .5) / 1e3, h_q(&S->eom, .99) / 1e3,
		       h_q(&S->eom, .999) / 1e3, h_q(&S->setup, .5) / 1e3, h_q(&S->setup, .99) / 1e3);
		printf("\"rss_idle_kb\":%ld,\"pss_idle_kb\":%ld,\"rss_conns_kb\":%ld,\"pss_conns_kb\":%ld,\"rss_peak_kb\":%ld,"
		       "\"rss_after_kb\":%ld,\"pss_after_kb\":%ld,\"threads_idle\":%d,\"threads_conns\":%d,\"threads_peak\":%d,"
		       "\"procs\":%d,",
		       before.rss, before.pss, conns_up.rss, conns_up.pss, peak.rss, after.rss, after.pss, before.threads,
		       conns_up.threads, peak.threads, z.procs);
		printf("\"errors\":%" PRIu64 ",\"failed\":%" PRIu64 ",\"accept\":%" PRIu64 ",\"continue\":%" PRIu64 ",\"reject\":%" PRIu64
		       ",\"tempfail\":%" PRIu64 ",\"discard\":%" PRIu64 ",\"reply4\":%" PRIu64 ",\"reply5\":%" PRIu64 ",\"early\":%" PRIu64
		       ",\"rcpt_rejected\":%" PRIu64 ",\"aborted\":%" PRIu64 ",\"conn_opened\":%" PRIu64 ",\"conn_retries\":%" PRIu64
		       ",\"writes_per_msg\":%.2f,\"hdrs\":{",
		       errs, S->failed, S->v_accept, S->v_continue, S->v_reject, S->v_tempfail, S->v_discard, S->v_reply4, S->v_reply5,
		       S->early, S->rcpt_rej, S->aborted, S->conn_opened, S->conn_retries, (double)S->writes / n);
		for (int i = 0; i < S->nhdr; i++)
			printf("%s\"%s\":%" PRIu64, i ? "," : "", S->hdr[i].name, S->hdr[i].count);
		printf("},\"rc\":%d}\n", rc);
	} else {
		printf("%s%smessages %" PRIu64 " in %.2f s: %.1f messages/s   connections %d (+%d idle), body %zu, opened %" PRIu64
		       ", connect retries %" PRIu64 "\n",
		       o.label, *o.label ? ": " : "", S->ok, wall, n / wall, o.conns, o.idle, B.rawlen, S->conn_opened, S->conn_retries);
		printf("latency us  message p50 %.0f p99 %.0f p99.9 %.0f max %.0f | end-of-message p50 %.0f p99 %.0f p99.9 %.0f | "
		       "set-up p50 %.0f p99 %.0f\n",
		       h_q(&S->msg, .5) / 1e3, h_q(&S->msg, .99) / 1e3, h_q(&S->msg, .999) / 1e3, (double)S->msg.max / 1e3,
		       h_q(&S->eom, .5) / 1e3, h_q(&S->eom, .99) / 1e3, h_q(&S->eom, .999) / 1e3, h_q(&S->setup, .5) / 1e3,
		       h_q(&S->setup, .99) / 1e3);
		printf("verdicts    accept %" PRIu64 " continue %" PRIu64 " reject %" PRIu64 " tempfail %" PRIu64 " discard %" PRIu64
		       " reply4xx %" PRIu64 " reply5xx %" PRIu64 " shutdown %" PRIu64 " | before EOM %" PRIu64 " rcpt refused %" PRIu64
		       " aborted %" PRIu64 " connection-final %" PRIu64 "\n",
		       S->v_accept, S->v_continue, S->v_reject, S->v_tempfail, S->v_discard, S->v_reply4, S->v_reply5, S->v_shutdown,
		       S->early, S->rcpt_rej, S->aborted, S->conn_final);
		printf("inserted    %" PRIu64 " headers:", S->hdrs);
		for (int i = 0; i < S->nhdr; i++)
			printf(" %s=%" PRIu64, S->hdr[i].name, S->hdr[i].count);
		printf(" | other actions: chgheader %" PRIu64 " addrcpt %" PRIu64 " delrcpt %" PRIu64 " replbody %" PRIu64 " quarantine %" PRIu64
		       " chgfrom %" PRIu64 " | progress %" PRIu64 " skip %" PRIu64 "\n",
		       S->a_chghdr, S->a_addrcpt, S->a_delrcpt, S->a_replbody, S->a_quar, S->a_chgfrom, S->progress, S->skip);
		if (o.npid)
			printf("server      CPU %.2f us/message (user %.1f, system %.1f), %.2f s; RSS idle %.1f MB, connections up %.1f MB, "
			       "peak %.1f MB, after %.1f MB; PSS idle %.1f, up %.1f, after %.1f MB; threads %d/%d/%d, processes %d\n",
			       scpu / n * 1e6, sut / n * 1e6, sst / n * 1e6, scpu, (double)before.rss / 1024, (double)conns_up.rss / 1024,
			       (double)peak.rss / 1024, (double)after.rss / 1024, (double)before.pss / 1024,
			       (double)conns_up.pss / 1024, (double)after.pss / 1024, before.threads, conns_up.threads, peak.threads,
			       z.procs);
		printf("loader      CPU %.2f us/message; %.1f writes %.1f reads a message\n", lcpu / n * 1e6, (double)S->writes / n,
		       (double)S->reads / n);
		printf("errors      %" PRIu64 " (messages failed %" PRIu64 ", i/o %" PRIu64 ", protocol %" PRIu64 ", timeouts %" PRIu64 ", before the measured part %" PRIu64 ")%s\n",
		       errs, S->failed, S->io_err, S->proto_err, S->timeouts, S->warm_err, o.expect && rc && !errs ? "; --expect NOT MET" : "");
	}
	return rc;
}

/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <gmime/gmime.h>
#include <iconv.h>
#include <stdio.h>

#include "lib/bug.h"

#include "ctl/mail.h"

/*
 * MIME as GMime reads it. This runs confined, and once: nothing is given back that ends
 * with the process anyway.
 */

enum { DEPTH_MAX = 64, PLACE_MAX = 256 };

struct walk {
	struct buf *out;
	uint64_t n; /* leaves so far */
};

bool
mail_has_parts(void)
{
	return true;
}

void
mail_prepare(void *context)
{
	/* What the C library knows of these is in files, which are out of reach later. */
	static const char *const charsets[] = {"ISO-8859-1", "ISO-8859-2", "ISO-8859-5",
	    "ISO-8859-7", "ISO-8859-9", "ISO-8859-15", "CP1250", "CP1251", "CP1252",
	    "CP1253", "CP1254", "CP1255", "CP1256", "KOI8-R", "KOI8-U", "GB18030", "GBK",
	    "GB2312", "BIG5", "EUC-KR", "EUC-JP", "SHIFT_JIS", "ISO-2022-JP"};

	(void)context;
	g_mime_init();
	for (size_t i = 0; i < ARRAY_LEN(charsets); i++)
		(void)iconv_open("UTF-8", charsets[i]);
}

static char *
decode(const char *text)
{
	return g_mime_utils_header_decode_text(NULL, text);
}

static uint64_t
size_of(GMimePart *part)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	gssize n = -1;

	if (content != NULL)
		n = g_mime_data_wrapper_write_to_stream(content, g_mime_stream_null_new());
	return n > 0 ? (uint64_t)n : 0;
}

static bool
is_text(GMimeObject *object, const char *subtype)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);

	return GMIME_IS_TEXT_PART(object) && type != NULL &&
	       g_mime_content_type_is_type(type, "text", subtype) &&
	       !g_mime_part_is_attachment((GMimePart *)object);
}

static void
add_text(struct walk *walk, GMimeObject *object, const struct mail_item *part)
{
	struct mail_item item = *part;
	struct buf readable = BUF_INIT(MAIL_TEXT_MAX);
	char *text = g_mime_text_part_get_text((GMimeTextPart *)object);

	item.kind = MAIL_TEXT;
	item.was_html = is_text(object, "html");
	item.text = view_of(text);
	if (item.was_html) {
		mail_html(item.text, &readable);
		item.text = buf_view(&readable);
	}
	item.was_cut = readable.full || item.text.n > MAIL_TEXT_MAX;
	item.text = view_head(item.text, MAIL_TEXT_MAX);
	if (text != NULL)
		mail_add(walk->out, &item);
	buf_fini(&readable);
}

/* HAS_PLAIN: the same is there as plain text. */
static void
add_leaf(struct walk *walk, GMimeObject *object, const char *place, bool has_plain)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);
	struct mail_item item = {.kind = MAIL_PART, .name = view_of(place)};
	bool is_shown = is_text(object, "plain") || (is_text(object, "html") && !has_plain);

	if (walk->n++ >= MAIL_PARTS_MAX)
		return;
	item.type = view_of(type != NULL ? g_mime_content_type_get_mime_type(type) : "");
	if (GMIME_IS_PART(object)) {
		item.size = size_of((GMimePart *)object);
		item.text = view_of(g_mime_part_get_filename((GMimePart *)object));
		item.is_attachment = g_mime_part_is_attachment((GMimePart *)object);
	}
	mail_add(walk->out, &item);
	if (is_shown)
		add_text(walk, object, &item);
}

static bool
has_plain_child(GMimeMultipart *multipart)
{
	for (int i = 0; i < g_mime_multipart_get_count(multipart); i++)
		if (is_text(g_mime_multipart_get_part(multipart, i), "plain"))
			return true;
	return false;
}

static void walk_object(struct walk *walk, GMimeObject *object, const char *place,
    unsigned depth, bool has_plain);

static void
walk_multipart(struct walk *walk, GMimeMultipart *multipart, const char *place,
    unsigned depth, bool has_plain)
{
	GMimeContentType *type = g_mime_object_get_content_type((GMimeObject *)multipart);

	if (type != NULL && g_mime_content_type_is_type(type, "multipart", "alternative"))
		has_plain = has_plain || has_plain_child(multipart);
	for (int i = 0; i < g_mime_multipart_get_count(multipart); i++) {
		char below[PLACE_MAX];

		snprintf(below, sizeof(below), "%s%s%d", place, place[0] != '\0' ? "." : "",
		    i + 1);
		walk_object(walk, g_mime_multipart_get_part(multipart, i), below, depth + 1,
		    has_plain);
	}
}

/* Messages in it are one part: what they say is not what this one says. */
static void
walk_object(struct walk *walk, GMimeObject *object, const char *place, unsigned depth,
    bool has_plain)
{
	if (object == NULL)
		return;
	if (GMIME_IS_MULTIPART(object) && depth < DEPTH_MAX)
		walk_multipart(walk, (GMimeMultipart *)object, place, depth, has_plain);
	else
		add_leaf(walk, object, place[0] != '\0' ? place : "1", has_plain);
}

void
mail_work(void *context, struct buf *out)
{
	const struct view *raw = context;
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(raw->p, raw->n);
	GMimeMessage *message =
	    g_mime_parser_construct_message(g_mime_parser_new_with_stream(stream), NULL);
	struct walk walk = {.out = out};

	if (message == NULL) {
		mail_plain(*raw, out);
		return;
	}
	(void)mail_fields(*raw, decode, out);
	walk_object(&walk, g_mime_message_get_mime_part(message), "", 0, false);
	if (walk.n > MAIL_PARTS_MAX)
		mail_add(out, &(struct mail_item){
				  .kind = MAIL_MORE, .size = walk.n - MAIL_PARTS_MAX});
}

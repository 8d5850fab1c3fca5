/* pdf.c -- a document drawn by Cairo and Pango: lines of text, pairs in two columns, a QR code
** top right. A4 for the file, 80 mm for the slip printer; black on white, readable after a
** photocopy; page x of y. */
#include "media/private.h"

#include <cairo-pdf.h>
#include <jansson.h>
#include <pango/pangocairo.h>
#include <qrencode.h>
#include <stdio.h>
#include <string.h>

enum { LINES_MAX = 400 };
#define POINTS_PER_MM (72.0 / 25.4)

typedef struct Paper {
    double width, height, margin; /* points; height 0: as long as the text */
    double size;                  /* of the text, points */
    double label;                 /* width of the first column of a pair, as a share */
    double code;                  /* size of what is read aloud, in sizes of the text */
} Paper;

static const Paper A4 = { 595.28, 841.89, 56.0, 11.0, 0.26, 2.0 };
static const Paper SLIP = { 80 * POINTS_PER_MM, 0, 4 * POINTS_PER_MM, 9.0, 0.34, 1.4 };

typedef struct Pen {
    const Paper *paper;
    cairo_t *cairo;   /* NULL while only measuring */
    cairo_t *measure; /* for layouts */
    double y;
    int page;
    int pages;        /* known after measuring */
    double qr_side;   /* room kept at the top right of the first page */
} Pen;

/* ------------------------------------------------------------------ text */

static PangoLayout *layout_of(Pen *pen, const char *text, double width, double size, bool bold)
{
    PangoLayout *layout = pango_cairo_create_layout(pen->measure);
    PangoFontDescription *font = pango_font_description_from_string("Noto Sans CJK SC, sans-serif");
    pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
    pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(layout, font);
    pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_spacing(layout, (int)(size * 0.35 * PANGO_SCALE));
    pango_layout_set_text(layout, text, -1);
    pango_font_description_free(font);
    return layout;
}

static double height_of(PangoLayout *layout)
{
    int height = 0;
    pango_layout_get_size(layout, NULL, &height);
    return (double)height / PANGO_SCALE;
}

static void draw_at(Pen *pen, PangoLayout *layout, double x, double y)
{
    if (pen->cairo) {
        cairo_move_to(pen->cairo, x, y);
        pango_cairo_show_layout(pen->cairo, layout);
    }
    g_object_unref(layout);
}

static void draw_foot(Pen *pen)
{
    char text[48];
    if (!pen->cairo || pen->paper->height == 0)
        return;
    snprintf(text, sizeof text, "%d / %d", pen->page, pen->pages);
    PangoLayout *layout = layout_of(pen, text, 100, 9, false);
    draw_at(pen, layout, pen->paper->width - pen->paper->margin - 40, pen->paper->height - 40);
}

static void next_page(Pen *pen)
{
    draw_foot(pen);
    if (pen->cairo)
        cairo_show_page(pen->cairo);
    pen->page++;
    pen->y = pen->paper->margin;
}

static void make_room(Pen *pen, double height)
{
    const Paper *p = pen->paper;
    if (p->height > 0 && pen->y + height > p->height - p->margin)
        next_page(pen);
}

/* ------------------------------------------------------------------ lines */

/* Beside the QR code the lines are shorter. */
static double line_width(const Pen *pen)
{
    const Paper *p = pen->paper;
    bool beside =
        pen->page == 1 && pen->qr_side > 0 && pen->y < p->margin + pen->qr_side && p->height > 0;
    return p->width - 2 * p->margin - (beside ? pen->qr_side + 12 : 0);
}

static void put_paragraph(Pen *pen, const char *text, double size, bool bold, double after)
{
    PangoLayout *layout = layout_of(pen, text, line_width(pen), size, bold);
    double height = height_of(layout);
    make_room(pen, height);
    draw_at(pen, layout, pen->paper->margin, pen->y);
    pen->y += height + after;
}

static void put_pair(Pen *pen, const char *label, const char *value)
{
    const Paper *p = pen->paper;
    double width = line_width(pen), left = (p->width - 2 * p->margin) * p->label;
    PangoLayout *a = layout_of(pen, label, left - 6, p->size, false);
    PangoLayout *b = layout_of(pen, value, width - left, p->size, true);
    double height = height_of(a) > height_of(b) ? height_of(a) : height_of(b);
    make_room(pen, height);
    draw_at(pen, a, p->margin, pen->y);
    draw_at(pen, b, p->margin + left, pen->y);
    pen->y += height + p->size * 0.55;
}

static void put_rule(Pen *pen)
{
    const Paper *p = pen->paper;
    make_room(pen, 12);
    if (pen->cairo) {
        cairo_set_line_width(pen->cairo, 0.6);
        cairo_move_to(pen->cairo, p->margin, pen->y + 4);
        cairo_line_to(pen->cairo, p->width - p->margin, pen->y + 4);
        cairo_stroke(pen->cairo);
    }
    pen->y += 12;
}

static const char *member(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* A code to be read aloud: as large as fits on one line, with air round it. */
static void put_code(Pen *pen, const char *label, const char *code)
{
    double size = pen->paper->size;
    pen->y += size * 0.4;
    put_paragraph(pen, label, size, false, size * 0.2);
    put_paragraph(pen, code, size * pen->paper->code, true, size);
}

static void put_line(Pen *pen, const json_t *line)
{
    const char *kind = member(line, "kind");
    double size = pen->paper->size;
    if (strcmp(kind, "row") == 0)
        put_pair(pen, member(line, "a"), member(line, "b"));
    else if (strcmp(kind, "code") == 0)
        put_code(pen, member(line, "a"), member(line, "b"));
    else if (strcmp(kind, "rule") == 0)
        put_rule(pen);
    else if (strcmp(kind, "h") == 0)
        put_paragraph(pen, member(line, "a"), size * 1.25, true, size * 0.6);
    else
        put_paragraph(pen, member(line, "a"), size, false, size * 0.6);
}

/* ------------------------------------------------------------------ the QR code */

static void put_qr(Pen *pen, const char *text, double x, double y, double side)
{
    QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    if (!code)
        return;
    double cell = side / code->width;
    for (int i = 0; pen->cairo && i < code->width * code->width; i++)
        if (code->data[i] & 1)
            cairo_rectangle(pen->cairo, x + i % code->width * cell, y + i / code->width * cell,
                            cell, cell);
    if (pen->cairo)
        cairo_fill(pen->cairo);
    QRcode_free(code);
}

static void put_document(Pen *pen, const json_t *document)
{
    const Paper *p = pen->paper;
    const json_t *lines = json_object_get(document, "lines");
    const char *qr = member(document, "qr");
    pen->page = 1;
    pen->y = p->margin;
    pen->qr_side = qr[0] ? (p->height > 0 ? 92 : 110) : 0;
    if (qr[0] && p->height > 0)
        put_qr(pen, qr, p->width - p->margin - pen->qr_side, p->margin, pen->qr_side);
    put_paragraph(pen, member(document, "title"), p->size * 1.7, true, p->size);
    for (size_t i = 0; i < json_array_size(lines) && i < LINES_MAX; i++)
        put_line(pen, json_array_get(lines, i));
    if (qr[0] && p->height == 0) {
        put_qr(pen, qr, (p->width - pen->qr_side) / 2, pen->y + 8, pen->qr_side);
        pen->y += pen->qr_side + 24;
    }
    draw_foot(pen);
}

/* ------------------------------------------------------------------ the file */

static cairo_status_t put_bytes(void *arg, const unsigned char *at, unsigned n)
{
    (void)arg;
    return write_output(at, n) ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

/* Drawn twice: once to measure pages and length, once to paper. */
static int draw(const json_t *document)
{
    Paper paper = strcmp(member(document, "paper"), "slip") == 0 ? SLIP : A4;
    cairo_surface_t *scratch = cairo_recording_surface_create(CAIRO_CONTENT_ALPHA, NULL);
    Pen pen = { .paper = &paper, .measure = cairo_create(scratch) };
    put_document(&pen, document);
    pen.pages = pen.page;
    double height = paper.height > 0 ? paper.height : pen.y + paper.margin;
    cairo_surface_t *surface =
        cairo_pdf_surface_create_for_stream(put_bytes, NULL, paper.width, height);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, member(document, "title"));
    cairo_destroy(pen.measure);
    pen.cairo = pen.measure = cairo_create(surface);
    put_document(&pen, document);
    cairo_show_page(pen.cairo);
    cairo_destroy(pen.cairo);
    cairo_surface_finish(surface);
    bool good = cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS;
    cairo_surface_destroy(surface);
    cairo_surface_destroy(scratch);
    return good ? 0 : 9;
}

int make_pdf(void)
{
    u8 *at = NULL;
    size_t n = 0;
    json_error_t error;
    if (!read_input(&at, &n))
        return 9;
    json_t *document = json_loadb((const char *)at, n, 0, &error);
    int code = document ? draw(document) : 9;
    json_decref(document);
    return code;
}

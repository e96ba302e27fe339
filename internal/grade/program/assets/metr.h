/* metr.h: what a subject written in C or C++ needs. Include it in
 * tests/subject/main.c (or main.cpp), list functions in a table and serve it:
 *
 *     static metr_value *push(const metr_value *args) {
 *         return metr_int(stack_push(&the_stack, metr_as_int(args, 0)));
 *     }
 *     int main(void) {
 *         static const metr_function table[] = {{"push", push}, {0, 0}};
 *         return metr_serve(table);
 *     }
 *
 * Values live until the program ends. A function gets its arguments as a list;
 * an argument that is missing or of another kind is a TypeError in the judge.
 * Nothing that is compiled with the candidate's code may hold expected values.
 */
#ifndef METR_H
#define METR_H

#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __cplusplus
#include <cxxabi.h>
#include <exception>
#include <typeinfo>
#endif

typedef enum { METR_NULL, METR_BOOL, METR_INT, METR_FLOAT, METR_TEXT, METR_LIST, METR_ERROR, METR_OBJECT } metr_kind;

typedef struct metr_value metr_value;
struct metr_value {
    metr_kind kind;
    int64_t number;     /* BOOL, INT */
    double real;        /* FLOAT */
    char *text;         /* TEXT, and ERROR's message: length bytes and a 0 */
    size_t length;
    char *type;         /* ERROR: the class that the judge sees */
    metr_value **items; /* LIST; OBJECT: names and values by turns */
    size_t count, room;
};

typedef struct {
    const char *name;
    metr_value *(*call)(const metr_value *args);
} metr_function;

/* ---- making values ---- */

static inline void metr_die(const char *why) {
    fprintf(stderr, "metr: %s\n", why);
    _exit(70);
}

static inline void *metr_room(void *old, size_t n) {
    void *p = realloc(old, n ? n : 1);
    if (!p) metr_die("out of memory");
    return p;
}

static inline metr_value *metr_new(metr_kind kind) {
    metr_value *v = (metr_value *)metr_room(0, sizeof *v);
    memset(v, 0, sizeof *v);
    v->kind = kind;
    return v;
}

static inline metr_value *metr_null(void) { return metr_new(METR_NULL); }

static inline metr_value *metr_bool(int is) {
    metr_value *v = metr_new(METR_BOOL);
    v->number = is != 0;
    return v;
}

static inline metr_value *metr_int(int64_t n) {
    metr_value *v = metr_new(METR_INT);
    v->number = n;
    return v;
}

static inline metr_value *metr_float(double d) {
    metr_value *v = metr_new(METR_FLOAT);
    v->real = d;
    return v;
}

/* metr_bytes copies n bytes: text where they are UTF-8, bytes in the judge else. */
static inline metr_value *metr_bytes(const void *s, size_t n) {
    metr_value *v = metr_new(METR_TEXT);
    v->text = (char *)metr_room(0, n + 1);
    if (n) memcpy(v->text, s, n);
    v->text[n] = 0;
    v->length = n;
    return v;
}

/* metr_text copies a string; a null pointer is null in the judge. */
static inline metr_value *metr_text(const char *s) { return s ? metr_bytes(s, strlen(s)) : metr_null(); }

static inline metr_value *metr_list(void) { return metr_new(METR_LIST); }

static inline metr_value *metr_push(metr_value *list, metr_value *item) {
    if (list->count == list->room) {
        list->room = list->room ? 2 * list->room : 8;
        list->items = (metr_value **)metr_room(list->items, list->room * sizeof *list->items);
    }
    list->items[list->count++] = item;
    return list;
}

/* metr_error is raised in the judge: type is the name of a class, Python's own
 * (ValueError, OverflowError) or any other. */
static inline metr_value *metr_error(const char *type, const char *message) {
    metr_value *v = metr_bytes(message, strlen(message));
    v->kind = METR_ERROR;
    v->type = strdup(type);
    return v;
}

/* ---- reading arguments ---- */

#ifdef __cplusplus
struct metr_misused {};
static inline void metr_misuse(void) { throw metr_misused(); }
#else
static jmp_buf metr_back;
static inline void metr_misuse(void) { longjmp(metr_back, 1); }
#endif

static inline const metr_value *metr_item(const metr_value *list, size_t i) {
    if (list->kind != METR_LIST || i >= list->count) metr_misuse();
    return list->items[i];
}

static inline size_t metr_count(const metr_value *list) {
    if (list->kind != METR_LIST) metr_misuse();
    return list->count;
}

static inline int64_t metr_as_int(const metr_value *list, size_t i) {
    const metr_value *v = metr_item(list, i);
    if (v->kind != METR_INT && v->kind != METR_BOOL) metr_misuse();
    return v->number;
}

static inline double metr_as_float(const metr_value *list, size_t i) {
    const metr_value *v = metr_item(list, i);
    if (v->kind == METR_INT) return (double)v->number;
    if (v->kind != METR_FLOAT) metr_misuse();
    return v->real;
}

/* metr_as_text is the text of argument i, which ends in a 0; null gives 0. */
static inline const char *metr_as_text(const metr_value *list, size_t i) {
    const metr_value *v = metr_item(list, i);
    if (v->kind == METR_NULL) return 0;
    if (v->kind != METR_TEXT) metr_misuse();
    return v->text;
}

/* ---- the wire: JSON in frames, on descriptors 3 and 4 ---- */

typedef struct {
    const char *at, *end;
} metr_reader;

typedef struct {
    char *text;
    size_t length, room;
} metr_buffer;

static inline void metr_put(metr_buffer *b, const char *s, size_t n) {
    if (b->length + n > b->room) {
        b->room = 2 * (b->length + n) + 64;
        b->text = (char *)metr_room(b->text, b->room);
    }
    memcpy(b->text + b->length, s, n);
    b->length += n;
}

static inline void metr_puts(metr_buffer *b, const char *s) { metr_put(b, s, strlen(s)); }

static inline char metr_peek(metr_reader *r) {
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n')) r->at++;
    return r->at < r->end ? *r->at : 0;
}

static inline void metr_skip(metr_reader *r, char c) {
    if (metr_peek(r) != c) metr_die("a request that cannot be read");
    r->at++;
}

static inline unsigned metr_hex4(metr_reader *r) {
    char digits[5] = {0};
    if (r->end - r->at < 4) metr_die("a request that cannot be read");
    memcpy(digits, r->at, 4);
    r->at += 4;
    return (unsigned)strtoul(digits, 0, 16);
}

static inline void metr_rune(metr_buffer *b, unsigned c) {
    char u[4];
    size_t n = 0;
    if (c < 0x80) u[n++] = (char)c;
    else if (c < 0x800) u[n++] = (char)(0xc0 | c >> 6);
    else if (c < 0x10000) u[n++] = (char)(0xe0 | c >> 12);
    else {
        u[n++] = (char)(0xf0 | c >> 18);
        u[n++] = (char)(0x80 | (c >> 12 & 0x3f));
    }
    if (c >= 0x800) u[n++] = (char)(0x80 | (c >> 6 & 0x3f));
    if (c >= 0x80) u[n++] = (char)(0x80 | (c & 0x3f));
    metr_put(b, u, n);
}

static inline metr_value *metr_read_text(metr_reader *r) {
    metr_buffer b = {0, 0, 0};
    metr_value *v;
    metr_skip(r, '"');
    for (;;) {
        char c;
        if (r->at >= r->end) metr_die("a request that cannot be read");
        c = *r->at++;
        if (c == '"') break;
        if (c != '\\') {
            metr_put(&b, &c, 1);
            continue;
        }
        c = *r->at++;
        if (c == 'u') {
            unsigned u = metr_hex4(r);
            if (u >= 0xd800 && u < 0xdc00 && r->end - r->at > 6) {
                r->at += 2;
                u = 0x10000 + ((u - 0xd800) << 10) + (metr_hex4(r) - 0xdc00);
            }
            metr_rune(&b, u);
        } else {
            const char *from = "bfnrt", *to = "\b\f\n\r\t", *hit = strchr(from, c);
            metr_put(&b, hit ? to + (hit - from) : &c, 1);
        }
    }
    v = metr_bytes(b.text, b.length);
    free(b.text);
    return v;
}

static inline metr_value *metr_unbase64(const char *s) {
    static const char *digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    metr_buffer b = {0, 0, 0};
    unsigned bits = 0, n = 0;
    for (; *s && *s != '='; s++) {
        bits = bits << 6 | (unsigned)(strchr(digits, *s) - digits);
        if (++n % 4 != 1) {
            char c = (char)(bits >> (6 - 2 * ((n - 1) % 4)));
            metr_put(&b, &c, 1);
        }
    }
    return metr_bytes(b.text, b.length);
}

static inline metr_value *metr_read(metr_reader *r) {
    char c = metr_peek(r);
    metr_value *v;
    if (c == '"') return metr_read_text(r);
    if (c == '[' || c == '{') {
        char end = c == '[' ? ']' : '}';
        v = metr_new(c == '[' ? METR_LIST : METR_OBJECT);
        r->at++;
        while (metr_peek(r) != end) {
            if (v->count) metr_skip(r, ',');
            if (c == '{') {
                metr_push(v, metr_read_text(r));
                metr_skip(r, ':');
            }
            metr_push(v, metr_read(r));
        }
        r->at++;
        if (c == '{' && v->count == 2) { /* a tagged value */
            const char *tag = v->items[0]->text;
            metr_value *in = v->items[1];
            if (!strcmp(tag, "i")) return metr_int((int64_t)strtoll(in->text, 0, 16));
            if (!strcmp(tag, "f")) return metr_float(strtod(in->text, 0));
            if (!strcmp(tag, "b")) return metr_unbase64(in->text);
            if (strchr("TSFI", tag[0]) || !strcmp(tag, "D")) return in;
        }
        return v;
    }
    if (c == 'n' || c == 't') r->at += 4;
    else if (c == 'f') r->at += 5;
    else {
        char *after;
        v = metr_int((int64_t)strtoll(r->at, &after, 10));
        if (after == r->at) metr_die("a request that cannot be read");
        r->at = after;
        return v;
    }
    return c == 'n' ? metr_null() : metr_bool(c == 't');
}

static inline int metr_is_utf8(const unsigned char *s, size_t n) {
    size_t i = 0;
    while (i < n) {
        unsigned c = s[i], more = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : c >= 0xe0 && c < 0xf0 ? 2 : c >= 0xf0 && c < 0xf5 ? 3 : 9;
        if (more == 9 || i + more > n - 1) return 0;
        for (size_t k = 1; k <= more; k++)
            if ((s[i + k] & 0xc0) != 0x80) return 0;
        if ((c == 0xe0 && s[i + 1] < 0xa0) || (c == 0xed && s[i + 1] > 0x9f) || (c == 0xf0 && s[i + 1] < 0x90) || (c == 0xf4 && s[i + 1] > 0x8f)) return 0;
        i += more + 1;
    }
    return 1;
}

static inline void metr_write_text(metr_buffer *b, const char *s, size_t n) {
    metr_puts(b, "\"");
    for (size_t i = 0; i < n; i++) {
        char esc[8];
        unsigned char c = (unsigned char)s[i];
        if (c == '"' || c == '\\' || c < 0x20) {
            snprintf(esc, sizeof esc, "\\u%04x", c);
            metr_puts(b, esc);
        } else {
            metr_put(b, s + i, 1);
        }
    }
    metr_puts(b, "\"");
}

static inline void metr_write_base64(metr_buffer *b, const unsigned char *s, size_t n) {
    static const char *digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        unsigned bits = (unsigned)s[i] << 16 | (i + 1 < n ? (unsigned)s[i + 1] << 8 : 0) | (i + 2 < n ? s[i + 2] : 0);
        char four[4] = {digits[bits >> 18], digits[bits >> 12 & 63], '=', '='};
        if (i + 1 < n) four[2] = digits[bits >> 6 & 63];
        if (i + 2 < n) four[3] = digits[bits & 63];
        metr_put(b, four, 4);
    }
}

static inline void metr_write(metr_buffer *b, const metr_value *v) {
    char s[64];
    const char *form;
    if (!v || v->kind == METR_NULL) {
        metr_puts(b, "null");
        return;
    }
    switch (v->kind) {
    case METR_BOOL:
        metr_puts(b, v->number ? "true" : "false");
        return;
    case METR_INT:
        form = "%lld";
        if (v->number > (int64_t)1 << 53 || v->number < -((int64_t)1 << 53)) {
            unsigned long long size = v->number < 0 ? 0ULL - (unsigned long long)v->number : (unsigned long long)v->number;
            snprintf(s, sizeof s, "{\"i\":\"%s0x%llx\"}", v->number < 0 ? "-" : "", size);
        } else {
            snprintf(s, sizeof s, form, (long long)v->number);
        }
        metr_puts(b, s);
        return;
    case METR_FLOAT:
        if (v->real != v->real) snprintf(s, sizeof s, "nan");
        else if (v->real - v->real != 0) snprintf(s, sizeof s, v->real > 0 ? "inf" : "-inf");
        else snprintf(s, sizeof s, "%.17g", v->real);
        metr_puts(b, "{\"f\":\"");
        metr_puts(b, s);
        metr_puts(b, "\"}");
        return;
    case METR_TEXT:
        if (metr_is_utf8((const unsigned char *)v->text, v->length)) {
            metr_write_text(b, v->text, v->length);
            return;
        }
        metr_puts(b, "{\"b\":\"");
        metr_write_base64(b, (const unsigned char *)v->text, v->length);
        metr_puts(b, "\"}");
        return;
    default:
        metr_puts(b, "[");
        for (size_t i = 0; i < v->count; i++) {
            if (i) metr_puts(b, ",");
            metr_write(b, v->items[i]);
        }
        metr_puts(b, "]");
    }
}

static inline int metr_read_whole(void *to, size_t n) {
    char *p = (char *)to;
    while (n > 0) {
        ssize_t got = read(3, p, n);
        if (got <= 0) return 0;
        p += got;
        n -= (size_t)got;
    }
    return 1;
}

static inline void metr_send(const metr_buffer *b) {
    unsigned char head[4] = {(unsigned char)(b->length >> 24), (unsigned char)(b->length >> 16), (unsigned char)(b->length >> 8), (unsigned char)b->length};
    const char *p = b->text;
    size_t n = b->length;
    if (write(4, head, 4) != 4) metr_die("the judge is gone");
    while (n > 0) {
        ssize_t put = write(4, p, n);
        if (put <= 0) metr_die("the judge is gone");
        p += put;
        n -= (size_t)put;
    }
}

static inline metr_value *metr_field(const metr_value *object, const char *name) {
    for (size_t i = 0; i + 1 < object->count; i += 2)
        if (!strcmp(object->items[i]->text, name)) return object->items[i + 1];
    return 0;
}

static inline metr_value *metr_call(const metr_function *f, const metr_value *args) {
    static const char *misused = "an argument that is missing or of another kind";
#ifdef __cplusplus
    try {
        return f->call(args);
    } catch (const metr_misused &) {
        return metr_error("TypeError", misused);
    } catch (const std::exception &e) {
        int status = 0;
        char *full = abi::__cxa_demangle(typeid(e).name(), 0, 0, &status);
        const char *name = full ? full : "exception";
        const char *last = name; /* without namespaces and template arguments */
        for (const char *p = name; *p && *p != '<'; p++)
            if (*p == ':') last = p + 1;
        return metr_error(last, e.what());
    } catch (...) {
        return metr_error("Exception", "something that is no std::exception was thrown");
    }
#else
    if (setjmp(metr_back)) return metr_error("TypeError", misused);
    return f->call(args);
#endif
}

/* metr_serve answers until the judge is done. */
static inline int metr_serve(const metr_function *table) {
    for (;;) {
        unsigned char head[4];
        size_t n;
        char *body;
        metr_reader r;
        metr_value *q, *op, *name, *args, *v = 0;
        const metr_function *f = table;
        metr_buffer b = {0, 0, 0};
        if (!metr_read_whole(head, 4)) return 0;
        n = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
        body = (char *)metr_room(0, n + 1);
        body[n] = 0;
        if (!metr_read_whole(body, n)) return 0;
        r.at = body;
        r.end = body + n;
        q = metr_read(&r);
        free(body);
        op = metr_field(q, "op");
        name = metr_field(q, "name");
        args = metr_field(q, "args");
        if (!op || op->kind != METR_TEXT) metr_die("a request without op");
        while (name && name->kind == METR_TEXT && f->name && strcmp(f->name, name->text)) f++;
        if (!strcmp(op->text, "load")) {
            metr_puts(&b, "{\"ok\":{\"h\":1,\"k\":\"subject\"}}");
        } else if (!name || name->kind != METR_TEXT || !f->name) {
            v = metr_error("AttributeError", "the subject's table has no such function");
        } else if (!strcmp(op->text, "get")) {
            metr_puts(&b, "{\"ok\":{\"h\":0,\"k\":\"function\"}}");
        } else if (!strcmp(op->text, "call") && args) {
            v = metr_call(f, args);
            if (!v) v = metr_null();
        } else {
            v = metr_error("TypeError", "subjects in this language are asked to call functions, and for nothing else");
        }
        if (v && v->kind == METR_ERROR) {
            metr_puts(&b, "{\"err\":{\"class\":");
            metr_write_text(&b, v->type, strlen(v->type));
            metr_puts(&b, ",\"mro\":[");
            metr_write_text(&b, v->type, strlen(v->type));
            metr_puts(&b, ",\"Exception\"],\"msg\":");
            if (metr_is_utf8((const unsigned char *)v->text, v->length)) metr_write_text(&b, v->text, v->length);
            else metr_puts(&b, "\"(not UTF-8)\"");
            metr_puts(&b, "}}");
        } else if (v) {
            metr_puts(&b, "{\"ok\":");
            metr_write(&b, v);
            metr_puts(&b, "}");
        }
        fflush(0);
        metr_send(&b);
        free(b.text);
    }
}

#endif

#include "table.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 8 };

struct slot {
    char *key; /* NULL: free */
    long value;
};

struct table {
    struct slot *slots;
    size_t size; /* a power of two */
    size_t used;
};

static char *copy(const char *s) {
    size_t n = strlen(s) + 1;
    char *c = malloc(n);
    if (c != NULL) {
        memcpy(c, s, n);
    }
    return c;
}

size_t table_hash(const char *key) {
    /* FNV-1a, folded to 32 bits */
    unsigned long long h = 14695981039346656037ULL;
    for (; *key != '\0'; key++) {
        h = (h ^ (unsigned char)*key) * 1099511628211ULL;
    }
    return (size_t)((h >> 32 ^ h) & 0xffffffffU);
}

struct table *table_new(void) {
    struct table *t = calloc(1, sizeof *t);
    if (t == NULL) {
        return NULL;
    }
    t->size = FIRST_SLOTS;
    t->slots = calloc(t->size, sizeof *t->slots);
    if (t->slots == NULL) {
        free(t);
        return NULL;
    }
    return t;
}

void table_free(struct table *t) {
    if (t == NULL) {
        return;
    }
    for (size_t i = 0; i < t->size; i++) {
        free(t->slots[i].key);
    }
    free(t->slots);
    free(t);
}

/* find is the slot of the key, or the free slot where it belongs. */
static size_t find(const struct table *t, const char *key) {
    size_t i = table_hash(key) & (t->size - 1);
    while (t->slots[i].key != NULL && strcmp(t->slots[i].key, key) != 0) {
        i = (i + 1) & (t->size - 1);
    }
    return i;
}

static bool grow(struct table *t) {
    struct table bigger = {.size = 2 * t->size, .used = t->used};
    bigger.slots = calloc(bigger.size, sizeof *bigger.slots);
    if (bigger.slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < t->size; i++) {
        if (t->slots[i].key != NULL) {
            bigger.slots[find(&bigger, t->slots[i].key)] = t->slots[i];
        }
    }
    free(t->slots);
    *t = bigger;
    return true;
}

bool table_put(struct table *t, const char *key, long value) {
    size_t i = find(t, key);
    if (t->slots[i].key != NULL) {
        t->slots[i].value = value;
        return false;
    }
    if (4 * (t->used + 1) > 3 * t->size) {
        if (!grow(t)) {
            abort();
        }
        i = find(t, key);
    }
    t->slots[i].key = copy(key);
    if (t->slots[i].key == NULL) {
        abort();
    }
    t->slots[i].value = value;
    t->used++;
    return true;
}

bool table_get(const struct table *t, const char *key, long *value) {
    size_t i = find(t, key);
    if (t->slots[i].key == NULL) {
        return false;
    }
    if (value != NULL) {
        *value = t->slots[i].value;
    }
    return true;
}

/* close_hole moves entries back that were placed behind a slot which is free
 * now: a search for them would end there. */
static void close_hole(struct table *t, size_t hole) {
    for (size_t i = hole + 1; i < t->size && t->slots[i].key != NULL; i++) {
        size_t home = table_hash(t->slots[i].key) & (t->size - 1);
        if (home <= hole) {
            t->slots[hole] = t->slots[i];
            t->slots[i].key = NULL;
            hole = i;
        }
    }
}

bool table_remove(struct table *t, const char *key) {
    size_t i = find(t, key);
    if (t->slots[i].key == NULL) {
        return false;
    }
    free(t->slots[i].key);
    t->slots[i].key = NULL;
    t->used--;
    close_hole(t, i);
    return true;
}

size_t table_count(const struct table *t) {
    return t->used;
}

size_t table_slots(const struct table *t) {
    return t->size;
}

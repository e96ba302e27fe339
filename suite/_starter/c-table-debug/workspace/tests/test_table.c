#include "table.h"

#include <assert.h>
#include <stdio.h>

static void put_and_get(void) {
    struct table *t = table_new();
    long v = 0;
    assert(table_put(t, "ada", 1));
    assert(!table_put(t, "ada", 2));
    assert(table_get(t, "ada", &v) && v == 2);
    assert(!table_get(t, "bob", &v) && v == 2);
    assert(table_count(t) == 1);
    table_free(t);
}

static void growing(void) {
    struct table *t = table_new();
    char key[16];
    for (int i = 0; i < 500; i++) {
        snprintf(key, sizeof key, "k%d", i);
        assert(table_put(t, key, i));
    }
    for (int i = 0; i < 500; i++) {
        long v = -1;
        snprintf(key, sizeof key, "k%d", i);
        assert(table_get(t, key, &v) && v == i);
    }
    table_free(t);
}

int main(void) {
    put_and_get();
    growing();
    return 0;
}

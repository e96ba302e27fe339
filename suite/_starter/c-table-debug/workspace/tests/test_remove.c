#include "table.h"

#include <assert.h>

int main(void) {
    struct table *t = table_new();
    table_put(t, "ada", 1);
    assert(table_remove(t, "ada"));
    assert(!table_remove(t, "ada"));
    assert(!table_get(t, "ada", 0));
    assert(table_count(t) == 0);
    table_free(t);
    table_free(0);
    return 0;
}

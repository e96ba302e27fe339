/* Plays scripts of calls on a table. It knows no expected answer: the judge does. */
#include "metr.h"
#include "table.h"

/* play runs one operation after the other on a new table. An operation is a list
 * of a letter, a key and, for put, a value. */
static metr_value *play(const metr_value *args) {
    const metr_value *ops = metr_item(args, 0);
    metr_value *out = metr_list();
    struct table *t = table_new();
    for (size_t i = 0; i < metr_count(ops); i++) {
        const metr_value *op = metr_item(ops, i);
        const char *verb = metr_as_text(op, 0);
        long value = -1;
        switch (verb[0]) {
        case 'p':
            metr_push(out, metr_bool(table_put(t, metr_as_text(op, 1), metr_as_int(op, 2))));
            break;
        case 'g':
            metr_push(out, table_get(t, metr_as_text(op, 1), &value) ? metr_int(value) : metr_null());
            break;
        case 'r':
            metr_push(out, metr_bool(table_remove(t, metr_as_text(op, 1))));
            break;
        case 'n':
            metr_push(out, metr_int((int64_t)table_count(t)));
            break;
        case 's':
            metr_push(out, metr_int((int64_t)table_slots(t)));
            break;
        }
    }
    table_free(t);
    return out;
}

/* hash is what the table says of a key. */
static metr_value *hash(const metr_value *args) { return metr_int((int64_t)table_hash(metr_as_text(args, 0))); }

/* come_and_go puts and removes n keys, window of them at a time, and returns the
 * slots at the end. */
static metr_value *come_and_go(const metr_value *args) {
    struct table *t = table_new();
    int64_t n = metr_as_int(args, 0), window = metr_as_int(args, 1), lost = 0;
    char key[32];
    for (int64_t i = 0; i < n; i++) {
        snprintf(key, sizeof key, "visitor %lld", (long long)i);
        table_put(t, key, (long)i);
        if (i >= window) {
            snprintf(key, sizeof key, "visitor %lld", (long long)(i - window));
            lost += !table_remove(t, key);
        }
    }
    metr_value *out = metr_list();
    metr_push(out, metr_int((int64_t)table_slots(t)));
    metr_push(out, metr_int((int64_t)table_count(t)));
    metr_push(out, metr_int(lost));
    table_free(t);
    return out;
}

int main(void) {
    static const metr_function table[] = {{"play", play}, {"hash", hash}, {"come_and_go", come_and_go}, {0, 0}};
    return metr_serve(table);
}

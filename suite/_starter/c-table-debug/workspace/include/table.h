/* A hash table from strings to integers. */
#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct table;

/* table_new makes an empty table; NULL without memory. */
struct table *table_new(void);

/* table_free frees the table and its keys. NULL is no table. */
void table_free(struct table *t);

/* table_put sets the value of a key, which is copied. True if the key is new;
 * the empty string is a key like others. */
bool table_put(struct table *t, const char *key, long value);

/* table_get stores the value of a key in *value, unless value is NULL. False,
 * and *value untouched, if there is no such key. */
bool table_get(const struct table *t, const char *key, long *value);

/* table_remove removes a key. False if there is none. */
bool table_remove(struct table *t, const char *key);

/* table_count is the number of keys. */
size_t table_count(const struct table *t);

/* table_slots is the number of slots that the table has room for: always a
 * power of two, and at least a quarter more than there are keys. */
size_t table_slots(const struct table *t);

/* table_hash is the hash of a key: its slot is the hash modulo the slots. */
size_t table_hash(const char *key);

#endif

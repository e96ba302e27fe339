/* Reads "on TOKEN USER" and "off TOKEN" lines and says how many sessions are
 * left. */
#include "table.h"

#include <stdio.h>

int main(void) {
    struct table *sessions = table_new();
    char verb[8], token[64];
    long user;
    if (sessions == NULL) {
        return 1;
    }
    while (scanf("%7s %63s", verb, token) == 2) {
        if (verb[1] == 'n' && scanf("%ld", &user) == 1) {
            table_put(sessions, token, user);
        } else {
            table_remove(sessions, token);
        }
    }
    printf("%zu sessions\n", table_count(sessions));
    table_free(sessions);
    return 0;
}

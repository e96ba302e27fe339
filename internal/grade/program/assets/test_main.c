/* The main function of a test program: the test's own was renamed. Whoever ends
 * the program by another way than returning from there never gets to say how it
 * went. The nonce is read only afterwards. */
#include <stdio.h>
#include <unistd.h>

int metr_test_main(int argc, char **argv);

int main(int argc, char **argv) {
    int status = metr_test_main(argc, argv);
    char nonce[64];
    ssize_t n = read(3, nonce, sizeof nonce - 1);
    nonce[n > 0 ? n : 0] = 0;
    fflush(0);
    dprintf(4, "%s %d\n", nonce, status);
    _exit(0);
}

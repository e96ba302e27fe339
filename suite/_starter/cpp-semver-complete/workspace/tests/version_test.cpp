#include "release/version.h"

#include <iostream>
#include <stdexcept>

using release::parse;

static int failures = 0;

static void check(bool ok, const char* what) {
    if (!ok) {
        std::cerr << "failed: " << what << "\n";
        failures++;
    }
}

static bool refused(const std::string& text) {
    try {
        parse(text);
    } catch (const std::invalid_argument&) {
        return true;
    }
    return false;
}

int main() {
    release::Version v = parse("1.20.3-rc.1+linux.07");
    check(v.major == 1 && v.minor == 20 && v.patch == 3, "numbers");
    check(v.pre.size() == 2 && v.pre[0] == "rc" && v.pre[1] == "1", "pre-release");
    check(v.build == "linux.07", "build");
    check(v.str() == "1.20.3-rc.1+linux.07", "str");
    check(parse("18446744073709551615.0.0").str() == "18446744073709551615.0.0", "large");
    for (const char* bad : {"", "1.2", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.3-01", "1.2.3-a..b", "1.2.3+",
                            "18446744073709551616.0.0", "1.2.x"}) {
        check(refused(bad), bad);
    }
    return failures == 0 ? 0 : 1;
}

#include "release/version.h"

namespace release {
namespace {

int sign(bool less, bool more) { return less ? -1 : more ? 1 : 0; }

int compare_numbers(std::uint64_t a, std::uint64_t b) { return sign(a < b, a > b); }

int compare_identifiers(const std::string& a, const std::string& b) {
    int c = a.compare(b);
    return sign(c < 0, c > 0);
}

}  // namespace

int compare(const Version& a, const Version& b) {
    if (int c = compare_numbers(a.major, b.major)) {
        return c;
    }
    if (int c = compare_numbers(a.minor, b.minor)) {
        return c;
    }
    if (int c = compare_numbers(a.patch, b.patch)) {
        return c;
    }
    if (a.pre.empty() != b.pre.empty()) {
        return a.pre.empty() ? 1 : -1;
    }
    for (std::size_t i = 0; i < a.pre.size() && i < b.pre.size(); i++) {
        if (int c = compare_identifiers(a.pre[i], b.pre[i])) {
            return c;
        }
    }
    return compare_numbers(a.pre.size(), b.pre.size());
}

}  // namespace release

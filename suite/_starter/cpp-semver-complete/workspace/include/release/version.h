#ifndef RELEASE_VERSION_H
#define RELEASE_VERSION_H

#include <cstdint>
#include <string>
#include <vector>

namespace release {

// A version: MAJOR.MINOR.PATCH[-PRE.RELEASE][+BUILD].
struct Version {
    std::uint64_t major = 0;
    std::uint64_t minor = 0;
    std::uint64_t patch = 0;
    std::vector<std::string> pre;  // the identifiers of a pre-release; none in a release
    std::string build;

    std::string str() const;
};

// parse reads a version. It throws std::invalid_argument, naming the text, where
// it is none: numbers have no leading zeros, identifiers are letters, digits and
// dashes, and those of digits alone have no leading zero either. They may be
// longer than any integer type.
Version parse(const std::string& text);

// compare orders versions by precedence: below 0 if a comes before b, above 0 if
// it comes after b, and 0 if neither does.
//
// Major, minor and patch are compared in this order, as numbers. Where they are
// equal, a version with a pre-release comes before one without. Pre-releases are
// compared identifier by identifier from the left until a difference is found:
// identifiers of digits alone are compared as numbers, others as text by byte;
// a number comes before a text. If all identifiers of the shorter one are equal
// to those of the longer one, the shorter comes first. The build has no part in
// precedence.
int compare(const Version& a, const Version& b);

}  // namespace release

#endif

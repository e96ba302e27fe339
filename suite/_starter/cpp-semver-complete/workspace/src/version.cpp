#include "release/version.h"

#include <cctype>
#include <limits>
#include <stdexcept>

namespace release {
namespace {

[[noreturn]] void refuse(const std::string& text) {
    throw std::invalid_argument("no version: \"" + text + "\"");
}

bool digits(const std::string& s) {
    for (unsigned char c : s) {
        if (!std::isdigit(c)) {
            return false;
        }
    }
    return !s.empty();
}

std::uint64_t number(const std::string& s, const std::string& text) {
    if (!digits(s) || (s.size() > 1 && s[0] == '0')) {
        refuse(text);
    }
    std::uint64_t n = 0;
    for (char c : s) {
        std::uint64_t d = static_cast<std::uint64_t>(c - '0');
        if (n > (std::numeric_limits<std::uint64_t>::max() - d) / 10) {
            refuse(text);
        }
        n = 10 * n + d;
    }
    return n;
}

std::vector<std::string> split(const std::string& s) {
    std::vector<std::string> out(1);
    for (char c : s) {
        if (c == '.') {
            out.emplace_back();
        } else {
            out.back() += c;
        }
    }
    return out;
}

void check_identifiers(const std::vector<std::string>& ids, bool zeros, const std::string& text) {
    for (const std::string& id : ids) {
        if (id.empty() || (!zeros && digits(id) && id.size() > 1 && id[0] == '0')) {
            refuse(text);
        }
        for (unsigned char c : id) {
            if (c > 127 || (!std::isalnum(c) && c != '-')) {
                refuse(text);
            }
        }
    }
}

}  // namespace

Version parse(const std::string& text) {
    Version v;
    std::string rest = text;
    if (std::size_t plus = rest.find('+'); plus != std::string::npos) {
        v.build = rest.substr(plus + 1);
        check_identifiers(split(v.build), true, text);
        rest.resize(plus);
    }
    if (std::size_t dash = rest.find('-'); dash != std::string::npos) {
        v.pre = split(rest.substr(dash + 1));
        check_identifiers(v.pre, false, text);
        rest.resize(dash);
    }
    std::vector<std::string> numbers = split(rest);
    if (numbers.size() != 3) {
        refuse(text);
    }
    v.major = number(numbers[0], text);
    v.minor = number(numbers[1], text);
    v.patch = number(numbers[2], text);
    return v;
}

std::string Version::str() const {
    std::string out = std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
    for (std::size_t i = 0; i < pre.size(); i++) {
        out += (i == 0 ? "-" : ".") + pre[i];
    }
    return build.empty() ? out : out + "+" + build;
}

}  // namespace release

// Answers what the judge asks of versions. It knows no expected answer.
#include "metr.h"

#include "release/catalog.h"
#include "release/version.h"

// compare gives -1, 0 or 1.
static metr_value *compare(const metr_value *args) {
    int c = release::compare(release::parse(metr_as_text(args, 0)), release::parse(metr_as_text(args, 1)));
    return metr_int(c < 0 ? -1 : c > 0 ? 1 : 0);
}

static std::vector<std::string> texts(const metr_value *list) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < metr_count(list); i++) {
        out.push_back(metr_as_text(list, i));
    }
    return out;
}

static metr_value *newest(const metr_value *args) { return metr_text(release::newest(texts(metr_item(args, 0))).c_str()); }

static metr_value *sorted(const metr_value *args) {
    metr_value *out = metr_list();
    for (const std::string &s : release::sorted(texts(metr_item(args, 0)))) {
        metr_push(out, metr_text(s.c_str()));
    }
    return out;
}

int main() {
    static const metr_function table[] = {{"compare", compare}, {"newest", newest}, {"sorted", sorted}, {0, 0}};
    return metr_serve(table);
}

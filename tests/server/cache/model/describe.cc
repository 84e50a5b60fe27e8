// Operations in words, for the log of a run that failed.
#include <sstream>

#include "tests/server/cache/model/operations.h"

namespace martlet::cache::model {
namespace {

class Words {
 public:
  explicit Words(const char* verb) { out_ << verb; }
  Words& when(bool set, const char* what) {
    if (set) out_ << ' ' << what;
    return *this;
  }
  template <typename Number>
  Words& with(const char* what, Number number) {
    out_ << ' ' << what << ' ' << number;
    return *this;
  }
  template <typename Number>
  Words& maybe(const char* what, const std::optional<Number>& number) {
    if (number) with(what, *number);
    return *this;
  }
  std::string text() const { return out_.str(); }

 private:
  std::ostringstream out_;
};

struct Describe {
  std::string operator()(const GetOptions& it) const {
    Words out("get");
    if (it.touch) out.with("touch", it.exptime);
    out.when(it.peek, "peek").when(!it.value, "no-value").when(it.leases, "leases").maybe("vivify", it.vivify);
    out.maybe("vivify-id", it.vivify_cas).when(it.vivify_binary_key, "binary").maybe("recache", it.recache);
    return out.text();
  }
  std::string operator()(const StoreRequest& it) const {
    static constexpr const char* kModes[] = {"set", "add", "replace", "append", "prepend", "cas"};
    Words out(kModes[static_cast<size_t>(it.mode)]);
    out.with("flags", it.flags).with("exptime", it.exptime).with("id", it.cas).when(it.compare, "compare");
    out.when(it.invalidate, "invalidate").maybe("new-id", it.new_cas).maybe("vivify", it.vivify);
    return out.when(it.binary_key, "binary").text();
  }
  std::string operator()(const RemoveRequest& it) const {
    Words out("remove");
    out.maybe("id", it.cas)
        .when(it.invalidate, "invalidate")
        .when(it.clear_value, "clear")
        .maybe("exptime", it.exptime);
    return out.with("flags", it.flags).maybe("new-id", it.new_cas).text();
  }
  std::string operator()(const TouchRequest& it) const { return Words("touch").with("exptime", it.exptime).text(); }
  std::string operator()(const ArithRequest& it) const {
    Words out(it.negative ? "decr" : "incr");
    out.with("by", it.delta).maybe("id", it.cas).maybe("new-id", it.new_cas).maybe("exptime", it.exptime);
    return out.maybe("vivify", it.vivify).with("initial", it.initial).when(it.binary_key, "binary").text();
  }
  std::string operator()(Errand it) const {
    static constexpr const char* kErrands[] = {"begin upload",   "advance upload", "abandon upload",
                                               "publish upload", "look at pins",   "walk"};
    return kErrands[static_cast<size_t>(it)];
  }
};

}  // namespace

std::string describe(const Request& request) { return std::visit(Describe{}, request); }

}  // namespace martlet::cache::model

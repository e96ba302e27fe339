// Judges one function-level answer by its published test program. Started as
//   node function.mjs CASE.json
// where the case holds { src, file, entry, test }: the whole program that
// answers, the function's name, and the test program, which calls the function
// by that name and throws where it is wrong.
import fs from "node:fs";
import vm from "node:vm";
import { judge, subject } from "./metr.mjs";
import { isEqual } from "./equal.mjs";

const { src, file, entry, test } = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const modules = { lodash: { isEqual }, "node:assert": await import("node:assert"), assert: await import("node:assert") };

/** Makes what a call did to its arguments visible in the test's own values. */
function copyBack(to, from) {
  if (Array.isArray(to) && Array.isArray(from)) to.splice(0, to.length, ...from);
  else if (to instanceof Map && from instanceof Map) {
    to.clear();
    for (const [k, v] of from) to.set(k, v);
  } else if (to instanceof Set && from instanceof Set) {
    to.clear();
    for (const v of from) to.add(v);
  } else if (typeof to === "object" && to !== null && typeof from === "object" && from !== null) {
    for (const k of Object.keys(to)) if (!Object.hasOwn(from, k)) delete to[k];
    Object.assign(to, from);
  }
}

let message = "";
judge.loading = false;
try {
  const f = subject.exec(src, file)[entry];
  if (typeof f !== "function") throw new TypeError(`${entry} is not a function`);
  const call = (...args) => {
    const { value, args: after } = subject.inplace(f, ...args);
    args.forEach((a, i) => copyBack(a, after[i]));
    return value;
  };
  const require = (name) => modules[name] ?? fail(`the test requires ${name}, which is not here`);
  const run = vm.runInThisContext(`(function (require, ${entry}) {${test}\n})`, { filename: "test.js" });
  run(require, call);
} catch (e) {
  message = typeof e === "object" && e !== null ? `${e.name}: ${e.message}` : String(e);
  message ||= "the test program threw";
}
judge.send({ op: "result", name: entry, label: "typical", status: message === "" ? "pass" : "fail", message: message.slice(0, 4000) });
judge.send({ op: "done", tests: 1 });

function fail(why) {
  throw new Error(why);
}

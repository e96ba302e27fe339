// Turns node:test's events into frames. A test without assertions on the
// subject is the author's affair; a skipped one is never a pass.
import { judge } from "./metr.mjs";

const labels = new Set(["typical", "edge", "state", "error", "exploit"]);

export default async function* report(events) {
  const path = [];
  let tests = 0;
  for await (const { type, data } of events) {
    if (type === "test:start") {
      path.length = data.nesting;
      path[data.nesting] = data.name;
    }
    if (type !== "test:pass" && type !== "test:fail") continue;
    const suite = data.details?.type === "suite";
    if (suite && (type === "test:pass" || data.details.error?.failureType === "subtestsFailed")) continue;
    const around = path.slice(0, data.nesting);
    const name = around.length > 0 ? `${data.name} (${around.join(", ")})` : data.name;
    const word = /^\s*([a-z]+)/.exec(data.name)?.[1];
    const message = judge.failed || (type === "test:fail" ? reason(data.details?.error) : data.skip !== undefined ? "skipped" : data.todo !== undefined ? "todo" : "");
    judge.send({
      op: "result", name, label: labels.has(word) ? word : "typical",
      status: message === "" ? "pass" : "fail", message,
    });
    tests++;
  }
  if (!judge.loading) judge.send({ op: "done", tests });
}

function reason(error) {
  const e = error?.cause ?? error;
  const text = typeof e === "object" && e !== null && "message" in e ? `${e.name === "AssertionError" ? "" : `${e.name}: `}${e.message}` : String(e);
  return text.slice(0, 4000) || "failed";
}

// A node:test reporter that writes one JSON line per test.
export default async function* (source) {
  for await (const e of source) {
    if (e.type !== "test:pass" && e.type !== "test:fail") continue;
    const d = e.data;
    if (d.details?.type === "suite") continue;
    if (d.name.endsWith(".mjs") || d.name.endsWith(".js") || d.name.endsWith(".cjs")) {
      if (e.type === "test:pass") continue; // a file, not a test
    }
    const skipped = d.skip !== undefined || d.todo !== undefined;
    const message = d.details?.error?.cause?.message ?? d.details?.error?.message ?? "";
    yield JSON.stringify({
      name: d.name,
      status: skipped ? "skipped" : e.type === "test:pass" ? "pass" : "fail",
      message: String(message).slice(0, 300),
    }) + "\n";
  }
  yield JSON.stringify({ done: true }) + "\n";
}

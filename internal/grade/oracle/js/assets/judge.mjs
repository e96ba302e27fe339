// Runs hidden node:test files against the subject. Started as
//   node --test-reporter=./reporter.mjs --test-reporter-destination=stderr judge.mjs TEST...
// with the channel on descriptors 3 and 4. A file that cannot be imported is an
// error of ours: the process ends without saying done.
import { beforeEach } from "node:test";
import { pathToFileURL } from "node:url";
import { judge, revive } from "./metr.mjs";

beforeEach(revive);

const files = process.argv.slice(2);
try {
  for (const f of files) await import(pathToFileURL(f).href);
  judge.loading = false;
} catch (e) {
  console.error(e);
  process.reallyExit(3);
}

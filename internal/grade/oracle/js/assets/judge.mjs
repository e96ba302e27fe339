// Runs hidden node:test files against the subject. Started as
//   node --test-reporter=REPORTER --test-reporter-destination=stderr judge.mjs TEST...
// in the folder that holds the tests' folder tests,
// with the channel on descriptors 3 and 4. A file that cannot be imported is an
// error of ours: the process ends without saying done.
import { beforeEach } from "node:test";
import { pathToFileURL } from "node:url";
import { judge, revive } from "./metr.mjs";

beforeEach(revive);

const files = process.argv.slice(2).map((f) => pathToFileURL(f).href);
process.chdir("tests");
try {
  for (const f of files) await import(f);
  judge.loading = false;
} catch (e) {
  console.error(e);
  process.reallyExit(3);
}

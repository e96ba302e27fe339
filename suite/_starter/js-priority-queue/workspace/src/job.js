import { by, chain, reverse } from "./compare.js";

/**
 * A job: what to run, how urgent (0 to 9, 9 is most urgent), and until when (ms, optional).
 * Throws a TypeError for anything else.
 */
export function createJob({ name, urgency = 5, deadline = Infinity, run }) {
  if (typeof name !== "string" || name === "") throw new TypeError("job: name is missing");
  if (!Number.isInteger(urgency) || urgency < 0 || urgency > 9) {
    throw new TypeError(`job ${name}: urgency must be 0 to 9, not ${urgency}`);
  }
  if (typeof run !== "function") throw new TypeError(`job ${name}: run must be a function`);
  return Object.freeze({ name, urgency, deadline, run });
}

/** Most urgent first, then the earliest deadline. */
export const jobOrder = chain(reverse(by((job) => job.urgency)), by((job) => job.deadline));

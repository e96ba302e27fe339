/**
 * Takes jobs from the queue and runs them one after the other until the queue is empty.
 * A job may push others. Returns the names in the order in which they ran.
 */
export async function runShift(queue) {
  const names = [];
  while (queue.size > 0) {
    const job = queue.pop();
    names.push(job.name);
    await job.run(queue);
  }
  return names;
}

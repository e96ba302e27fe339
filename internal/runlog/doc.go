// Package runlog keeps a run as a log, and the log is the truth: what a report,
// a comparison or a resume needs is read from it, and every database is an
// index that can be deleted.
//
// A log is a folder or a bucket with three kinds of object:
//
//	manifest.json                  the resolved plan, with its own checksum
//	segments/WRITER-SEQ.jsonl      attempt records, append-only
//	segments/WRITER-FIRST-LAST.jsonl   the same records, merged
//	blobs/HEX, blobs/HEX.zst       patches, trajectories, logs, by SHA-256
//
// A segment is JSON lines: a head, one record a line with a checksum of its
// own, and a closing line with the count and the SHA-256 of all that stands
// before it. Blob stores cannot append, so a segment is one object, written
// once. Its name begins with the writer, which every process makes up for
// itself, so that shards that write into one log never collide; within a writer
// the sequence has no holes, so that a lost segment shows.
//
// The flow: Append hands its record to the group that waits, one goroutine
// writes a group as one segment and makes it durable, and only then do the
// group's Appends return. Close merges this writer's small segments. Reading
// takes two passes: the first verifies everything and notes per task.Key where
// the record that counts stands, the second decodes just those records. Memory
// is proportional to the keys, not to the records.
//
// A definitive record (solved, unsolved) beats an invalid one, and among equals
// the later wins. Records that stand in two segments, because a merge was cut
// off, count once.
//
// A segment that breaks off is tolerated where it is its writer's last one: it
// is what a crash leaves, and comes back as a Warning. Any other damage is a
// CorruptError that names segment and line.
//
// The package is not a database (nothing is changed or looked up by content)
// and no queue: it gives out no work and locks nothing. Checksums find accidents,
// not forgers, who can compute them too; signing a log is another package's job.
package runlog

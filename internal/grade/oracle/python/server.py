# The judge's server: reads jobs, judges the quick ones and forks for the others,
# and says how that ended. It itself compiles small sources, which it never runs.
# A job that is the end of it is given to another server as one to be careful
# with, which forks for it and leaves the compiling to the fork or the subject.
import bisect, collections, datetime, decimal, fractions, functools, gc, hashlib, heapq  # noqa: E401, preloaded
import json
import operator, random, re, resource, string, traceback, typing, warnings  # noqa: E401, preloaded

JOBS = {"check": job_check, "asserts": job_asserts, "evalplus": job_evalplus,
        "inprocess": job_inprocess, "folder": job_folder}


warnings.simplefilter("ignore")


def judged(channel, job):
    """Judges one job; the status that a process would end with."""
    random.seed(0)
    sys.setrecursionlimit(4000)
    link = Link(channel, job["kind"] != "folder")
    try:
        JOBS[job["kind"]](link, job)
        link.done()
    except BaseException as e:
        where = traceback.extract_tb(e.__traceback__)[-1]
        channel.send('{"op":"broken","message":%s}' % _safe("%s: %s (%s line %d)" % (type(e).__name__, e, where.filename, where.lineno)))
        return 3
    return 0


def child(channel, job):
    limit = job["cpu_s"]
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if job["kind"] == "inspect":
        job_inspect(channel, job)
        return 0
    return judged(channel, job)


# Tests of these kinds are a few statements over plain values. The server runs
# them itself: a fork costs more than they do. Each has names of its own.
QUICK = {"check", "asserts"}


def serve(subject_source):
    channel = Channel(os.dup(0), os.dup(1))
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    # The subject's program, compiled: starting it so costs a third less.
    code = marshal.dumps(compile(subject_source, "subject", "exec", dont_inherit=True))
    channel.send('{"subject":"%s"}' % _b64(code))
    gc.collect()
    gc.freeze()
    while True:
        text = channel.recv()
        if text is None:
            return
        job = json.loads(text)
        if job["kind"] == "inspect" and not job.get("careful"):
            job_inspect(channel, job)
            channel.send('{"end":0,"error":""}')
            continue
        prepare(job)
        if job["kind"] in QUICK and not job.get("careful"):
            status = judged(channel, job)
            channel.send('{"end":%d,"error":""}' % status)
            continue
        gc.freeze()
        pid = os.fork()
        if pid == 0:
            status = 5
            try:
                status = child(channel, job)
            finally:
                os._exit(status)
        _, status = os.waitpid(pid, 0)
        status = os.waitstatus_to_exitcode(status)
        why = "cpu" if status == -24 else ""
        channel.send('{"end":%d,"error":"%s"}' % (status, why))


serve(SUBJECT)

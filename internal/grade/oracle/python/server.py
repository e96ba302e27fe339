# The judge's server: reads jobs, judges the quick ones and forks for the others,
# and says how that ended. It itself compiles small sources, which it never runs.
# A job that is the end of it is given to another server as one to be careful
# with, which forks for it and leaves the compiling to the fork or the subject.
import bisect, collections, datetime, decimal, fractions, functools, gc, hashlib, heapq  # noqa: E401, preloaded
import json
import operator, random, re, resource, string, traceback, typing, warnings  # noqa: E401, preloaded

JOBS = {"check": job_check, "asserts": job_asserts, "inprocess": job_inprocess}


def job(kind):
    """The function for jobs of a kind. What is not always used is compiled when it
    first is."""
    if kind not in JOBS:
        exec(compile(LATER[kind], kind, "exec"), globals())
        JOBS[kind] = globals()["job_" + kind]
    return JOBS[kind]


warnings.simplefilter("ignore")


def judged(channel, task):
    """Judges one job; the status that a process would end with."""
    random.seed(0)
    sys.setrecursionlimit(4000)
    link = Link(channel, task["kind"] != "folder")
    try:
        job(task["kind"])(link, task)
        link.done()
    except BaseException as e:
        where = traceback.extract_tb(e.__traceback__)[-1]
        channel.send('{"op":"broken","message":%s}' % _safe("%s: %s (%s line %d)" % (type(e).__name__, e, where.filename, where.lineno)))
        return 3
    return 0


def child(channel, task):
    limit = task["cpu_s"]
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if task["kind"] == "inspect":
        job_inspect(channel, task)
        return 0
    return judged(channel, task)


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
        task = json.loads(text)
        kind = task["kind"]
        if kind == "inspect":
            if not task.get("careful"):
                job_inspect(channel, task)
                channel.send('{"end":0,"error":""}')
                continue
        else:
            job(kind)
            prepare(task)
        if kind in QUICK and not task.get("careful"):
            status = judged(channel, task)
            channel.send('{"end":%d,"error":""}' % status)
            continue
        gc.freeze()
        pid = os.fork()
        if pid == 0:
            status = 5
            try:
                status = child(channel, task)
            finally:
                os._exit(status)
        _, status = os.waitpid(pid, 0)
        status = os.waitstatus_to_exitcode(status)
        why = "cpu" if status == -24 else ""
        channel.send('{"end":%d,"error":"%s"}' % (status, why))


serve(SUBJECT)

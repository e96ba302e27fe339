# The interpreter of a nursery: it has started and imported already, and each
# request makes a fork of it in namespaces of its own: user, mount, pid, network,
# ipc and uts, with fresh writable folders, without privileges. It holds no
# secret, since forks share its memory as it was, and one fork runs at a time.
#
# A request is a message on descriptor 0 with limits as decimal numbers, and the
# fork's standard input, output and error beside it. It is answered by "started",
# with a descriptor of the fork's process beside it, and, when that is over, by
# how it ended.
import _socket
import array
import ctypes
import gc
import os
import resource
import sys
import time

_FILTER = bytes.fromhex("@FILTER@")
_CLONE = @CLONE@  # the number of the system call
_CAPSET = @CAPSET@
_NAMESPACES = 0x7C020000  # user, pid, net, ipc, uts, mount
_FLAGS = 6  # nosuid, nodev
_FOLDERS = ((b"/work", b"/tmp/w"), (b"/home/metr", b"/tmp/h"), (b"/dev/shm", b"/tmp/s"), (b"/tmp", b"/tmp/t"))
_libc = ctypes.PyDLL(None, use_errno=True)
_control = None


class _Prog(ctypes.Structure):
    _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


_prog = _Prog(len(_FILTER) // 8, _FILTER)
_capheader = (ctypes.c_uint32 * 2)(0x20080522, 0)
_capnone = (ctypes.c_uint32 * 6)()
_lo = ctypes.create_string_buffer(b"lo\0".ljust(16, b"\0") + b"\x41\0", 40)
_rlimits = ((resource.RLIMIT_CPU, 0), (resource.RLIMIT_DATA, 1), (resource.RLIMIT_FSIZE, 2), (resource.RLIMIT_NPROC, 3))


def _must(what, failed):
    if failed:
        raise OSError(ctypes.get_errno(), what)


def _write(path, text):
    fd = os.open(path, os.O_WRONLY)
    os.write(fd, text)
    os.close(fd)


def _enter(limits):
    """Makes the fork that it runs in a box."""
    _write("/proc/self/setgroups", b"deny")
    _write("/proc/self/uid_map", b"1000 1000 1")
    _write("/proc/self/gid_map", b"1000 1000 1")
    if _libc.mount(b"proc", b"/proc", b"proc", _FLAGS | 8, None):  # a container that hides parts of its own
        _must("mount /proc", _libc.mount(b"proc", b"/proc", b"proc", _FLAGS | 8, b"subset=pid"))
    # One file system of limited size, seen in four places.
    options = b"mode=755,uid=1000,gid=1000,nr_inodes=@FILES@,size=%d" % limits[4]
    _must("mount", _libc.mount(b"metr", b"/tmp", b"tmpfs", _FLAGS, options))
    for place, folder in _FOLDERS:
        os.mkdir(folder)
        _must("bind", _libc.mount(folder, place, None, 0x1000, None))
    s = _socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM | _socket.SOCK_CLOEXEC)
    _must("loopback", _libc.ioctl(s.fileno(), 0x8914, _lo))
    s.close()
    os.chdir("/home/metr")
    for which, n in _rlimits:
        resource.setrlimit(which, (limits[n], limits[n]))
    _write("/proc/self/oom_score_adj", b"1000")  # short of memory the fork goes, not the nursery
    _must("capset", _libc.syscall(_CAPSET, ctypes.byref(_capheader), ctypes.byref(_capnone)))
    _must("seccomp", _libc.prctl(22, 2, ctypes.byref(_prog), 0, 0))


def _serve(main):
    global _control
    _control = _socket.socket(fileno=os.dup(0))
    null = os.open("/dev/null", os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    room = _socket.CMSG_SPACE(3 * 4)
    before, parent, child = ctypes.pythonapi.PyOS_BeforeFork, ctypes.pythonapi.PyOS_AfterFork_Parent, ctypes.pythonapi.PyOS_AfterFork_Child
    clone = _libc.syscall
    gc.collect()
    gc.freeze()
    _control.send(b"ready")
    while True:
        data, beside, _, _ = _control.recvmsg(4096, room)
        if not data:
            return
        files = array.array("i")
        for _, _, fds in beside:
            files.frombytes(fds)
        before()
        pid = clone(_CLONE, _NAMESPACES | 17, 0, 0, 0, 0)
        if pid == 0:
            child()
            _child(main, data, files)
        parent()
        for fd in files:
            os.close(fd)
        if pid < 0:
            _control.send(b"failed %d" % ctypes.get_errno())
            continue
        try:
            fd = os.pidfd_open(pid)
            _control.sendmsg([b"started %d" % time.process_time_ns()], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, array.array("i", [fd]))])
            os.close(fd)
        finally:
            _, status, used = os.wait4(pid, 0)
        _control.send(b"ended %d %d %d" % (status, int((used.ru_utime + used.ru_stime) * 1e9), used.ru_maxrss * 1024))


def _child(main, data, files):
    status = 1
    try:
        try:
            for n in range(3):
                os.dup2(files[n], n)
            os.closerange(3, 64)
            _enter([int(n) for n in data.split()])
        except BaseException as e:
            os.write(2, b"metr: " + str(e).encode())
            os._exit(121)
        try:
            main()
            status = 0
        except SystemExit as e:
            status = e.code if type(e.code) is int else 0 if e.code is None else 1
        except BaseException:
            sys.excepthook(*sys.exc_info())
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status & 255)


# The program has names of its own, and is not told of these.
_program = {"__name__": "__main__"}
with open(sys.argv[1]) as f:
    exec(compile(f.read(), "program", "exec"), _program)
sys.argv = [""]
sys.path[:] = [p for p in sys.path if not p.startswith("/metr")]
_serve(_program["main"])

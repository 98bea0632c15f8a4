"""Runs one command and ends it as soon as this process's standard input closes.

    parent ──(pipe)──> supervisor ──> java
    parent dies, however ─> the pipe closes ─> the supervisor ends java
    parent writes KEEP   ─> java goes on until someone ends it, and the supervisor with it

A parent that is killed cannot clean up after itself, but its end of a pipe always closes. The
supervisor runs in a session of its own, so that Ctrl-C reaches the parent alone, which may then
still delete its tables. Run as a script: it imports nothing of the workbench, so it starts fast.
"""

import ctypes
import signal
import subprocess
import sys
import threading

GRACE_SECONDS = 5
KEEP = b"keep"
PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """On Linux, ask the kernel to end this process when the supervisor itself is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def end(child: subprocess.Popen[bytes]) -> None:
    """Ask the child to end, then make it."""
    child.terminate()
    try:
        child.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()


def main(command: list[str]) -> int:
    """Run the command until it ends or standard input closes; its exit code."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=die_with_parent)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())

    def wait_for_parent() -> None:
        if sys.stdin.buffer.read() != KEEP:
            end(child)

    threading.Thread(target=wait_for_parent, daemon=True).start()
    return child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

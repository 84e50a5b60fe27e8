"""How the Python checks report: one line an operation, `ok NAME` or `FAIL NAME reason`."""


def operation(name, step):
    """Runs `step`; whatever it raises becomes the reason of the failure."""
    try:
        step()
        print("ok", name, flush=True)
    except Exception as error:  # any way a client complains is a failed operation, not the end of the run
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        print("FAIL", name, reason, flush=True)


def expect(actual, wanted):
    if actual != wanted:
        raise AssertionError(f"got {str(actual)[:80]!r}, wanted {str(wanted)[:80]!r}")


def refused(step, *errors):
    """`step` must be refused: by one of the `errors`, or by a plain False."""
    try:
        answer = step()
    except errors:
        return
    expect(answer, False)


def large_value(size):
    """Bytes in which every 8-byte group differs, so that a lost or doubled piece cannot go unseen."""
    return b"".join(b"%07x " % i for i in range(size // 8 + 1))[:size]

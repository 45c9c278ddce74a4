"""The same with Python's pyroute2.

scan FILE ROUNDS   its own parser on the bytes: ns per message, a line for each round
list ROUNDS        IPRoute.get_links(): ns, a line for each round
hear NAME COUNT SILENCE_MS   events, as changes.c has them

pyroute2 makes objects of all attributes at once, and decodes the value of each when it is asked for. What is asked for
here is index, flags and name. The bytes are given to it in pieces of the size of a dump's datagrams: its messages are
garbage that only the collector frees, and of 2,000 at once that takes longer than the parsing.
"""

import errno
import resource
import select
import socket
import struct
import sys
import time

from pyroute2 import IPRoute
from pyroute2.netlink.rtnl import RTMGRP_LINK
from pyroute2.netlink.rtnl.marshal import MarshalRtnl


DATAGRAM = 32768
# include/uapi/asm-generic/socket.h
SO_RCVBUFFORCE = 33


def datagrams(data):
    """Whole messages, as many as the kernel puts into one datagram of a dump."""
    pieces = []
    start = end = 0
    while end < len(data):
        (length,) = struct.unpack_from("=I", data, end)
        after = end + ((length + 3) & ~3)
        if after - start > DATAGRAM:
            pieces.append(data[start:end])
            start = end
        end = after
    pieces.append(data[start:])
    return pieces


def taken(messages):
    """How many links there are, each with its index, flags and name looked at."""
    links = 0
    for message in messages:
        message["index"] + message["flags"] + len(message.get_attr("IFLA_IFNAME"))
        links += 1
    return links


def timed(rounds, work, per_link):
    """Does half as many rounds again before those that count, at least one."""
    for i in range(-max(1, rounds // 2), rounds):
        start = time.monotonic_ns()
        links = work()
        took = time.monotonic_ns() - start
        if i >= 0:
            print(took / links if per_link else took)


def used(who):
    usage = resource.getrusage(who)
    return int((usage.ru_utime + usage.ru_stime) * 1e6)


def hear(name, count, silence):
    """Prints `MTU NS` for each change that it heard of, then the CPU time since "ready"."""
    heard = []
    with IPRoute() as route:
        index = route.link_lookup(ifname=name)[0]
        route.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 * 1024 * 1024)
        route.bind(groups=RTMGRP_LINK)
        waiting = select.poll()
        waiting.register(route.fileno(), select.POLLIN)
        print("ready", flush=True)
        before = used(resource.RUSAGE_SELF)
        while len(heard) < count and waiting.poll(silence):
            try:
                messages = route.get()
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                continue  # the queue overflowed: what was lost is counted by the reader
            for message in messages:
                mtu = message.get_attr("IFLA_MTU")
                if message["index"] == index and mtu and (not heard or heard[-1][0] != mtu):
                    heard.append((mtu, time.monotonic_ns()))
        after = used(resource.RUSAGE_SELF)
    for mtu, at in heard:
        print(mtu, at)
    print("cpu self", after - before)
    print("cpu children", used(resource.RUSAGE_CHILDREN))


def main(arguments):
    if len(arguments) == 3 and arguments[0] == "scan":
        with open(arguments[1], "rb") as file:
            pieces = datagrams(file.read())
        marshal = MarshalRtnl()
        timed(int(arguments[2]), lambda: sum(taken(marshal.parse(piece)) for piece in pieces), True)
    elif len(arguments) == 2 and arguments[0] == "list":
        with IPRoute() as route:
            timed(int(arguments[1]), lambda: taken(route.get_links()), False)
    elif len(arguments) == 4 and arguments[0] == "hear":
        hear(arguments[1], int(arguments[2]), int(arguments[3]))
    else:
        print("scan FILE ROUNDS | list ROUNDS | hear NAME COUNT SILENCE_MS", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What programs of Python do with etcd: python3 client.py PORT

Ends with "all done" and 0, or with the first thing that was not as it should be.
"""
import sys
import threading
import time

import etcd3

client = etcd3.client(host="127.0.0.1", port=int(sys.argv[1]), timeout=20)


def close(closing):
    """Closes a client and waits for its watcher.

    That is a thread that the first watch starts and nothing stops: it opens its stream again
    whenever that ends, until the closed channel refuses it with a ValueError. Left alone, it may
    do so, and say so, at any moment before this program is gone.
    """
    closing.close()
    watcher = closing.watcher._callback_thread
    if watcher is not None:
        watcher.join(20)
        assert not watcher.is_alive()


def unexpected(fault):
    """Takes the faults that end threads: that of a watcher whose client was closed is no news."""
    if fault.exc_type is not ValueError or not fault.thread.name.startswith("etcd3_watch_"):
        threading.__excepthook__(fault)


threading.excepthook = unexpected


def values():
    client.put("kv/a", "1")
    client.put("kv/b", "2")
    assert client.get("kv/a")[0] == b"1"
    assert client.get("kv/none") == (None, None)
    assert [value for value, _ in client.get_prefix("kv/", sort_order="descend")] == [b"2", b"1"]
    assert client.replace("kv/a", "1", "changed")
    assert not client.replace("kv/a", "1", "again")
    assert client.put_if_not_exists("kv/c", "3")
    assert not client.put_if_not_exists("kv/c", "3")
    assert client.delete_prefix("kv/").deleted == 3


def transactions():
    def create():
        return client.transaction(
            compare=[client.transactions.version("txn") == 0],
            success=[client.transactions.put("txn", "mine")],
            failure=[client.transactions.get("txn")],
        )

    assert create()[0]
    succeeded, answers = create()
    assert not succeeded
    assert answers[0][0][0] == b"mine"


def watches():
    events, cancel = client.watch_prefix("w/")
    client.put("w/a", "1")
    client.put("w/a", "2")
    client.delete("w/a")
    heard = [next(events) for _ in range(3)]
    assert [type(event).__name__ for event in heard] == ["PutEvent", "PutEvent", "DeleteEvent"]
    assert [event.value for event in heard] == [b"1", b"2", b""]
    cancel()


def leases():
    lease = client.lease(10)
    client.put("leased", "v", lease=lease)
    for _ in range(4):
        time.sleep(3)
        assert lease.refresh()[0].TTL == 10
    assert client.get("leased")[0] == b"v"
    assert lease.keys == [b"leased"]
    assert 0 < lease.remaining_ttl <= 10
    lease.revoke()
    assert client.get("leased")[0] is None


def locks():
    """Not the client's own lock, which goes wrong with newer versions of what it is made of."""
    inside = []
    faults = []

    def contend(number):
        try:
            mine = etcd3.client(host="127.0.0.1", port=int(sys.argv[1]), timeout=20)
            lease = mine.lease(20)
            key = "lock/%x" % lease.id
            mine.transaction(
                compare=[mine.transactions.create(key) == 0],
                success=[mine.transactions.put(key, "", lease)],
                failure=[],
            )
            since = mine.get(key)[1].create_revision
            while True:
                before = [
                    meta.key
                    for _, meta in mine.get_prefix("lock/", sort_target="create")
                    if meta.create_revision < since
                ]
                if not before:
                    break
                gone = threading.Event()
                watch = mine.add_watch_callback(before[-1], lambda _: gone.set())
                if mine.get(before[-1])[1] is not None:
                    gone.wait(20)
                mine.cancel_watch(watch)
            inside.append(number)
            mine.put("locked", str(number))
            inside.append(number)
            lease.revoke()  # takes the key with it
            close(mine)
        except Exception as fault:  # of another thread
            faults.append(fault)

    contenders = [threading.Thread(target=contend, args=(i,)) for i in range(4)]
    for contender in contenders:
        contender.start()
    for contender in contenders:
        contender.join(60)
    assert not faults, faults
    assert len(inside) == 8, inside
    assert inside[0::2] == inside[1::2], inside


def server():
    assert client.status().version.startswith("3.7.")
    assert len(list(client.members)) == 1
    assert list(client.list_alarms()) == []
    assert client.hash() != 0
    client.defragment()


for step in (values, transactions, watches, leases, locks, server):
    step()
    print(step.__name__ + ": done", flush=True)
close(client)
print("all done", flush=True)

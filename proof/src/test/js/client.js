// What programs of Node do with etcd: node client.js 127.0.0.1:2379
// Ends with "all done" and 0, or with the first thing that was not as it should be.
const assert = require('assert');
const { Etcd3 } = require('etcd3');

const client = new Etcd3({ hosts: process.argv[2] });

/** Waits for a promise, but not for ever. */
async function soon(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('too late: ' + what)), 20000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function values() {
  await client.put('kv/a').value('1');
  await client.put('kv/b').value('2');
  assert.strictEqual(await client.get('kv/a').string(), '1');
  assert.strictEqual(await client.get('kv/none').string(), null);
  assert.deepStrictEqual(await client.getAll().prefix('kv/').strings(), { 'kv/a': '1', 'kv/b': '2' });
  assert.deepStrictEqual(
    await client.getAll().prefix('kv/').sort('Key', 'Descend').limit(1).keys(), ['kv/b']);
  assert.strictEqual(await client.getAll().prefix('kv/').count(), 2);
  const deleted = await client.delete().prefix('kv/');
  assert.strictEqual(Number(deleted.deleted), 2);
}

async function transactions() {
  const create = () =>
    client.if('txn', 'Version', '==', 0).then(client.put('txn').value('mine')).else(client.get('txn')).commit();
  const first = await create();
  const second = await create();
  assert.strictEqual(first.succeeded, true);
  assert.strictEqual(second.succeeded, false);
  assert.strictEqual(second.responses[0].response_range.kvs[0].value.toString(), 'mine');
  // Read, change, write if it is still what was read; again if it is not.
  await client.put('counter').value('0');
  const increment = () =>
    client.stm({ retries: 50 }).transact(async tx => {
      await tx.put('counter').value(Number(await tx.get('counter').number()) + 1);
    });
  await Promise.all([1, 2, 3, 4, 5].map(increment));
  assert.strictEqual(await client.get('counter').number(), 5);
}

async function watches() {
  const watcher = await client.watch().prefix('w/').withPreviousKV().create();
  const heard = [];
  const enough = new Promise(resolve => {
    watcher.on('put', kv => heard.push('put ' + kv.value.toString()));
    watcher.on('delete', (kv, previous) => {
      heard.push('delete after ' + previous.value.toString());
      resolve();
    });
  });
  await client.put('w/a').value('1');
  await client.put('w/a').value('2');
  await client.delete().key('w/a');
  await soon(enough, 'a watch');
  assert.deepStrictEqual(heard, ['put 1', 'put 2', 'delete after 2']);
  await watcher.cancel();
}

async function leases() {
  const lease = client.lease(5);
  await lease.put('leased').value('v');
  await new Promise(resolve => setTimeout(resolve, 7000)); // longer than it would last by itself
  assert.strictEqual(await client.get('leased').string(), 'v');
  await lease.revoke();
  assert.strictEqual(await client.get('leased').string(), null);
}

async function locks() {
  let inside = 0;
  let rounds = 0;
  const contender = async () => {
    for (;;) {
      const lock = client.lock('lock').ttl(10);
      try {
        await lock.acquire();
      } catch (e) {
        await new Promise(resolve => setTimeout(resolve, 20)); // this client does not wait itself
        continue;
      }
      assert.strictEqual(++inside, 1);
      await client.put('locked').value('x');
      inside--;
      rounds++;
      await lock.release();
      return;
    }
  };
  await soon(Promise.all([1, 2, 3, 4].map(contender)), 'locks');
  assert.strictEqual(rounds, 4);
}

async function elections() {
  const one = client.election('boss', 10).campaign('one');
  await soon(new Promise(resolve => one.on('elected', resolve)), 'an election');
  assert.strictEqual(await client.election('boss').leader(), 'one');
  await one.resign();
}

async function main() {
  for (const step of [values, transactions, watches, leases, locks, elections]) {
    await step();
    console.log(step.name + ': done');
  }
  client.close();
  console.log('all done');
}

main().catch(e => {
  console.error(e);
  process.exit(1);
});

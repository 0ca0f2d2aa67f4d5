// What any Redis client must be able to do here, told to one of two libraries:
//
//     node redis_story.js ioredis|node_redis 2|3 PORT
//
// The last number but one is the version of RESP. It says `restart me` on standard error and goes
// on when the daemon is back. NODE_PATH names the directory that the libraries were installed into.

'use strict'

const assert = require('node:assert')

const KEYS = 100000

async function pipeline(client) {
  const replies = await client.incrementMany('pipeline', 10000)
  assert.deepStrictEqual(replies, Array.from({ length: 10000 }, (_, i) => i + 1))
}

async function transaction(client, other) {
  assert.deepStrictEqual(await client.transaction('one'), ['OK', 2, '2'])
  await client.set('text', Buffer.from('no number'))
  await assert.rejects(client.incrementMany('text', 1), /not an integer or out of range/)
  await client.watch('watched')
  await other.set('watched', Buffer.from('changed'))
  assert.strictEqual(await client.transaction('two'), null)
  assert.strictEqual(await client.get('two'), null)
  assert.deepStrictEqual(await client.transaction('two'), ['OK', 2, '2'])
}

function nameOf(i) {
  return `scan:${String(i).padStart(6, '0')}`
}

async function scan(client) {
  for (let i = 0; i < KEYS; i += 1000) {
    const pairs = Array.from({ length: 1000 }, (_, j) => [nameOf(i + j), String(i + j)])
    assert.strictEqual(await client.setMany(pairs.flat()), 'OK')
  }
  const all = await client.scan('scan:*', 1000)
  assert.deepStrictEqual(all, Array.from({ length: KEYS }, (_, i) => nameOf(i)))
  const some = await client.scan('scan:0[3-4]?0*7', 10)
  const expected = all.filter((key) => /^scan:0[34].0.*7$/.test(key))
  assert.strictEqual(expected.length, 200)
  assert.deepStrictEqual(some, expected)
  assert.deepStrictEqual(await client.scan('absent*', 10), [])
}

async function bytes(client) {
  const every = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
  await client.set(every, every)
  assert(every.equals(await client.get(every)))
  const large = Buffer.alloc(10 * 1024 * 1024, every)
  await client.set('large', large)
  assert(large.equals(await client.get('large')))
}

async function restart(client) {
  await client.set('kept', Buffer.from('across'))
  const back = client.reconnected()
  console.error('restart me')
  await back
  assert.strictEqual(String(await client.get('kept')), 'across')
  assert.deepStrictEqual(await client.transaction('three'), ['OK', 2, '2'])
}

async function main([library, version, port]) {
  const { connect } = require(`./${library}.js`)
  const client = await connect(Number(port), Number(version))
  const other = await connect(Number(port), Number(version))
  await pipeline(client)
  await transaction(client, other)
  await scan(client)
  await bytes(client)
  await other.close()
  await restart(client)
  await client.close()
}

main(process.argv.slice(2)).catch((problem) => {
  console.error(problem)
  process.exit(1)
})
